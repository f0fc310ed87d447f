import { describe, expect, it } from 'vitest';
import { amrDurationMs } from '../../src/media/amr.js';
import { bytesSource } from '../../src/media/byte-source.js';
import { joinedSpans } from '../../src/media/joined.js';

/** A box of an MP4: its size, its type, and so many bytes of content. */
function box(type: string, contentBytes: number): Buffer {
  const bytes = Buffer.alloc(8 + contentBytes);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.write(type, 4, 'latin1');
  return bytes;
}

const spansOf = (...boxes: Buffer[]) => joinedSpans(bytesSource(Buffer.concat(boxes)), 'mp4');

describe('recordings in one MP4', () => {
  it('begin where a type is followed by a table', () => {
    const one = [box('ftyp', 8), box('mdat', 100), box('moov', 50)];
    expect(spansOf(...one)).toEqual([{ at: 0, length: 182 }]);
    expect(spansOf(...one, ...one)).toEqual([
      { at: 0, length: 182 },
      { at: 182, length: 182 },
    ]);
    // The head of one that was never finished is no recording.
    expect(spansOf(...one, box('ftyp', 8), box('mdat', 100))).toEqual([{ at: 0, length: 306 }]);
  });

  it('are found behind a box of more than four gigabytes, and not behind nonsense', () => {
    const long = Buffer.alloc(16);
    long.writeUInt32BE(1, 0);
    long.write('mdat', 4, 'latin1');
    long.writeBigUInt64BE(16n, 8);
    expect(spansOf(box('ftyp', 0), long, box('moov', 0), box('ftyp', 0), box('moov', 0))).toHaveLength(2);
    const nonsense = box('mdat', 0);
    nonsense.writeUInt32BE(3, 0);
    expect(spansOf(box('ftyp', 0), nonsense, box('moov', 0), box('ftyp', 0), box('moov', 0))).toHaveLength(1);
  });
});

describe('the length of an AMR file', () => {
  it.each([
    ['#!AMR\n', [0x3c, 32], [0x7c, 1]], // 12.2 kbit/s and a pause
    ['#!AMR-WB\n', [0x44, 61], [0x7c, 1]], // 23.85 kbit/s and a pause
  ] as const)('of %j counts what was not sent', (magic, [speech, speechBytes], [pause, pauseBytes]) => {
    const frame = (first: number, bytes: number) => Buffer.alloc(bytes, 0).fill(first, 0, 1);
    const frames = [frame(speech, speechBytes), frame(pause, pauseBytes), frame(pause, pauseBytes)];
    expect(amrDurationMs(bytesSource(Buffer.concat([Buffer.from(magic), ...frames])))).toBe(60);
    expect(amrDurationMs(bytesSource(Buffer.from(magic)))).toBe(0);
  });
});
