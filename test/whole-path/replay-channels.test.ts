import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWav, writeWav } from '../../audio/wav.js';
import { createResponder } from '../../src/embedded/responder.js';
import { parseSrt } from '../captions/parse.js';
import { FIXTURES, run } from './replay-helpers.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-channels-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const samplesOf = (name: string) => readWav(readFileSync(join(FIXTURES, name))).samples;

/** A call: both people talk at once, each on a channel. */
function writeCall(): string {
  const [left, right] = [
    samplesOf('es-where-is-the-station-16000-8bit.wav'),
    samplesOf('es-where-is-the-station-16000-8bit.wav'),
  ];
  const later = 16_000;
  const samples = new Int16Array((left.length + later + 16_000) * 2);
  left.forEach((sample, index) => (samples[index * 2] = sample));
  right.forEach((sample, index) => (samples[(index + later) * 2 + 1] = sample));
  const path = join(dir, 'call.wav');
  writeFileSync(path, writeWav({ sampleRateHz: 16_000, channelCount: 2, samples }));
  return path;
}

describe('channels as speakers', () => {
  it('are each recognised, although both talk at once', async () => {
    const phrasebook = await createResponder('phrasebook');
    const { file, outputs } = await run(
      writeCall(),
      join(dir, 'out'),
      { channels: 'split', bargeIn: 'off' },
      phrasebook,
    );
    expect(file.warnings).toEqual([]);
    expect(file.turns.map(({ speaker, translatedText }) => [speaker, translatedText])).toEqual([
      ['Ana 1', 'Where is the nearest train station?'],
      ['Ana 2', 'Where is the nearest train station?'],
    ]);
    expect(file.turns[1]!.startMs - file.turns[0]!.startMs).toBeCloseTo(1000, -2);
    const cues = parseSrt(readFileSync(outputs.translatedSrt, 'utf8'));
    expect(cues).toHaveLength(2);
    expect(cues[0]!.endMs).toBeLessThanOrEqual(cues[1]!.startMs);
  });

  it('are mixed without --channels, and it is told that they differ', async () => {
    const { file } = await run(writeCall(), join(dir, 'out'));
    expect(new Set(file.turns.map(({ speaker }) => speaker))).toEqual(new Set(['Ana']));
    expect(file.warnings.join()).toMatch(/its two channels differ/);
  });
});

describe('speech without a pause', () => {
  it('is translated in pieces, with cues of at most eight seconds that do not overlap', async () => {
    const phrase = samplesOf('es-where-is-the-station-16000-8bit.wav').subarray(0.32 * 16_000, 2.8 * 16_000);
    const samples = new Int16Array(phrase.length * 12);
    for (let index = 0; index < 12; index++) samples.set(phrase, index * phrase.length);
    const path = join(dir, 'long.wav');
    writeFileSync(path, writeWav({ sampleRateHz: 16_000, channelCount: 1, samples }));
    const { file, outputs } = await run(path, join(dir, 'out'), { bargeIn: 'off' });
    expect(file.turns.length).toBeGreaterThanOrEqual(2);
    for (const { startMs, endMs } of file.turns) expect(endMs - startMs).toBeLessThanOrEqual(15_500);
    for (const srt of [outputs.saidSrt, outputs.translatedSrt]) {
      const cues = parseSrt(readFileSync(srt, 'utf8'));
      expect(cues.length).toBeGreaterThanOrEqual(file.turns.length);
      cues.forEach(({ startMs, endMs }, index) => {
        expect(endMs - startMs).toBeLessThanOrEqual(8_000);
        expect(endMs).toBeLessThanOrEqual(cues[index + 1]?.startMs ?? Infinity);
      });
    }
  });
});
