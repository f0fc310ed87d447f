import { readdirSync, readFileSync } from 'node:fs';

import fc from 'fast-check';
import wavefile from 'wavefile';
import { describe, expect, it } from 'vitest';

import { readWav, WavError, writeWav } from '../../audio/wav.js';

const SEED = 20260;
const fixtures = new URL('../../fixtures/', import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(name, fixtures)));

/** What a test wants in a header; every field can be wrong. */
type Header = {
  riff?: string;
  form?: string;
  riffBytes?: number;
  tag?: number;
  channels?: number;
  rateHz?: number;
  bits?: number;
  blockBytes?: number;
  dataBytes?: number;
};

function file(sound: Uint8Array, header: Header = {}): Uint8Array {
  const bytes = new Uint8Array(44 + sound.length);
  const view = new DataView(bytes.buffer);
  const littleEndian = header.riff !== 'RIFX';
  const text = (offset: number, id: string) => bytes.set(new TextEncoder().encode(id), offset);
  const channels = header.channels ?? 1;
  const bits = header.bits ?? 16;
  text(0, header.riff ?? 'RIFF');
  view.setUint32(4, header.riffBytes ?? bytes.length - 8, littleEndian);
  text(8, header.form ?? 'WAVE');
  text(12, 'fmt ');
  view.setUint32(16, 16, littleEndian);
  view.setUint16(20, header.tag ?? 1, littleEndian);
  view.setUint16(22, channels, littleEndian);
  view.setUint32(24, header.rateHz ?? 48_000, littleEndian);
  view.setUint16(32, header.blockBytes ?? (channels * bits) / 8, littleEndian);
  view.setUint16(34, bits, littleEndian);
  text(36, 'data');
  view.setUint32(40, header.dataBytes ?? sound.length, littleEndian);
  bytes.set(sound, 44);
  return bytes;
}

function extensible(plain: Uint8Array, guid?: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(plain.length + 24);
  bytes.set(plain.subarray(0, 36));
  bytes.set(plain.subarray(36), 60);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, 40, true);
  view.setUint16(20, 0xfffe, true);
  view.setUint16(36, 22, true);
  view.setUint16(38, view.getUint16(34, true), true);
  const tag = plain.subarray(20, 22);
  bytes.set(guid ?? [...tag, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71], 44);
  return bytes;
}

const little16 = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);
const problemOf = (bytes: Uint8Array) => {
  try {
    readWav(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(WavError);
    return (error as WavError).problem;
  }
  return 'none';
};

describe('readWav and writeWav', () => {
  it('give back any samples, rate and channel count that were written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 8_000, max: 192_000 }),
        fc.int16Array({ minLength: 8, maxLength: 2000 }),
        (channelCount, sampleRateHz, noise) => {
          const samples = noise.subarray(0, noise.length - (noise.length % channelCount));
          const read = readWav(writeWav({ sampleRateHz, channelCount, samples }));
          expect(read.samples).toEqual(Int16Array.from(samples));
          expect(read).toMatchObject({
            sampleRateHz,
            channelCount,
            warnings: [],
            sourceEncoding: '16-bit PCM',
          });
          expect(read.frames).toBe(samples.length / channelCount);
        },
      ),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('write what wavefile reads', () => {
    const samples = Int16Array.of(0, 1, -1, 32_767, -32_768, 1234);
    const wav = new wavefile.WaveFile(writeWav({ sampleRateHz: 24_000, channelCount: 2, samples }));
    expect(wav.fmt).toMatchObject({ numChannels: 2, sampleRate: 24_000, bitsPerSample: 16, blockAlign: 4 });
    expect(wav.getSamples(true, Int16Array)).toEqual(samples);
  });

  it('refuse to write half a frame', () => {
    const samples = new Int16Array(3);
    expect(() => writeWav({ sampleRateHz: 48_000, channelCount: 2, samples })).toThrow(RangeError);
  });

  it('keep samples in memory of their own, also from a Buffer in a shared pool', () => {
    const pooled = Buffer.from(file(little16(1, 2, 3)));
    const { samples } = readWav(pooled);
    pooled.fill(0x55);
    expect([...samples]).toEqual([1, 2, 3]);
    expect(samples.buffer.byteLength).toBe(6);
  });
});

describe('sample formats', () => {
  it('8-bit PCM is unsigned', () => {
    expect([...readWav(file(Uint8Array.of(0, 128, 255), { bits: 8 })).samples]).toEqual([-32_768, 0, 32_512]);
  });

  it('24-bit PCM rounds to the nearest 16-bit value and clips at the top', () => {
    const values = [0x000000, 0x00007f, 0x000080, 0x7fffff, -0x800000, -0x000081];
    const sound = Uint8Array.from(values.flatMap((v) => [v & 255, (v >> 8) & 255, (v >> 16) & 255]));
    expect([...readWav(file(sound, { bits: 24 })).samples]).toEqual([0, 0, 1, 32_767, -32_768, -1]);
  });

  it('32-bit PCM', () => {
    const sound = new Uint8Array(Int32Array.of(0x12345678, -0x80000000, 0x7fffffff).buffer);
    expect([...readWav(file(sound, { bits: 32 })).samples]).toEqual([0x1234, -32_768, 32_767]);
  });

  const values = [0, 0.5, -0.5, 1, -1, 7, -Infinity, NaN, 1 / 65_536];
  const expected = [0, 16_384, -16_384, 32_767, -32_768, 32_767, -32_768, 0, 1];

  it.each([
    ['32-bit float', new Uint8Array(Float32Array.from(values).buffer), 32],
    ['64-bit float', new Uint8Array(Float64Array.from(values).buffer), 64],
  ])('%s scales by 32,768, clips, and makes NaN silence', (name, sound, bits) => {
    const plain = file(sound, { tag: 3, bits });
    expect([...readWav(plain).samples]).toEqual(expected);
    expect(readWav(plain).sourceEncoding).toBe(name);
    expect([...readWav(extensible(plain)).samples]).toEqual(expected);
  });

  it.each([
    [1, 8],
    [1, 16],
    [1, 24],
    [1, 32],
    [3, 32],
    [3, 64],
    [6, 8],
    [7, 8],
  ])('format %i with %i bits is the same in WAVE_FORMAT_EXTENSIBLE', (tag, bits) => {
    const sound = Uint8Array.from({ length: 192 }, (_, index) => (index * 37) & 0x3f);
    const plain = file(sound, { tag, bits, channels: 2 });
    expect(readWav(extensible(plain)).samples).toEqual(readWav(plain).samples);
  });

  it('A-law and mu-law follow G.711', () => {
    const mulaw = readWav(file(Uint8Array.of(0x00, 0x80, 0xff, 0x7f, 0xf0), { tag: 7, bits: 8 }));
    expect([...mulaw.samples].map((sample) => sample + 0)).toEqual([-32_124, 32_124, 0, 0, 120]);
    const alaw = readWav(file(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a), { tag: 6, bits: 8 }));
    expect([...alaw.samples]).toEqual([8, -8, 32_256, -32_256]);
    expect(alaw.sourceEncoding).toBe('A-law');
  });

  it('RIFX is big-endian throughout', () => {
    const sound = Uint8Array.of(0x12, 0x34, 0xff, 0xff);
    expect([...readWav(file(sound, { riff: 'RIFX' })).samples]).toEqual([0x1234, -1]);
  });

  it('RF64 takes the size from its ds64 chunk', () => {
    const plain = file(little16(1, 2, 3, 4), { riff: 'RF64', riffBytes: 0xffffffff, dataBytes: 0xffffffff });
    const bytes = new Uint8Array(plain.length + 36);
    bytes.set(plain.subarray(0, 12));
    bytes.set(plain.subarray(12), 48);
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode('ds64'), 12);
    view.setUint32(16, 28, true);
    view.setBigUint64(28, 4n, true);
    expect([...readWav(bytes).samples]).toEqual([1, 2]);
    view.setBigUint64(28, 2n ** 60n, true);
    expect(readWav(bytes).samples).toHaveLength(4);
  });

  it('chunks before the sound are skipped, with their padding', () => {
    const plain = file(little16(5, 6));
    const list = Uint8Array.of(0x4c, 0x49, 0x53, 0x54, 3, 0, 0, 0, 1, 2, 3, 0);
    const bytes = new Uint8Array([...plain.subarray(0, 36), ...list, ...plain.subarray(36)]);
    expect([...readWav(bytes).samples]).toEqual([5, 6]);
  });

  it('a long file is converted piece by piece without a seam', () => {
    const ramp = Float32Array.from({ length: 200_000 }, (_, index) => (index % 32_768) / 32_768);
    const { samples } = readWav(file(new Uint8Array(ramp.buffer), { tag: 3, bits: 32, channels: 2 }));
    expect(samples.every((sample, index) => sample === index % 32_768)).toBe(true);
  });
});

describe('sizes that are wrong', () => {
  const sound = little16(...Array.from({ length: 24_000 }, (_, index) => index));

  it.each([
    ['0xFFFFFFFF twice, as ffmpeg writes to a pipe', { riffBytes: 0xffffffff, dataBytes: 0xffffffff }],
    ['0x7FFFF000, as sox writes to a pipe', { riffBytes: 0x7ffff024, dataBytes: 0x7ffff000 }],
    ['zero twice, as a recorder leaves them that was killed', { riffBytes: 0, dataBytes: 0 }],
    ['a header for no sound', { riffBytes: 36, dataBytes: 0 }],
  ])('%s: everything is read without a warning', (_, header) => {
    expect(readWav(file(sound, header))).toMatchObject({ frames: 24_000, durationMs: 500, warnings: [] });
  });

  it('a file cut short is read as far as it goes and says how far', () => {
    const whole = file(sound);
    const read = readWav(whole.subarray(0, 44 + 24_001));
    expect(read.frames).toBe(12_000);
    expect(read.warnings).toEqual(['the file is cut short: 0.25 s of 0.50 s read']);
  });

  it('half a sample at the end is left out and named', () => {
    const read = readWav(file(new Uint8Array(7), { channels: 2, dataBytes: 7 }));
    expect(read.frames).toBe(1);
    expect(read.warnings).toEqual(['the last 3 bytes are not a whole sample and were left out']);
  });

  it('bytes after the sound are no sound', () => {
    expect([...readWav(file(little16(1, 2, 3), { dataBytes: 4 })).samples]).toEqual([1, 2]);
  });
});

describe('sound behind what the header declares', () => {
  const ramp = (from: number, count: number) =>
    little16(...Array.from({ length: count }, (_, index) => from + index));
  const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

  it('is read and told', () => {
    const read = readWav(file(ramp(0, 4000), { dataBytes: 2000 }));
    expect(read.frames).toBe(4000);
    expect(read.samples[3999]).toBe(3999);
    expect(read.warnings).toEqual([
      '0.06 s of sound lie behind the end that its header declares; they were read too',
    ]);
  });

  it('is read without a word where the header declares none at all', () => {
    const read = readWav(file(ramp(1, 4000), { dataBytes: 0 }));
    expect(read).toMatchObject({ frames: 4000, warnings: [] });
  });

  it('is read where recordings are joined, without their headers', () => {
    const read = readWav(joined(file(ramp(0, 1000)), file(ramp(1000, 1000)), file(ramp(2000, 501))));
    expect(read.frames).toBe(2501);
    expect(read.samples.every((sample, index) => sample === index)).toBe(true);
    expect(read.warnings).toEqual([]);
  });

  it('is told where the recording that follows has another format', () => {
    const read = readWav(joined(file(ramp(0, 1000)), file(new Uint8Array(3000), { bits: 8 })));
    expect(read.frames).toBe(1000);
    expect(read.warnings.join()).toMatch(
      /another recording is joined behind it, in another format: 0\.0 MiB/,
    );
  });

  it('is read where it is in several chunks, with others in between', () => {
    const chunk = (id: string, content: Uint8Array) => {
      const head = Buffer.alloc(8);
      head.write(id, 0, 'latin1');
      head.writeUInt32LE(content.length, 4);
      return Buffer.concat([head, content]);
    };
    const several = joined(
      file(ramp(0, 1000)),
      chunk('LIST', Buffer.from('INFO')),
      chunk('data', ramp(1000, 700)),
      chunk('data', ramp(1700, 300)),
    );
    const read = readWav(several);
    expect(read.frames).toBe(2000);
    expect(read.samples.every((sample, index) => sample === index)).toBe(true);
    expect(read.warnings).toEqual([]);
    expect(readWav(joined(file(new Uint8Array(0)), chunk('data', ramp(0, 500)))).frames).toBe(500);
  });

  it('is found behind a chunk of an odd size that nothing was put behind', () => {
    const plain = Buffer.from(file(ramp(0, 500)));
    const odd = Buffer.from('LIST\x07\0\0\0INFOabc', 'latin1');
    const read = readWav(joined(plain.subarray(0, 36), odd, plain.subarray(36)));
    expect(read.frames).toBe(500);
    expect(read.samples[499]).toBe(499);
  });

  it('is not made of chunks with other things in them', () => {
    const list = Buffer.alloc(3008);
    list.write('LIST', 0, 'latin1');
    list.writeUInt32LE(3000, 4);
    expect(readWav(joined(file(ramp(0, 1000)), list))).toMatchObject({ frames: 1000, warnings: [] });
    expect(readWav(joined(file(ramp(0, 1000)), list, Buffer.alloc(2000)))).toMatchObject({ frames: 1000 });
  });

  it('is not missed where the header has counted itself', () => {
    expect(readWav(file(ramp(0, 4000), { dataBytes: 8044 }))).toMatchObject({ frames: 4000, warnings: [] });
    expect(readWav(file(ramp(0, 4000), { dataBytes: 8000 - 44 })).frames).toBeGreaterThanOrEqual(3978);
  });
});

describe('what is refused', () => {
  const sound = new Uint8Array(960);

  it.each<[string, Header, string]>([
    ['no channels', { channels: 0 }, 'damaged'],
    ['9 channels', { channels: 9 }, 'unsupported'],
    ['65,535 channels', { channels: 65_535, blockBytes: 65_534 }, 'unsupported'],
    ['rate 0', { rateHz: 0 }, 'damaged'],
    ['rate 7,999', { rateHz: 7_999 }, 'unsupported'],
    ['rate 192,001', { rateHz: 192_001 }, 'unsupported'],
    ['17 bits', { bits: 17, blockBytes: 3 }, 'unsupported'],
    ['0 bits', { bits: 0, blockBytes: 2 }, 'unsupported'],
    ['16-bit float', { tag: 3, bits: 16 }, 'unsupported'],
    ['MS ADPCM', { tag: 2, bits: 4, blockBytes: 1024 }, 'unsupported'],
    ['IMA ADPCM', { tag: 0x11, bits: 4, blockBytes: 1024 }, 'unsupported'],
    ['an unknown tag', { tag: 0x1234 }, 'unsupported'],
    ['a block size of 0', { blockBytes: 0 }, 'damaged'],
    ['24 bits in 4 bytes', { bits: 24, blockBytes: 4 }, 'damaged'],
    ['another RIFF', { form: 'AVI ' }, 'not_wav'],
    ['no RIFF', { riff: 'OggS' }, 'not_wav'],
    ['no sound', { dataBytes: 0 }, 'damaged'],
  ])('%s', (_, header, problem) => {
    expect(problemOf(file(sound, header))).toBe(problem);
  });

  it('an extensible header with an unknown sub-format, or without one', () => {
    expect(problemOf(extensible(file(sound), new Uint8Array(16).fill(9)))).toBe('unsupported');
    expect(problemOf(file(sound, { tag: 0xfffe }))).toBe('damaged');
  });
});

describe('hostile files', () => {
  it('truncated anywhere: refused in the header, read with a warning in the sound', () => {
    for (const whole of [
      file(little16(1, 2, 3)),
      extensible(file(new Uint8Array(12), { tag: 3, bits: 32 })),
    ]) {
      for (let length = 0; length < whole.length; length++) {
        const cut = whole.subarray(0, length);
        const firstSample = whole.length - 4;
        if (problemOf(cut) !== 'none') expect(length).toBeLessThan(firstSample);
        else expect(readWav(cut).warnings.join()).toMatch(/cut short/);
      }
    }
  });

  it('random bytes: only ever a WavError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), fc.boolean(), (noise, withMagic) => {
        if (withMagic) noise.set(new TextEncoder().encode('RIFF0000WAVE').subarray(0, noise.length));
        problemOf(noise);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('mutated headers: a WavError, or sound no longer than the file can hold', () => {
    const whole = extensible(file(little16(...Array.from({ length: 500 }, (_, index) => index))));
    const mutation = fc.tuple(fc.integer({ min: 0, max: 67 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
        const bytes = whole.slice();
        for (const [offset, value] of mutations) bytes[offset] = value;
        if (problemOf(bytes) !== 'none') return;
        const read = readWav(bytes);
        expect(read.samples.length).toBeLessThanOrEqual(bytes.length);
        expect(read.samples.length).toBe(read.frames * read.channelCount);
        expect(Number.isFinite(read.durationMs)).toBe(true);
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  it('a megabyte of empty chunks is walked once', () => {
    const bytes = new Uint8Array(12 + 2 ** 20);
    bytes.set(file(little16(1)).subarray(0, 12));
    expect(problemOf(bytes)).toBe('damaged');
  });
});

describe('fixtures', () => {
  const WAVS: Record<string, [seconds: number, rateHz: number, channels: number, encoding: string]> = {
    'de-question-about-the-budget.wav': [4.05, 48_000, 1, '16-bit PCM'],
    'en-the-meeting-starts.wav': [4.13, 48_000, 1, '16-bit PCM'],
    'es-monologue.wav': [24.115, 48_000, 1, '16-bit PCM'],
    'es-overlap-answer.wav': [8.75, 48_000, 1, '16-bit PCM'],
    'es-two-phrases-pause.wav': [8.605, 48_000, 1, '16-bit PCM'],
    'es-where-is-the-station.wav': [13.17, 48_000, 1, '16-bit PCM'],
    'es-where-is-the-station-16000-8bit.wav': [3.555, 16_000, 1, '8-bit PCM'],
    'es-where-is-the-station-44100-stereo-24bit.wav': [3.555, 44_100, 2, '24-bit PCM'],
    'es-where-is-the-station-8000-alaw.wav': [3.555, 8_000, 1, 'A-law'],
    'es-where-is-the-station-8000-mulaw.wav': [3.555, 8_000, 1, 'mu-law'],
    'es-where-is-the-station-float32.wav': [3.555, 48_000, 1, '32-bit float'],
    'es-where-is-the-station-float32-extensible.wav': [3.555, 48_000, 1, '32-bit float'],
    'fr-send-the-report.wav': [3.835, 48_000, 1, '16-bit PCM'],
    'noise.wav': [5, 48_000, 1, '16-bit PCM'],
    'silence.wav': [5, 48_000, 1, '16-bit PCM'],
  };
  const peakOf = (samples: Int16Array) =>
    samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

  const sameSamples = (a: Int16Array, b: Int16Array) =>
    a.length === b.length && a.every((sample, index) => sample === b[index]);

  it('are all listed here', () => {
    const names = readdirSync(fixtures).filter((name) => name.endsWith('.wav'));
    expect(names.sort()).toEqual(Object.keys(WAVS).sort());
  });

  it.each(Object.entries(WAVS))('%s', (name, [seconds, sampleRateHz, channelCount, sourceEncoding]) => {
    const read = readWav(fixture(name));
    expect(read).toMatchObject({ sampleRateHz, channelCount, sourceEncoding, warnings: [] });
    expect(Math.abs(read.durationMs - seconds * 1000)).toBeLessThan(0.1);
    const peakDbfs = 20 * Math.log10(peakOf(read.samples) / 32_768);
    if (name === 'silence.wav') expect(peakDbfs).toBe(-Infinity);
    else if (name === 'noise.wav') expect(peakDbfs).toBeLessThan(-30);
    else if (name.endsWith('8bit.wav')) expect(peakDbfs).toBeCloseTo(-1, 0);
    else expect(Math.abs(peakDbfs + 6)).toBeLessThan(0.8); // telephone band and resampling move peaks a little
  });

  it('float32 in both headers holds the same samples as 16-bit PCM', () => {
    const plain = readWav(fixture('es-where-is-the-station-float32.wav')).samples;
    const extensible = readWav(fixture('es-where-is-the-station-float32-extensible.wav')).samples;
    expect(sameSamples(extensible, plain)).toBe(true);
    const start = readWav(fixture('es-where-is-the-station.wav')).samples.subarray(9_600, 9_600 + 100_000);
    expect(sameSamples(plain.subarray(0, 100_000), start)).toBe(true); // the demo begins 200 ms later
  });

  it('the WAVs among the corrupt files are refused', () => {
    const corrupt = readdirSync(new URL('corrupt/', fixtures)).filter((name) => name.endsWith('.wav'));
    expect(corrupt.length).toBeGreaterThanOrEqual(25);
    for (const name of corrupt) expect([name, problemOf(fixture(`corrupt/${name}`))]).not.toContain('none');
  });
});
