import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AudioError,
  loadResampler,
  measureLevel,
  StreamingResampler,
  SUPPORTED_RATES_HZ,
} from '../../audio/index.js';
import { amplitudeOf, concat, dB, expectSameSamples, fitSine, noise, tone, tones } from './signals.js';

beforeAll(loadResampler);

/** Converts in frames of 10 ms, as live audio comes. */
type Taps = 128 | 80 | 32;

function inFrames(
  input: Int16Array,
  inputRateHz: number,
  outputRateHz: number,
  taps: Taps = 128,
): Int16Array {
  const resampler = new StreamingResampler(inputRateHz, outputRateHz, { taps });
  const frameSamples = inputRateHz / 100;
  const parts: Int16Array[] = [];
  for (let start = 0; start < input.length; start += frameSamples) {
    parts.push(resampler.process(input.subarray(start, start + frameSamples)).slice());
  }
  resampler.close();
  return concat(parts);
}

/** Output without the filter's onset and one second long, so that whole Hz are orthogonal. */
function steadySecond(
  list: Parameters<typeof tones>[0],
  inputRateHz: number,
  outputRateHz: number,
  taps: Taps,
): Int16Array {
  const output = inFrames(tones(list, inputRateHz, inputRateHz * 1.1), inputRateHz, outputRateHz, taps);
  return output.slice(outputRateHz * 0.1);
}

type Gate = { from: number; to: number; minSnrDb: number; maxDelayMs: number; taps?: Taps };
const GATES: Gate[] = [
  { from: 48_000, to: 24_000, minSnrDb: 96, maxDelayMs: 3 },
  { from: 48_000, to: 24_000, minSnrDb: 96, maxDelayMs: 2, taps: 80 },
  { from: 24_000, to: 48_000, minSnrDb: 95, maxDelayMs: 3 },
  { from: 48_000, to: 16_000, minSnrDb: 96, maxDelayMs: 4 },
  { from: 16_000, to: 48_000, minSnrDb: 93.5, maxDelayMs: 4 },
  { from: 8000, to: 48_000, minSnrDb: 93.5, maxDelayMs: 8 },
  { from: 32_000, to: 48_000, minSnrDb: 93.5, maxDelayMs: 2 },
  { from: 44_100, to: 48_000, minSnrDb: 93.5, maxDelayMs: 64_000 / 44_100 },
  { from: 96_000, to: 48_000, minSnrDb: 93.5, maxDelayMs: 64_000 / 48_000 },
];

describe.each(GATES)('$from to $to Hz', ({ from, to, minSnrDb, maxDelayMs, taps = 128 }) => {
  const lowerNyquist = Math.min(from, to) / 2;

  it(`keeps a 997 Hz tone at ${minSnrDb} dB or better`, () => {
    const fit = fitSine(steadySecond([{ frequencyHz: 997, dbfs: -1 }], from, to, taps), 997, to);
    expect(dB(fit.amplitude / Math.SQRT2 / fit.residualRms)).toBeGreaterThanOrEqual(minSnrDb);
  });

  it('folds or mirrors nothing above -90 dB from 1 kHz past Nyquist on', () => {
    // A 997 Hz carrier makes the rounding behave as noise; the tone under test is at -6 dBFS.
    const levels: number[] = [];
    for (let step = 0; step < 28; step++) {
      const testedHz = Math.round(1500 + ((from / 2 - 1600) * step) / 27);
      const products = unwantedProductsHz(testedHz, from, to);
      if (products.length === 0) continue;
      const output = steadySecond(
        [
          { frequencyHz: testedHz, dbfs: -6 },
          { frequencyHz: 997, dbfs: -20 },
        ],
        from,
        to,
        taps,
      );
      for (const productHz of products) {
        levels.push(dB(fitSine(output, productHz, to).amplitude / amplitudeOf(-6)));
      }
    }
    expect(levels.length).toBeGreaterThan(3);
    expect(Math.max(...levels)).toBeLessThanOrEqual(-90);
  });

  it('is flat within 0.01 dB up to 0.8 of Nyquist', () => {
    const gains: number[] = [];
    for (let step = 0; step <= 16; step++) {
      const frequencyHz = Math.round(50 + ((0.8 * lowerNyquist - 50) * step) / 16);
      const fit = fitSine(steadySecond([{ frequencyHz, dbfs: -6 }], from, to, taps), frequencyHz, to);
      gains.push(dB(fit.amplitude / amplitudeOf(-6)));
    }
    expect(Math.max(...gains) - Math.min(...gains)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(gains[0]!)).toBeLessThan(0.01);
  });

  it(`is late by what delayMs says, at every frequency, and by at most ${maxDelayMs.toFixed(2)} ms`, () => {
    const resampler = new StreamingResampler(from, to, { taps });
    const { delayMs } = resampler;
    resampler.close();
    expect(delayMs).toBeLessThanOrEqual(maxDelayMs + 1e-9);
    for (const frequencyHz of [100, 997, Math.round(0.7 * lowerNyquist)]) {
      // The steady second starts at 100 ms, where each of these tones has a known phase.
      const fit = fitSine(steadySecond([{ frequencyHz, dbfs: -6 }], from, to, taps), frequencyHz, to);
      const expected = 2 * Math.PI * frequencyHz * (0.1 - delayMs / 1000);
      const wrong = Math.atan2(Math.sin(fit.phase - expected), Math.cos(fit.phase - expected));
      expect(Math.abs(wrong)).toBeLessThan(0.0005);
    }
  });

  it('holds nothing back: each 10 ms frame in gives 10 ms out', () => {
    const resampler = new StreamingResampler(from, to, { taps });
    for (let i = 0; i < 50; i++) expect(resampler.process(noise(from / 100, -3, i)).length).toBe(to / 100);
    resampler.close();
  });

  it('gives the same bits however the input is cut', () => {
    const input = noise(from / 5, -1, 11);
    const whole = new StreamingResampler(from, to, { taps });
    const expected = concat([whole.process(input).slice(), whole.flush().slice()]);
    whole.close();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }), (sizes) => {
        const resampler = new StreamingResampler(from, to, { taps });
        const parts: Int16Array[] = [];
        for (let start = 0, turn = 0; start < input.length; turn++) {
          const size = sizes[turn % sizes.length]! + (turn % sizes.length === 0 ? 1 : 0);
          parts.push(resampler.process(input.subarray(start, start + size)).slice());
          start += size;
        }
        parts.push(resampler.flush().slice());
        resampler.close();
        expectSameSamples(concat(parts), expected);
      }),
      { seed: 20261120, numRuns: 25 },
    );
  });
});

it('gives the same bits of silences, too: where the filter has forgotten what was before, and where it has not', () => {
  // A call with sound in it is filtered from end to end: that is what the pieces are held against.
  for (const { from, to, taps = 128 } of GATES) {
    const samples = Math.min(4800, from / 10);
    const input = noise(samples, -1, 12);
    input.fill(0, Math.floor(samples * 0.1), Math.floor(samples * 0.4));
    input.fill(0, Math.floor(samples * 0.43), Math.floor(samples * 0.45));
    input.fill(0, Math.floor(samples * 0.6));
    input[samples - 1] = -20_000;
    const whole = new StreamingResampler(from, to, { taps });
    const expected = whole.process(input).slice();
    whole.close();
    for (const size of [1, 2, 3, 7, from / 1000, 48, 160, 441].filter(Number.isInteger)) {
      const resampler = new StreamingResampler(from, to, { taps });
      const parts: Int16Array[] = [];
      for (let start = 0; start < samples; start += size)
        parts.push(resampler.process(input.subarray(start, start + size)).slice());
      resampler.close();
      expectSameSamples(concat(parts), expected);
    }
  }
});

/**
 * Where a tone would turn up if the filter let it: the tone itself (an alias, when it is past the new Nyquist frequency)
 * and its mirrors at multiples of the input rate (images), as far as they are 1 kHz or more past the lower Nyquist
 * frequency, folded into the output's band.
 */
function unwantedProductsHz(toneHz: number, from: number, to: number): number[] {
  const lowerNyquist = Math.min(from, to) / 2;
  const raw = [
    toneHz,
    ...[1, 2, 3].flatMap((multiple) => [multiple * from - toneHz, multiple * from + toneHz]),
  ];
  return raw
    .filter((frequencyHz) => frequencyHz >= lowerNyquist + 1000)
    .map((frequencyHz) => Math.abs(frequencyHz - to * Math.round(frequencyHz / to)))
    .filter((frequencyHz) =>
      // A fit cannot tell apart what coincides with a tone that is meant to be there, with DC or with Nyquist.
      [toneHz, 997, 0, to / 2].every((other) => Math.abs(frequencyHz - other) > 20),
    );
}

describe('StreamingResampler', () => {
  it('keeps the level of 10 ms frames, not only their number', () => {
    for (const [from, to] of [
      [16_000, 24_000],
      [24_000, 16_000],
      [48_000, 24_000],
    ] as const) {
      const output = inFrames(tone(440, -10, from, from), from, to);
      expect(measureLevel(output.subarray(to / 10)).rmsDbfs).toBeCloseTo(-13.01, 1);
    }
  });

  it('converts between any two supported rates', () => {
    for (const from of SUPPORTED_RATES_HZ) {
      for (const to of SUPPORTED_RATES_HZ) {
        const output = inFrames(tone(440, -6, from, from * 0.5), from, to);
        expect(output.length).toBe(to * 0.5);
        const fit = fitSine(output.subarray(to * 0.1), 440, to);
        expect(dB(fit.amplitude / amplitudeOf(-6))).toBeCloseTo(0, 2);
      }
    }
  });

  it('saturates where the filter overshoots full scale, without wrapping around', () => {
    const square = Int16Array.from({ length: 4800 }, (_, i) => (i % 96 < 48 ? 32767 : -32768));
    const output = inFrames(square, 48_000, 24_000);
    for (let n = 200; n < output.length; n++) {
      const phase = (((n - 64) % 48) + 48) % 48;
      if (phase > 2 && phase < 21) expect(output[n]).toBeGreaterThan(25_000);
      if (phase > 26 && phase < 45) expect(output[n]).toBeLessThan(-25_000);
    }
    expect(Math.max(...output)).toBe(32767);
    expect(Math.min(...output)).toBe(-32768);
  });

  it('gives the tail on flush, and is as new afterwards', () => {
    const resampler = new StreamingResampler(48_000, 24_000);
    const input = tone(1000, -6, 48_000, 4801);
    const run = () => concat([resampler.process(input).slice(), resampler.flush().slice()]);
    const first = run();
    expect(first.length).toBe(Math.ceil((4801 + 128) / 2));
    // Aligned by its delay, the output is the input at half the rate, to the last sample but the filter's edge.
    for (let n = 64 + 100; n < first.length - 100; n++) {
      expect(Math.abs(first[n]! - input[(n - 64) * 2]!)).toBeLessThanOrEqual(2);
    }
    expectSameSamples(run(), first);
    resampler.close();
  });

  it('passes equal rates through', () => {
    const resampler = new StreamingResampler(48_000, 48_000);
    const input = noise(480, 0, 1);
    expectSameSamples(resampler.process(input), input);
    expect(resampler.delayMs).toBe(0);
    expect(resampler.flush().length).toBe(0);
    resampler.close();
  });

  it('takes an empty chunk, and a whole minute at once', () => {
    const resampler = new StreamingResampler(8000, 96_000);
    expect(resampler.process(new Int16Array(0)).length).toBe(0);
    expect(resampler.process(new Int16Array(8000 * 60)).length).toBe(96_000 * 60);
    resampler.close();
  });

  it('hands out memory of its own, from its first byte on', () => {
    const one = new StreamingResampler(48_000, 24_000);
    const other = new StreamingResampler(48_000, 24_000);
    const made = one.process(noise(480, -6, 1));
    const kept = made.slice();
    other.process(noise(480, -6, 2));
    expectSameSamples(made, kept);
    expect(made.byteOffset).toBe(0);
    expect(one.process(noise(480, -6, 3))).toBe(made); // and makes no garbage from frame to frame
    one.close();
    other.close();
  });

  it('keeps the states of many instances apart', () => {
    const alone = noise(48_000, -6, 3);
    const expected = inFrames(alone, 48_000, 24_000);
    const tested = new StreamingResampler(48_000, 24_000);
    const others = Array.from(
      { length: 20 },
      (_, i) => new StreamingResampler(i % 2 ? 48_000 : 44_100, 16_000),
    );
    const parts: Int16Array[] = [];
    for (let start = 0; start < alone.length; start += 480) {
      parts.push(tested.process(alone.subarray(start, start + 480)).slice());
      for (const other of others) other.process(alone.subarray(0, 441));
    }
    expectSameSamples(concat(parts), expected);
    for (const resampler of [tested, ...others]) resampler.close();
  });

  it.each([
    [22_050, 48_000],
    [48_000, 0],
    [NaN, 48_000],
    [48_000, -24_000],
    [Infinity, 48_000],
  ])('refuses %d to %d Hz in one line', (from, to) => {
    expect(() => new StreamingResampler(from, to)).toThrow(AudioError);
    expect(() => new StreamingResampler(from, to)).toThrow(
      /^sample rate .* is not supported: use one of 8000, .*$/,
    );
  });

  it('refuses to be used after close, and closes twice without harm', () => {
    const resampler = new StreamingResampler(48_000, 24_000);
    resampler.close();
    resampler.close();
    expect(() => resampler.process(new Int16Array(1))).toThrow('this resampler is closed');
    expect(() => resampler.flush()).toThrow('this resampler is closed');
  });
});
