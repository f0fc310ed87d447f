import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AutomaticGain } from '../../audio/automatic-gain.js';
import { measureLevel } from '../../audio/pcm.js';
import { readWav } from '../../audio/wav.js';
import { seededRandom } from '../../src/seeded-random.js';

const BLOCK = 480;
const { samples: speech } = readWav(
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'es-monologue.wav')),
);

/** Speech at an RMS level (pauses included) over white noise at another one. */
function recording(speechDbfs: number, noiseDbfs = -Infinity): Int16Array {
  const factor = 10 ** ((speechDbfs - measureLevel(speech).rmsDbfs) / 20);
  const noise = 32_768 * 10 ** (noiseDbfs / 20) * Math.sqrt(3);
  const random = seededRandom(1);
  return Int16Array.from(speech, (sample) => Math.round(sample * factor + noise * (random() * 2 - 1)));
}

function raised(samples: Int16Array): { out: Int16Array; gain: AutomaticGain } {
  const gain = new AutomaticGain();
  const out = samples.slice();
  for (let at = 0; at < out.length; at += BLOCK) gain.process(out.subarray(at, at + BLOCK));
  return { out, gain };
}

const levelOf = (samples: Int16Array, fromS: number, toS: number) =>
  measureLevel(samples.subarray(fromS * 48_000, toS * 48_000)).rmsDbfs;

describe('automatic gain', () => {
  it.each([-45, -50, -55])(
    'raises speech of %i dBFS to that of others, and says that it is very quiet',
    (dbfs) => {
      const { out, gain } = raised(recording(dbfs));
      expect(levelOf(out, 4, 12)).toBeGreaterThan(-37);
      expect(levelOf(out, 4, 12)).toBeLessThan(-20);
      expect(gain.gainDb).toBeLessThanOrEqual(24);
      expect(gain.isVeryQuiet).toBe(true);
    },
  );

  it('raises somebody’s first words within half a second', () => {
    const samples = recording(-45);
    const { out } = raised(samples);
    const from = samples.findIndex((sample) => Math.abs(sample) > 100) / 48_000;
    expect(levelOf(out, from + 0.5, from + 1.5) - levelOf(samples, from + 0.5, from + 1.5)).toBeGreaterThan(
      8,
    );
  });

  it.each([-20, -25])('leaves speech of %i dBFS as it is, to the bit', (dbfs) => {
    const samples = recording(dbfs);
    const { out, gain } = raised(samples);
    expect(Buffer.from(out.buffer).equals(Buffer.from(samples.buffer))).toBe(true);
    expect(gain.isVeryQuiet).toBe(false);
  });

  it.each([-70, -50, -40])('leaves steady noise of %i dBFS as it is', (dbfs) => {
    const samples = recording(-Infinity, dbfs);
    const { out, gain } = raised(samples);
    expect(levelOf(out, 1, 12)).toBeLessThan(dbfs + 1);
    expect(gain.isVeryQuiet).toBe(false);
  });

  it('never raises the background to the level of speech', () => {
    const { out } = raised(recording(-45, -62));
    const { out: noise } = raised(recording(-45, -62).map((sample, n) => (n < 48_000 * 10 ? sample : 0)));
    expect(levelOf(out, 4, 12)).toBeGreaterThan(-40);
    const quietest = Math.min(
      ...Array.from({ length: 800 }, (_, n) => levelOf(noise, 1 + n / 100, 1.01 + n / 100)),
    );
    expect(quietest).toBeLessThan(-46);
  });

  it('does not clip what comes suddenly loud', () => {
    const samples = recording(-50);
    for (let n = 48_000 * 8; n < 48_000 * 8 + 4_800; n++) samples[n] = Math.round(20_000 * Math.sin(n / 20));
    const { out } = raised(samples);
    const peak = out.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(peak).toBeLessThanOrEqual(29_500);
  });
});
