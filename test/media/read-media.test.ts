import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeWav } from '../../audio/wav.js';
import { EXIT_CODES, ParleyError } from '../../src/errors.js';
import { readMedia } from './read-media.js';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const fixture = (name: string) => join(fixtures, name);

async function errorOf(reading: Promise<unknown>): Promise<ParleyError> {
  const error: unknown = await reading.then(
    () => new Error('it was read'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ParleyError);
  return error as ParleyError;
}

/** Peak of the cross-correlation of two mono signals over shifts of at most `maxShift` samples, 1 for equal ones. */
function similarity(a: Int16Array, b: Int16Array, maxShift: number): number {
  let best = 0;
  for (let shift = -maxShift; shift <= maxShift; shift++) {
    let dot = 0;
    let energyA = 0;
    let energyB = 0;
    for (let index = Math.max(0, -shift); index < Math.min(a.length, b.length - shift); index++) {
      dot += a[index]! * b[index + shift]!;
      energyA += a[index]! ** 2;
      energyB += b[index + shift]! ** 2;
    }
    best = Math.max(best, dot / Math.sqrt(energyA * energyB));
  }
  return best;
}

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'media-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('recordings', () => {
  const wavs = readdirSync(fixtures).filter((name) => name.endsWith('.wav'));

  it.each(wavs)('%s is read without a warning', async (name) => {
    const media = await readMedia(fixture(name));
    expect(media.warnings).toEqual([]);
    expect(media.samples.length).toBe((media.durationMs * media.sampleRateHz) / 1000);
  });

  it.each([
    ['mp3', 24_000, 'mp3'],
    ['opus', 48_000, 'opus'],
    ['ogg', 48_000, 'vorbis'],
    ['m4a', 48_000, 'aac'],
    ['webm', 48_000, 'opus'],
    ['flac', 24_000, 'flac'],
    ['amr', 8_000, 'amr_nb'],
    ['wav49.wav', 8_000, 'gsm_ms'],
  ])('%s is decoded at its own rate and sounds like the WAV', async (extension, sampleRateHz, encoding) => {
    const media = await readMedia(fixture(`formats/es-where-is-the-station.${extension}`));
    expect(media).toMatchObject({ sampleRateHz, encoding, warnings: [] });
    expect(Math.abs(media.durationMs - 3555)).toBeLessThan(25);
    const original = await readMedia(fixture('es-where-is-the-station-float32.wav'));
    const step = 48_000 / sampleRateHz;
    const reference = original.samples.filter((_, index) => index % step === 0);
    const part = media.samples.subarray(0, 2 * sampleRateHz);
    // Opus at 24 kb/s keeps the sound, not the waveform; the others keep both.
    const least = ['opus', 'amr_nb', 'gsm_ms'].includes(encoding) ? 0.8 : 0.95;
    expect(similarity(part, reference.subarray(0, part.length), 40)).toBeGreaterThan(least);
  });

  it('is told by its content, whatever its name says, and from bytes as well', async () => {
    const path = join(scratch, 'wrong-name.wav');
    writeFileSync(path, readFileSync(fixture('formats/es-where-is-the-station.flac')));
    expect((await readMedia(path)).encoding).toBe('flac');
    const bytes = readFileSync(fixture('formats/es-where-is-the-station.flac'));
    expect((await readMedia(bytes)).encoding).toBe('flac');
  });

  it('a WAV at a rate that the live path does not take is converted to 48 kHz', async () => {
    const samples = Int16Array.from(
      { length: 22_050 },
      (_, index) => 8000 * Math.sin((index * 2 * Math.PI) / 50),
    );
    const media = await readMedia(writeWav({ sampleRateHz: 22_050, channelCount: 1, samples }));
    expect(media).toMatchObject({
      sampleRateHz: 48_000,
      encoding: '16-bit PCM',
      warnings: [],
    });
    expect(Math.abs(media.durationMs - 1000)).toBeLessThan(1);
    const tone = Int16Array.from(
      media.samples,
      (_, index) => 8000 * Math.sin((index * 2 * Math.PI * 441) / 48_000),
    );
    expect(similarity(media.samples.subarray(4800, 43_200), tone.subarray(4800, 43_200), 60)).toBeGreaterThan(
      0.999,
    );
  });
});

it('channels are mixed to one, at the level of those that have sound', async () => {
  const samples = Int16Array.from({ length: 6 * 2205 }, (_, index) => (index % 6 < 2 ? 4000 : 0));
  const media = await readMedia(writeWav({ sampleRateHz: 22_050, channelCount: 6, samples }));
  expect(media.samples.length).toBe(4800);
  expect(media.samples[2400]).toBeGreaterThan(3900);
});

describe('recordings cut short are read as far as they go', () => {
  const CUT = /^the file is cut short: (\d\.\d\d) s of 3\.\d\d s read$/;
  const NO_END = /^the file has no proper end and may be cut short: (\d\.\d\d) s read$/;

  it.each([
    ['half.wav', CUT],
    ['half.mp3', CUT],
    ['half.flac', CUT],
    ['half.webm', CUT],
    ['half.ogg', NO_END],
    ['half.opus', NO_END],
  ])('%s', async (name, pattern) => {
    const { warnings, durationMs } = await readMedia(fixture(`truncated/${name}`));
    expect(warnings).toHaveLength(1);
    const match = pattern.exec(warnings[0]!);
    expect(warnings[0]).toMatch(pattern);
    expect(Number(match![1])).toBeCloseTo(durationMs / 1000, 1);
    expect(durationMs).toBeGreaterThan(500);
    expect(durationMs).toBeLessThan(2200);
  });

  it('damage in the middle is named', async () => {
    const bytes = readFileSync(fixture('formats/es-where-is-the-station.flac'));
    bytes.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 600);
    const { warnings } = await readMedia(bytes);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^parts of the file are damaged|^the file is cut short/);
  });
});

it.each(readdirSync(fixture('formats')))(
  '%s with bytes changed at random is read or refused, never more',
  async (name) => {
    const original = readFileSync(fixture(`formats/${name}`));
    const changes = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), {
      minLength: 5,
      maxLength: 40,
    });
    for (const [round, mutations] of fc.sample(changes, { seed: 7, numRuns: 3 }).entries()) {
      const bytes = Buffer.from(original);
      // The first round spares nothing, the others leave the magic number and most of the header alone.
      for (const [offset, value] of mutations)
        bytes[round === 0 ? offset % 400 : Math.max(400, offset)] = value;
      try {
        expect((await readMedia(bytes)).durationMs).toBeLessThan(60_000);
      } catch (error) {
        expect(error).toBeInstanceOf(ParleyError);
        expect((error as ParleyError).message).not.toMatch(/\p{Cc}/u);
      }
    }
  },
);

describe('what cannot be read', () => {
  const corrupt = readdirSync(fixture('corrupt'));

  it('covers every way in which a file can be broken', () => {
    expect(corrupt.length).toBeGreaterThan(30);
  });

  it.each(corrupt)('%s: one clear line', async (name) => {
    const error = await errorOf(readMedia(fixture(`corrupt/${name}`)));
    expect(EXIT_CODES[error.code]).toBe(65);
    expect(error.message).toMatch(/^cannot read [^\n]*fixtures\/corrupt\/[^\n]*: [^\n]+; [^\n]+$/);
    expect(error.message).toContain(name);
    expect(error.message).not.toMatch(/undefined|NaN|\[object/);
  });

  it.each(['playlist.m3u8', 'concat-list.txt', 'page.webm', 'text.mp3'])(
    '%s is text and never decoded',
    async (name) => {
      const error = await errorOf(readMedia(fixture(`corrupt/${name}`), { deadlineMs: 0 }));
      expect(error.message).toMatch(/holds text/);
    },
  );

  it('a missing file', async () => {
    const error = await errorOf(readMedia(join(scratch, 'nothing.wav')));
    expect(error.code).toBe('input_missing');
    expect((await errorOf(readMedia(join(fixture('noise.wav'), 'inside')))).code).toBe('input_missing');
  });

  it('a directory, a named pipe, a device', async () => {
    expect((await errorOf(readMedia(scratch))).message).toMatch(/is a directory/);
    const pipe = join(scratch, 'pipe.wav');
    execFileSync('mkfifo', [pipe]);
    expect((await errorOf(readMedia(pipe))).message).toMatch(/not a regular file/);
    expect((await errorOf(readMedia('/dev/zero'))).message).toMatch(/not a regular file/);
  });

  it('a name with control characters reaches no terminal as such', async () => {
    const name = join(scratch, 'a\u001b[2J\nb\u202Egpj.wav');
    const missing = await errorOf(readMedia(name));
    expect(missing.message).toContain('a\\u{1b}[2J\\u{a}b\\u{202e}gpj.wav');
    writeFileSync(name, 'RIFF');
    expect((await errorOf(readMedia(name))).message).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });

  it('a NUL in the path', async () => {
    expect((await errorOf(readMedia('a\0b.wav'))).code).toBe('input_unusable');
  });

  it('what takes too long', async () => {
    const error = await errorOf(readMedia(fixture('formats/es-where-is-the-station.mp3'), { deadlineMs: 1 }));
    expect(error.message).toMatch(/not done after 0\.001 s; convert it to a WAV/);
  });

  it('what claims to be longer than fits is refused before it is decoded', async () => {
    const bytes = readFileSync(fixture('formats/es-where-is-the-station.flac'));
    bytes.writeUInt32BE(24_000 * 3600 * 9, 22); // STREAMINFO: the lower 32 bits of the number of samples
    const error = await errorOf(readMedia(bytes, { name: 'long.flac' }));
    expect(error.message).toBe('cannot read long.flac: it is longer than six hours; split it');
  });
});
