/**
 * Decoded sound with its timestamps, as ffmpeg's muxer `smjpeg` writes it: after a header, packets of "sndD", the timestamp in
 * milliseconds, the size and the samples, numbers in four bytes, big-endian; at the end "DONE". Of the containers that carry
 * both it is the plainest one.
 */
const PACKET = 0x736e6444; // sndD
const END = 0x444f4e45; // DONE
/** Magic, version, duration, then tags with their sizes. */
const FILE_HEADER_BYTES = 16;
const PACKET_HEADER_BYTES = 12;
const HEADER_TAGS = [0x5f534e44 /* _SND */, 0x5f545854 /* _TXT */];
const HEADER_END = 0x48454e44; // HEND

/** Samples that belong to `ptsMs`: interleaved int16. */
export type SoundPacket = { ptsMs: number; samples: Int16Array };

/** Takes the muxer's bytes as they come and gives whole packets. */
export class PacketReader {
  #rest = Buffer.alloc(0);
  #inHeader = true;
  #started = false;

  /** The packets that `block` completes. Throws Error for bytes that the muxer does not write. */
  push(block: Uint8Array): SoundPacket[] {
    const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const packets: SoundPacket[] = [];
    let at = this.#inHeader ? this.#skipHeader(all) : 0;
    while (!this.#inHeader && at + 4 <= all.length) {
      const tag = all.readUInt32BE(at);
      if (tag === END) {
        at = all.length;
        break;
      }
      if (tag !== PACKET) throw new Error('ffmpeg wrote something else than sound');
      if (at + PACKET_HEADER_BYTES > all.length) break;
      const size = all.readUInt32BE(at + 8);
      const from = at + PACKET_HEADER_BYTES;
      if (from + size > all.length) break;
      const samples = new Int16Array(size >> 1);
      new Uint8Array(samples.buffer).set(all.subarray(from, from + samples.byteLength));
      packets.push({ ptsMs: all.readInt32BE(at + 4), samples });
      at = from + size;
    }
    this.#rest = at === all.length ? Buffer.alloc(0) : Buffer.from(all.subarray(at));
    return packets;
  }

  #skipHeader(all: Buffer): number {
    let at = this.#started ? 0 : FILE_HEADER_BYTES;
    if (at > all.length) return 0;
    this.#started = true;
    while (at + 8 <= all.length) {
      const tag = all.readUInt32BE(at);
      if (tag === HEADER_END) {
        this.#inHeader = false;
        return at + 4;
      }
      if (!HEADER_TAGS.includes(tag)) throw new Error('ffmpeg wrote another header than expected');
      const next = at + 8 + all.readUInt32BE(at + 4);
      if (next > all.length) break;
      at = next;
    }
    return at;
  }
}
