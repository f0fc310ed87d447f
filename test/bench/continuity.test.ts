import { describe, expect, it } from 'vitest';
import { compareSignals } from './continuity.js';
import { NOISE_RATE_HZ, OnsetDetector, speechShapedNoise, tone } from './signals.js';

const sent = { samples: speechShapedNoise(5_000), sampleRateHz: NOISE_RATE_HZ };
const ms = (durationMs: number): number => (durationMs * NOISE_RATE_HZ) / 1000;

/** `lead` of silence, then these parts of the signal, in milliseconds. */
function heard(parts: readonly [fromMs: number, toMs: number][], leadMs = 137) {
  const pieces = [
    new Int16Array(ms(leadMs)),
    ...parts.map(([from, to]) => sent.samples.slice(ms(from), ms(to))),
  ];
  const samples = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, ms(200)));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { samples, sampleRateHz: NOISE_RATE_HZ };
}

describe('comparing what was heard with what was sent', () => {
  it('finds nothing where nothing is wrong', () => {
    const result = compareSignals(sent, heard([[0, 5_000]]))!;
    expect(result).toMatchObject({ gaps: 0, repeats: 0, damagedBlocks: 0 });
    expect(result.medianMatch).toBeGreaterThan(0.99);
    expect(result.comparedMs).toBeGreaterThan(4_500);
  });

  it('finds 10 ms that are missing, and 20 ms that were heard twice', () => {
    const gap = compareSignals(
      sent,
      heard([
        [0, 2_010],
        [2_020, 5_000],
      ]),
    )!;
    expect(gap).toMatchObject({ gaps: 1, repeats: 0, damagedBlocks: 0 });
    expect(gap.gapMs).toBeCloseTo(10, 0);
    const repeat = compareSignals(
      sent,
      heard([
        [0, 2_010],
        [1_990, 5_000],
      ]),
    )!;
    expect(repeat).toMatchObject({ gaps: 0, repeats: 1, damagedBlocks: 0 });
    expect(repeat.repeatMs).toBeCloseTo(20, 0);
  });

  it('finds a stretch that was replaced by silence', () => {
    const recording = heard([[0, 5_000]]);
    recording.samples.fill(0, ms(137 + 3_000), ms(137 + 3_080));
    const result = compareSignals(sent, recording)!;
    expect(result.damagedBlocks).toBeGreaterThanOrEqual(1);
    expect(result).toMatchObject({ gaps: 0, repeats: 0 });
  });

  it('finds 150 ms of silence that was put in between, and the rest behind it', () => {
    const recording = heard([
      [0, 2_000],
      [1_850, 5_000],
    ]);
    recording.samples.fill(0, ms(137 + 2_000), ms(137 + 2_150));
    const result = compareSignals(sent, recording)!;
    expect(result).toMatchObject({ gaps: 0, repeats: 1 });
    expect(result.repeatMs).toBeCloseTo(150, 0);
  });

  it('says when the signal is not there', () => {
    expect(compareSignals(sent, { samples: tone(440, 5_000, 48_000), sampleRateHz: 48_000 })).toBeUndefined();
  });
});

describe('the beginning of a sound', () => {
  it('is found once, after quiet only', () => {
    const detector = new OnsetDetector();
    const silence = new Int16Array(480);
    const sound = tone(1_000, 10, 48_000);
    for (let n = 0; n < 25; n++) expect(detector.begins(silence, 48_000)).toBe(false);
    expect(detector.begins(sound, 48_000)).toBe(true);
    expect(detector.begins(sound, 48_000)).toBe(false);
    for (let n = 0; n < 24; n++) expect(detector.begins(silence, 48_000)).toBe(false);
    expect(detector.begins(sound, 48_000)).toBe(false); // not quiet for long enough
  });
});
