import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import {
  completenessWarnings,
  isDurationEstimated,
  oggHasEnd,
  type Decoded,
} from '../../src/media/completeness.js';

const whole: Decoded = { decodedMs: 10_000, declaredMs: 10_050, hasEnd: true, warnings: [], errors: [] };
const about = (change: Partial<Decoded>) => completenessWarnings({ ...whole, ...change });

describe('completenessWarnings', () => {
  it('has nothing to say about a whole file, one that declares nothing, or one that holds more than declared', () => {
    expect(about({})).toEqual([]);
    expect(about({ declaredMs: undefined })).toEqual([]);
    expect(about({ decodedMs: 12_000 })).toEqual([]);
    expect(about({ warnings: ['some remark'] })).toEqual([]);
  });

  it('tells how much was read where less came out than the container declares', () => {
    expect(about({ declaredMs: 20_000, errors: ['invalid residual'] })).toEqual([
      'the file is cut short: 10.00 s of 20.00 s read',
    ]);
    expect(about({ declaredMs: 10_150 })).toEqual([]);
    expect(about({ declaredMs: 10_151 })).toHaveLength(1);
  });

  it('knows a duration that ffmpeg guessed from the bit rate', () => {
    expect(isDurationEstimated(['x', 'Estimating duration from bitrate, this may be inaccurate'])).toBe(true);
    expect(isDurationEstimated(['filesize and duration do not match (growing file?)'])).toBe(false);
  });

  it('names a missing end', () => {
    const line = ['the file has no proper end and may be cut short: 10.00 s read'];
    expect(about({ hasEnd: false })).toEqual(line);
    expect(about({ declaredMs: undefined, errors: ['File ended prematurely'] })).toEqual(line);
    expect(about({ warnings: ['stream 0, offset 0x2c: partial file'] })).toEqual(line);
  });

  it('names damage that cost no time', () => {
    const [line] = about({ errors: ['invalid residual', 'another'] });
    expect(line).toMatch(/damaged.*\(invalid residual\)$/);
  });
});

describe('oggHasEnd', () => {
  const ogg = readFileSync(new URL('../../fixtures/formats/es-where-is-the-station.ogg', import.meta.url));

  it('is true of a whole file and false of every shorter one', () => {
    expect(oggHasEnd(ogg)).toBe(true);
    for (let length = 0; length < ogg.length; length++)
      expect(oggHasEnd(ogg.subarray(0, length))).toBe(false);
  });

  it('survives what is not Ogg at all', () => {
    expect(oggHasEnd(new TextEncoder().encode('OggS'.repeat(30_000)))).toBe(false);
    expect(oggHasEnd(new Uint8Array(200_000))).toBe(false);
  });
});
