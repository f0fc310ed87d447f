import { describe, expect, it } from 'vitest';

import { completenessWarnings, type Decoded } from '../../src/media/completeness.js';
import { isDurationEstimated } from '../../src/media/ffmpeg/probe.js';

const whole: Decoded = {
  decodedMs: 10_000,
  declaredMs: 10_050,
  kind: 'flac',
  hasEnd: true,
  warnings: [],
  errors: [],
};
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
    const estimated = (text: string) => isDurationEstimated([{ level: 'warning', text }]);
    expect(estimated('Estimating duration from bitrate, this may be inaccurate')).toBe(true);
    expect(estimated('filesize and duration do not match (growing file?)')).toBe(false);
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

  it.each([
    ['mp3', 'Header missing'],
    ['wav', 'Packet is too small'],
    ['amr', 'Error while decoding stream #0:0: Not yet implemented in FFmpeg, patches welcome'],
  ] as const)('does not call a joint of %s damage', (kind, said) => {
    const failed = 'Error while decoding stream #0:0: Invalid data found when processing input';
    const errors = [said, failed, said, failed];
    expect(about({ kind, errors })).toEqual([]);
    expect(about({ kind, errors: [...errors, 'invalid residual', failed] })).toHaveLength(1);
    expect(about({ kind: 'flac', errors })).toHaveLength(1);
  });
});
