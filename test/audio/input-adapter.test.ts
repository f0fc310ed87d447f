import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AudioError,
  InputAdapter,
  loadResampler,
  SUPPORTED_RATES_HZ,
  type AudioFrame,
} from '../../audio/index.js';
import { amplitudeOf, concat, dB, expectSameSamples, fitSine, noise, tones } from './signals.js';

beforeAll(loadResampler);

function adapt(frames: readonly AudioFrame[]): Int16Array {
  const adapter = new InputAdapter();
  const parts = frames.map((frame) => adapter.process(frame).slice());
  parts.push(adapter.flush().slice());
  adapter.close();
  return concat(parts);
}

/** Frames of a phase-continuous signal; frame k starts where frame k - 1 ended. */
function framesOf(
  list: { sampleRateHz: number; channelCount: number; sampleCount: number }[],
  frequencyHz = 440,
  dbfs = -1,
): AudioFrame[] {
  let startSeconds = 0;
  return list.map(({ sampleRateHz, channelCount, sampleCount }) => {
    const mono = tones([{ frequencyHz, dbfs }], sampleRateHz, sampleCount, startSeconds);
    startSeconds += sampleCount / sampleRateHz;
    return { sampleRateHz, channelCount, samples: spread(mono, channelCount) };
  });
}

/** The same signal on every channel, with opposite offsets that cancel in the downmix. */
function spread(mono: Int16Array, channelCount: number): Int16Array {
  if (channelCount === 1) return mono;
  return Int16Array.from(
    { length: mono.length * channelCount },
    (_, i) => mono[Math.floor(i / channelCount)]!,
  );
}

const tenMs = (sampleRateHz: number, channelCount = 1, count = 10) =>
  Array.from({ length: count }, () => ({ sampleRateHz, channelCount, sampleCount: sampleRateHz / 100 }));

const pairs = SUPPORTED_RATES_HZ.flatMap((from) => SUPPORTED_RATES_HZ.map((to) => [from, to] as const));

/** Largest residual of a 440 Hz sine fit, in dBFS: a jump, a repeat or a click shows here at once. */
const residualDbfs = (samples: Int16Array): number => dB(fitSine(samples, 440, 48_000).residualPeak / 32768);

describe('a change of rate or channel count', () => {
  it.each(pairs)('leaves a tone whole: %i to %i Hz', (from, to) => {
    const output = adapt(framesOf([...tenMs(from, 1, 20), ...tenMs(to, 2, 20)]));
    expect(output.length).toBe(48 * 400);
    expect(residualDbfs(output.subarray(48 * 150, 48 * 250))).toBeLessThan(-80);
    // Nor is the tone moved in time: fitted from time 0, its phase and level are the input's.
    const fit = fitSine(output.subarray(480), 440, 48_000);
    const expectedPhase = 2 * Math.PI * ((440 * 480) / 48_000);
    expect(Math.abs(Math.sin(fit.phase - expectedPhase))).toBeLessThan(1e-4);
    expect(Math.abs(dB(fit.amplitude / amplitudeOf(-1)))).toBeLessThan(0.001);
  });

  it('leaves a tone whole at every frame of a track that changes all the time', () => {
    const rates = pairs.map(([from]) => from).sort((a, b) => ((a * 7919) % 31) - ((b * 7919) % 31));
    const output = adapt(framesOf(rates.flatMap((rate, i) => tenMs(rate, (i % 8) + 1, 1))));
    expect(output.length).toBe(480 * rates.length);
    expect(residualDbfs(output.subarray(480, -480))).toBeLessThan(-80);
  });

  it.each([
    [1, 2],
    [2, 1],
    [1, 8],
  ])('leaves a tone whole: %i to %i channels', (from, to) => {
    for (const rate of [16_000, 48_000]) {
      const output = adapt(framesOf([...tenMs(rate, from), ...tenMs(rate, to)]));
      expect(output.length).toBe(480 * 20);
      expect(residualDbfs(output.subarray(480, -480))).toBeLessThan(-80);
    }
  });

  it('behaves as a WebRTC sink does: 16 kHz mono at first, then 48 kHz mono, then stereo', () => {
    const adapter = new InputAdapter();
    const frames = framesOf([...tenMs(16_000, 1, 3), ...tenMs(48_000, 1, 2), ...tenMs(48_000, 2, 2)]);
    const lengths = frames.map((frame) => adapter.process(frame).length);
    // 4 ms late while resampled; made up for by the first frame that needs no filter.
    expect(lengths).toEqual([288, 480, 480, 672, 480, 480, 480]);
    expect(adapter.flush().length).toBe(0);
    adapter.close();
  });

  it('keeps loud tones near the top of the lower band free of aliases', () => {
    // 11 kHz at 96 kHz, then 8 kHz rate: decimating without a filter would fold it to 3 kHz.
    const before = tones([{ frequencyHz: 11_000, dbfs: -6 }], 96_000, 9600);
    const silent = new Int16Array(800);
    const output = adapt([
      { samples: before, sampleRateHz: 96_000, channelCount: 1 },
      { samples: silent, sampleRateHz: 8000, channelCount: 1 },
    ]);
    const afterChange = output.subarray(4800 + 8, 4800 + 480);
    expect(dB(Math.max(...afterChange.map(Math.abs)) / 32768)).toBeLessThan(-60);
  });
});

describe('time', () => {
  const frameArbitrary = fc.record({
    sampleRateHz: fc.constantFrom(...SUPPORTED_RATES_HZ),
    channelCount: fc.integer({ min: 1, max: 3 }),
    sampleCount: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 1500 })),
  });

  it('is kept to the sample by any sequence of frames, and no frame makes a click', () => {
    fc.assert(
      fc.property(fc.array(frameArbitrary, { minLength: 1, maxLength: 30 }), (list) => {
        const output = adapt(framesOf(list, 100, -6));
        const seconds = list.reduce((sum, frame) => sum + frame.sampleCount / frame.sampleRateHz, 0);
        expect(Math.abs(output.length - seconds * 48_000)).toBeLessThan(0.501);
        // A 100 Hz tone at -6 dBFS moves by 215 a sample; a lost or repeated 1 ms would jump by thousands.
        const end = output.length - 400; // past the end the filter rings on into silence
        let largestStep = 0;
        for (let n = 8; n < end; n++) {
          largestStep = Math.max(largestStep, Math.abs(output[n]! - output[n - 1]!));
        }
        expect(largestStep).toBeLessThan(500);
      }),
      { seed: 20261120, numRuns: 150 },
    );
  });

  it('is on the tone at every change on the 48 kHz grid, however short the frames', () => {
    const onGrid = frameArbitrary.map((frame) => ({
      ...frame,
      // 48 kHz samples that are whole samples of the other rate too.
      sampleCount:
        frame.sampleRateHz === 44_100
          ? (frame.sampleCount % 12) * 147
          : Math.ceil(frame.sampleCount / 6) * (frame.sampleRateHz / 8000),
    }));
    fc.assert(
      fc.property(fc.array(onGrid, { minLength: 2, maxLength: 30 }), (list) => {
        const output = adapt(framesOf(list));
        // The ends are not steady: there the filters meet the silence before and after the stream.
        const steady = output.subarray(500, Math.max(500, output.length - 500));
        const whole = tones([{ frequencyHz: 440, dbfs: -1 }], 48_000, output.length).subarray(500);
        const largestError = steady.reduce(
          (max, sample, n) => Math.max(max, Math.abs(sample - whole[n]!)),
          0,
        );
        expect(dB(largestError / 32768)).toBeLessThan(-60);
      }),
      { seed: 20261121, numRuns: 150 },
    );
  });

  it('does not depend on how a run of one rate is cut into frames', () => {
    const runs = fc.array(
      fc.record({
        sampleRateHz: fc.constantFrom(...SUPPORTED_RATES_HZ),
        sampleCount: fc.integer({ min: 1, max: 900 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(runs, cuts, (list, sizes) => {
        const whole = list.map(({ sampleRateHz, sampleCount }, i) => ({
          sampleRateHz,
          channelCount: 1,
          samples: noise(sampleCount, -3, i + 1),
        }));
        let turn = 0;
        const cut = whole.flatMap((frame) => {
          const pieces: AudioFrame[] = [];
          for (let start = 0; start < frame.samples.length;) {
            const size = sizes[turn++ % sizes.length]!;
            pieces.push({ ...frame, samples: frame.samples.slice(start, start + size) });
            start += size;
          }
          return pieces;
        });
        expectSameSamples(adapt(cut), adapt(whole));
      }),
      { seed: 20261122, numRuns: 100 },
    );
  });

  it('does not drift over thousands of changes off the grid', () => {
    const adapter = new InputAdapter();
    const odd = new Int16Array(443); // 44.1 kHz: 482.177 samples at 48 kHz
    const other = new Int16Array(331); // 32 kHz: 496.5
    let made = 0;
    for (let i = 0; i < 2000; i++) {
      made += adapter.process({ samples: odd, sampleRateHz: 44_100, channelCount: 1 }).length;
      made += adapter.process({ samples: other, sampleRateHz: 32_000, channelCount: 1 }).length;
    }
    made += adapter.flush().length;
    adapter.close();
    expect(made).toBe(Math.round(2000 * ((443 * 48_000) / 44_100 + 331 * 1.5)));
  });

  it('ends with flush, after which the adapter is as new', () => {
    const adapter = new InputAdapter();
    const frames = framesOf([...tenMs(16_000, 1, 3), ...tenMs(44_100, 1, 3), ...tenMs(8000, 1, 1)]);
    const run = () =>
      concat([...frames.map((frame) => adapter.process(frame).slice()), adapter.flush().slice()]);
    const first = run();
    expect(first.length).toBe(7 * 480);
    expectSameSamples(run(), first);
    expect(adapter.flush().length).toBe(0);
    adapter.close();
  });
});

describe('48 kHz', () => {
  it('passes through untouched, without a copy', () => {
    const adapter = new InputAdapter();
    const samples = noise(480, 0, 5);
    expect(adapter.process({ samples, sampleRateHz: 48_000, channelCount: 1 })).toBe(samples);
  });

  it('is only mixed down', () => {
    const adapter = new InputAdapter();
    const samples = Int16Array.of(100, 200, -32768, -32768, 32767, -32767, 5, 6);
    const output = adapter.process({ samples, sampleRateHz: 48_000, channelCount: 2 });
    expect([...output]).toEqual([150, -32768, 0, 6]);
  });
});

describe('bad frames', () => {
  const good: AudioFrame = { samples: noise(160, -10, 3), sampleRateHz: 16_000, channelCount: 1 };
  it.each<[string, Partial<AudioFrame>, string, RegExp]>([
    ['a rate that is not supported', { sampleRateHz: 22_050 }, 'bad_rate', /22050 Hz is not supported/],
    ['rate zero', { sampleRateHz: 0 }, 'bad_rate', /0 Hz/],
    ['a rate that is no number', { sampleRateHz: NaN }, 'bad_rate', /NaN Hz/],
    ['no channels', { channelCount: 0 }, 'bad_channels', /1 to 8, got 0/],
    ['too many channels', { channelCount: 9 }, 'bad_channels', /1 to 8, got 9/],
    ['half a channel', { channelCount: 1.5 }, 'bad_channels', /1 to 8, got 1.5/],
    ['a partial sample frame', { samples: new Int16Array(7), channelCount: 2 }, 'bad_channels', /7 samples/],
  ])('%s: refused in one line, and the stream goes on', (_, change, code, message) => {
    const adapter = new InputAdapter();
    const undisturbed = new InputAdapter();
    adapter.process(good);
    undisturbed.process(good);
    let thrown: unknown;
    try {
      adapter.process({ ...good, ...change });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AudioError);
    expect((thrown as AudioError).code).toBe(code);
    expect((thrown as AudioError).message).toMatch(message);
    expect((thrown as AudioError).message).not.toContain('\n');
    expectSameSamples(adapter.process(good).slice(), undisturbed.process(good).slice());
    adapter.close();
    undisturbed.close();
  });

  it('an empty frame changes nothing, not even the rate', () => {
    const adapter = new InputAdapter();
    expect(adapter.process({ ...good, samples: new Int16Array(0) }).length).toBe(0);
    const made = adapter.process(good).length;
    expect(adapter.process({ samples: new Int16Array(0), sampleRateHz: 8000, channelCount: 1 }).length).toBe(
      0,
    );
    expect(made + adapter.process(good).length + adapter.flush().length).toBe(960);
    adapter.close();
  });
});
