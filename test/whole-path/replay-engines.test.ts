/** Recordings through the continuous engine, on the embedded server. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineChoice } from '../../src/interpreter/plan/engine.js';
import { readCassette } from '../../src/replay/cassette/cassette-file.js';
import { createResponder } from '../../src/embedded/responder.js';
import type { ReplaySettings } from '../../src/replay/settings.js';
import { FIXTURES, run } from './replay-helpers.js';

const STATION = join(FIXTURES, 'es-where-is-the-station.wav');
const TWO_PHRASES = join(FIXTURES, 'es-two-phrases-pause.wav');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-engines-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const with_ = (asked: EngineChoice, changes: Partial<ReplaySettings> = {}): Partial<ReplaySettings> => ({
  engines: { asked, missing: new Map() },
  ...changes,
});

describe('a recording with the translate engine', () => {
  it('gives the phrases that it gives with the conversation engine', async () => {
    const book = await createResponder('phrasebook');
    const texts = async (asked: EngineChoice) => {
      const { file } = await run(TWO_PHRASES, join(dir, asked), with_(asked), book);
      expect(file.engine).toBe(asked);
      expect(file.warnings).toEqual([]);
      for (const { firstAudioDelayMs, interrupted } of file.turns) {
        expect(firstAudioDelayMs).toBeLessThan(2_000);
        expect(interrupted).toBe(false);
      }
      return file.turns.map(({ sourceText, translatedText }) => [sourceText, translatedText]);
    };
    const conversation = await texts('conversation');
    expect(conversation).toHaveLength(2);
    expect(await texts('translate')).toEqual(conversation);
  });

  it('is chosen by auto where it speaks the language, and refused where it was asked for and does not', async () => {
    expect((await run(STATION, dir, with_('auto', { to: 'de' }))).file.engine).toBe('translate');
    expect((await run(STATION, dir, with_('auto', { to: 'nl' }))).file.engine).toBe('conversation');
    await expect(run(STATION, dir, with_('translate', { to: 'nl' }))).rejects.toMatchObject({
      code: 'usage',
      message: 'the translate engine does not speak Nederlands: use --engine conversation, or auto',
    });
  });

  it('is kept in a cassette, and replayed from it without a server', async () => {
    const cassette = join(dir, 'station.cassette');
    const book = await createResponder('phrasebook');
    const kept = await run(STATION, join(dir, 'kept'), with_('translate', { saveCassette: cassette }), book);
    expect(readCassette(cassette).header.options).toMatchObject({ engine: 'translate' });
    const backend = { kind: 'cassette', path: cassette } as const;
    const again = await run(STATION, join(dir, 'again'), with_('translate', { backend }));
    expect(again.file.turns).toEqual(kept.file.turns);
    expect(again.wav.equals(kept.wav)).toBe(true);
    await expect(run(STATION, join(dir, 'other'), with_('conversation', { backend }))).rejects.toMatchObject({
      code: 'cassette_mismatch',
    });
  });

  it('is the same twice over, and its log holds no audio', async () => {
    const [first, second] = [
      await run(STATION, join(dir, '1'), with_('translate')),
      await run(STATION, join(dir, '2'), with_('translate')),
    ];
    expect(second.eventsText).toBe(first.eventsText);
    expect(second.wav.equals(first.wav)).toBe(true);
    expect(
      Math.max(
        ...readFileSync(first.outputs.events, 'utf8')
          .split('\n')
          .map(({ length }) => length),
      ),
    ).toBeLessThan(2_000);
  });
});
