import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AudioError,
  loadResampler,
  loadSpeechDetector,
  SpeechDetector,
  type SpeechChange,
} from '../../audio/index.js';
import { seededRandom } from '../../src/seeded-random.js';
import { amplitudeOf, concat, noise, tone } from './signals.js';

beforeAll(() => Promise.all([loadResampler(), loadSpeechDetector()]));

/**
 * A voice of a kind: glottal pulses at a wandering pitch through three formants, in syllables of 180 ms with dips of 40 ms.
 */
function voice(durationMs: number, sampleRateHz: number, dbfs = -12): Int16Array {
  const random = seededRandom(42);
  const formants = [
    { hz: 650, width: 90 },
    { hz: 1150, width: 110 },
    { hz: 2500, width: 160 },
  ].map(({ hz, width }) => {
    const radius = Math.exp((-Math.PI * width) / sampleRateHz);
    return { a: 2 * radius * Math.cos((2 * Math.PI * hz) / sampleRateHz), b: -radius * radius, y1: 0, y2: 0 };
  });
  const raw = new Float64Array((durationMs * sampleRateHz) / 1000);
  let phase = 0;
  for (let n = 0; n < raw.length; n++) {
    const seconds = n / sampleRateHz;
    phase += (120 + 15 * Math.sin(2 * Math.PI * 3 * seconds)) / sampleRateHz;
    if (phase >= 1) phase -= 1;
    // The flow rises slowly and falls fast; its slope is what excites the tract.
    let excitation = (phase < 0.6 ? 0.1 : phase < 0.7 ? -1 : 0) + (random() - 0.5) * 0.01;
    const inSyllable = (seconds * 1000) % 220;
    excitation *= inSyllable < 180 ? 1 : 0.1;
    for (const formant of formants) {
      const y = excitation + formant.a * formant.y1 + formant.b * formant.y2;
      formant.y2 = formant.y1;
      formant.y1 = y;
      raw[n] = raw[n]! + y;
    }
  }
  const peak = raw.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return Int16Array.from(raw, (value) => Math.round((value / peak) * amplitudeOf(dbfs)));
}

const RATES = [16_000, 24_000, 48_000] as const;
const silence = (durationMs: number, sampleRateHz: number) =>
  new Int16Array((durationMs * sampleRateHz) / 1000);

function detect(
  samples: Int16Array,
  sampleRateHz: (typeof RATES)[number],
  options: ConstructorParameters<typeof SpeechDetector>[1] = {},
  chunkSamples = sampleRateHz / 100,
): SpeechChange[] {
  const detector = new SpeechDetector(sampleRateHz, options);
  const changes: SpeechChange[] = [];
  for (let start = 0; start < samples.length; start += chunkSamples) {
    detector.push(samples.subarray(start, start + chunkSamples), (change) => changes.push(change));
  }
  detector.close();
  return changes;
}

describe.each(RATES)('at %d Hz', (rate) => {
  const turn = concat([silence(500, rate), voice(1500, rate), silence(700, rate)]);

  it('finds one stretch of speech between silences, with the times of the speech itself', () => {
    const changes = detect(turn, rate);
    expect(changes.map(({ kind }) => kind)).toEqual(['started', 'stopped']);
    expect(Math.abs(changes[0]!.atMs - 500)).toBeLessThanOrEqual(30);
    expect(changes[1]!.atMs).toBeGreaterThanOrEqual(1990);
    expect(changes[1]!.atMs).toBeLessThanOrEqual(2120);
  });

  it('tells how long there has been no voice, in pauses too short to end speech as well', () => {
    const detector = new SpeechDetector(rate);
    const samples = concat([voice(1500, rate), silence(160, rate), voice(500, rate), silence(400, rate)]);
    const pauses: number[] = [];
    for (let at = 0; at < samples.length; at += rate / 100) {
      detector.push(samples.subarray(at, at + rate / 100));
      pauses.push(detector.pauseMs);
    }
    expect(Math.abs(pauses[1650 / 10 - 1]! - 150)).toBeLessThanOrEqual(30);
    expect(detector.pauseMs).toBeGreaterThanOrEqual(370);
    expect(detector.pauseMs).toBeLessThanOrEqual(430);
    expect(pauses.slice(170, 200).every((pauseMs) => pauseMs === 0)).toBe(true);
    detector.close();
  });

  it('finds it over a floor of noise, 30 dB below, once it has got used to the noise', () => {
    const lead = 2000;
    const noisy = concat([silence(lead, rate), turn]);
    const floor = noise(noisy.length, -42, 9);
    const changes = detect(
      noisy.map((sample, i) => sample + floor[i]!),
      rate,
    ).filter(({ atMs }) => atMs > lead);
    expect(changes.map(({ kind }) => kind)).toEqual(['started', 'stopped']);
    expect(Math.abs(changes[0]!.atMs - lead - 500)).toBeLessThanOrEqual(30);
    expect(Math.abs(changes[1]!.atMs - lead - 2000)).toBeLessThanOrEqual(120);
  });

  it('finds none in silence or faint noise', () => {
    expect(detect(silence(3000, rate), rate)).toEqual([]);
    expect(detect(noise(rate * 3, -70, 4), rate)).toEqual([]);
  });

  it('takes steady noise for speech for a moment at most', () => {
    const changes = detect(noise(rate * 5, -30, 5), rate, { aggressiveness: 3 });
    const ended = changes.at(-1);
    expect(ended?.kind ?? 'stopped').toBe('stopped');
    expect(ended?.atMs ?? 0).toBeLessThan(500);
  });

  it('does not take clicks for a start, nor add them up', () => {
    const click = concat([silence(300, rate), tone(800, -6, rate, rate / 1000)]);
    const clicks = concat([click, click, click, click, click, silence(500, rate)]);
    expect(detect(clicks, rate, { onsetMs: 150 })).toEqual([]);
    expect(detect(clicks, rate, { onsetMs: 10 })).not.toEqual([]);
  });

  it('gives the same result however the audio is cut', () => {
    const whole = detect(turn, rate);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: rate / 5 }), (chunkSamples) => {
        expect(detect(turn, rate, {}, chunkSamples)).toEqual(whole);
      }),
      { seed: 20261120, numRuns: 20 },
    );
  });

  it('bridges pauses shorter than its hang-over, and only those', () => {
    const twoParts = concat([voice(600, rate), silence(400, rate), voice(600, rate), silence(900, rate)]);
    expect(detect(twoParts, rate, { hangoverMs: 600 }).map(({ kind }) => kind)).toEqual([
      'started',
      'stopped',
    ]);
    expect(detect(twoParts, rate, { hangoverMs: 100 }).map(({ kind }) => kind)).toEqual([
      'started',
      'stopped',
      'started',
      'stopped',
    ]);
  });

  it('backdates a start by what it took to be sure of it', () => {
    const quick = detect(turn, rate, { onsetMs: 10 })[0]!;
    const slow = detect(turn, rate, { onsetMs: 150 })[0]!;
    expect(Math.abs(slow.atMs - quick.atMs)).toBeLessThanOrEqual(30);
  });

  it('says at each push whether speech is going on', () => {
    const detector = new SpeechDetector(rate);
    expect(detector.push(silence(500, rate))).toBe(false);
    expect(detector.push(voice(500, rate))).toBe(true);
    expect(detector.speaking).toBe(true);
    expect(detector.push(silence(700, rate))).toBe(false);
    expect(detector.speaking).toBe(false);
    detector.close();
  });
});

describe('SpeechDetector', () => {
  it('keeps the states of instances apart', () => {
    const rate = 16_000;
    const speech = voice(1000, rate);
    const one = new SpeechDetector(rate);
    const other = new SpeechDetector(rate);
    for (let start = 0; start < speech.length; start += 160) {
      one.push(speech.subarray(start, start + 160));
      expect(other.push(silence(10, rate))).toBe(false);
    }
    expect(one.speaking).toBe(true);
    one.close();
    other.close();
  });

  it('is stricter the more aggressive it is', () => {
    const rate = 16_000;
    const noisy = noise(rate * 4, -24, 8);
    const voicedMs = ([0, 3] as const).map((aggressiveness) => {
      let total = 0;
      let since = 0;
      for (const { kind, atMs } of detect(noisy, rate, { aggressiveness, hangoverMs: 10, onsetMs: 10 })) {
        if (kind === 'started') since = atMs;
        else total += atMs - since;
      }
      return total;
    });
    expect(voicedMs[1]).toBeLessThan(voicedMs[0]! / 2);
  });

  it.each([8000, 32_000, 44_100, 0, NaN])('refuses %d Hz in one line', (rate) => {
    const attempt = () => new SpeechDetector(rate as 16_000);
    expect(attempt).toThrow(AudioError);
    expect(attempt).toThrow(`speech is detected at 16000, 24000 or 48000 Hz, not ${rate}: resample`);
  });

  it.each([
    [{ aggressiveness: 4 as 3 }, 'aggressiveness must be 0 to 3, got 4'],
    [{ onsetMs: 0 }, 'onsetMs must be a multiple of 10, got 0'],
    [{ onsetMs: 15 }, 'onsetMs must be a multiple of 10, got 15'],
    [{ hangoverMs: -10 }, 'hangoverMs must be a multiple of 10, got -10'],
    [{ hangoverMs: NaN }, 'hangoverMs must be a multiple of 10, got NaN'],
  ])('refuses options %o', (options, message) => {
    expect(() => new SpeechDetector(16_000, options)).toThrow(message);
  });

  it('refuses to be used after close, and closes twice without harm', () => {
    const detector = new SpeechDetector(16_000);
    detector.close();
    detector.close();
    expect(() => detector.push(new Int16Array(160))).toThrow('this speech detector is closed');
  });
});
