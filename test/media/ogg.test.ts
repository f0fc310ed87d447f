import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { bytesSource, partOf } from '../../src/media/byte-source.js';
import { joinedOggs, readOggPages } from '../../src/media/ogg.js';

const formats = new URL('../../fixtures/formats/', import.meta.url);
const vorbis = readFileSync(new URL('es-where-is-the-station.ogg', formats));
const pages = (bytes: Uint8Array) => readOggPages(bytesSource(bytes));

/** A page of one stream with packets of 20 ms of Opus, each of three bytes, or with the header that is given. */
function page(flags: number, granule: number, packets: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(27 + packets.length);
  header.write('OggS', 0, 'latin1');
  header[5] = flags;
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(7, 14);
  header[26] = packets.length;
  packets.forEach((packet, index) => (header[27 + index] = packet.length));
  return Buffer.concat([header, ...packets]);
}

const HEAD = Buffer.from('OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0', 'latin1'); // 312 samples to skip
const TAGS = Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1');
const PACKET = Buffer.from([0x98, 1, 2]); // CELT, 20 ms, one frame
const opus = (...sound: Buffer[]) => Buffer.concat([page(2, 0, [HEAD]), page(0, 0, [TAGS]), ...sound]);

describe('readOggPages', () => {
  it('finds the end of a whole file and of no shorter one', () => {
    expect(pages(vorbis)).toEqual({ hasEnd: true, opusGaps: [] });
    for (let length = 0; length < vorbis.length; length += 7)
      expect(pages(vorbis.subarray(0, length)).hasEnd).toBe(false);
  });

  it('goes through one of several recordings alone', () => {
    const two = bytesSource(Buffer.concat([vorbis, vorbis.subarray(0, -1)]));
    expect(readOggPages(partOf(two, { at: 0, length: vorbis.length })).hasEnd).toBe(true);
    expect(readOggPages(partOf(two, { at: vorbis.length, length: vorbis.length })).hasEnd).toBe(false);
  });

  it('finds where nothing was recorded, before the page whose position jumps', () => {
    const steady = opus(
      page(0, 960, [PACKET]),
      page(0, 2 * 960, [PACKET]),
      page(4, 4 * 960, [PACKET, PACKET]),
    );
    expect(pages(steady)).toEqual({ hasEnd: true, opusGaps: [] });
    const jumped = opus(
      page(0, 960, [PACKET]),
      page(0, 48_000 + 2 * 960, [PACKET]),
      page(4, 48_000 + 3 * 960, [PACKET]),
    );
    // Of the first packet's 20 ms 6.5 are skipped.
    expect(pages(jumped).opusGaps).toEqual([{ afterMs: 13.5, gapMs: 1000 }]);
  });

  it('survives what is not Ogg at all', () => {
    expect(pages(new TextEncoder().encode('OggS'.repeat(30_000))).hasEnd).toBe(false);
    expect(pages(new Uint8Array(200_000))).toEqual({ hasEnd: false, opusGaps: [] });
  });
});

describe('joinedOggs', () => {
  it('finds where a stream begins behind others', () => {
    expect(joinedOggs(bytesSource(vorbis))).toEqual([]);
    const three = bytesSource(Buffer.concat([vorbis, vorbis, opus(page(4, 960, [PACKET]))]));
    expect(joinedOggs(three)).toEqual([vorbis.length, 2 * vorbis.length]);
  });

  it('takes streams that begin together for one recording', () => {
    const together = Buffer.concat([
      page(2, 0, [HEAD]),
      page(2, 0, [HEAD]),
      page(0, 0, [TAGS]),
      page(4, 960, [PACKET]),
    ]);
    expect(joinedOggs(bytesSource(together))).toEqual([]);
    expect(joinedOggs(bytesSource(Buffer.concat([together, together])))).toEqual([together.length]);
  });
});
