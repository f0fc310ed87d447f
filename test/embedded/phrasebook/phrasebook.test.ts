import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { writeWav } from '../../../audio/wav.js';
import { loadPhrasebook } from '../../../src/embedded/phrasebook/phrasebook.js';
import { loadBook, renderingsOf } from './book.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phrasebook-'));
  await mkdir(join(folder, 'book'));
  await writeFile(join(folder, 'outside.wav'), writeWav({ sampleRateHz: 24_000, channelCount: 1, samples }));
  await writeFile(
    join(folder, 'book', 'in.wav'),
    writeWav({ sampleRateHz: 24_000, channelCount: 1, samples }),
  );
});
afterEach(() => rm(folder, { recursive: true }));

const samples = Int16Array.from({ length: 24_000 }, (_, i) => i % 1000);
const bookOf = (audio: string, language = 'es') => ({
  phrases: [{ id: 'hello', renderings: { [language]: { text: 'Hola', audio } } }],
});

async function load(content: unknown) {
  const path = join(folder, 'book', 'phrasebook.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return loadPhrasebook(path);
}

describe('a phrasebook file', () => {
  it('is read with its recordings', async () => {
    const rendering = (await load(bookOf('in.wav'))).get('hello')!.get('es')!;
    expect(rendering).toMatchObject({ phraseId: 'hello', language: 'es', text: 'Hola' });
    expect(Buffer.from(rendering.pcm24k.buffer, rendering.pcm24k.byteOffset, 48_000)).toEqual(
      Buffer.from(samples.buffer),
    );
  });

  it('of this package holds each phrase in four languages', async () => {
    const book = await loadBook();
    expect(book.size).toBeGreaterThanOrEqual(10);
    for (const renderings of book.values())
      expect([...renderings.keys()].sort()).toEqual(['de', 'en', 'es', 'fr']);
    expect(new Set(renderingsOf(book).map(({ text }) => text)).size).toBe(4 * book.size);
  });

  it.each([['../outside.wav'], ['sub/../../outside.wav'], ['/etc/hostname'], ['..']])(
    'may not lead out of its folder: %s',
    async (audio) => {
      await expect(load(bookOf(audio))).rejects.toMatchObject({
        code: 'input_unusable',
        message: expect.stringContaining("leads out of the phrasebook's folder") as string,
      });
    },
  );

  it.each([
    ['no JSON', '{', /JSON/],
    ['no phrases', { phrases: [] }, /phrases/],
    ['not a book', [], /expected object/],
    ['a language name instead of a subtag', bookOf('in.wav', 'Spanish'), /renderings/],
    ['a missing recording', bookOf('missing.wav'), /"missing.wav" cannot be read/],
    ['a recording that is none', bookOf('phrasebook.json'), /"phrasebook.json": /],
    [
      'two phrases of one id',
      { phrases: [...bookOf('in.wav').phrases, ...bookOf('in.wav').phrases] },
      /ids must differ/,
    ],
  ])('is refused in one line: %s', async (_what, content, message) => {
    const error: unknown = await load(content).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: 'input_unusable',
      message: expect.stringMatching(message) as string,
    });
    expect((error as Error).message).not.toContain('\n');
  });

  it('must hold 24 kHz mono of a sensible length', async () => {
    const write = (sampleRateHz: number, channelCount: number, content: Int16Array) =>
      writeFile(join(folder, 'book', 'odd.wav'), writeWav({ sampleRateHz, channelCount, samples: content }));
    await write(48_000, 1, samples);
    await expect(load(bookOf('odd.wav'))).rejects.toThrow(/must be 24 kHz mono, not 48000 Hz/);
    await write(24_000, 2, samples);
    await expect(load(bookOf('odd.wav'))).rejects.toThrow(/must be 24 kHz mono/);
    await write(24_000, 1, new Int16Array(16 * 24_000));
    await expect(load(bookOf('odd.wav'))).rejects.toThrow(/must last up to 15 s/);
  });

  it('that is not there is said to be missing', async () => {
    await expect(loadPhrasebook(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'input_missing' });
  });
});
