/** What the pages of an Ogg file tell (RFC 3533, RFC 7845), which ffmpeg does not pass on. */
import { blockReader, type ReadableBytes } from './byte-source.js';
import type { UntoldGap } from './timeline.js';

/** The pages of a recording. */
export type OggPages = {
  /** It ends with a whole page that is marked as the last of its stream. */
  hasEnd: boolean;
  /** Where the positions of Opus pages jump ahead: nothing was recorded. ffmpeg notices only a page later. */
  opusGaps: UntoldGap[];
};

const BEGINNING = 0x02;
const END = 0x04;
const HEADER_BYTES = 27;
/** Where a page is damaged, the next one is searched so far at a time. */
const SEARCHED_BYTES = 2 ** 18;
/** Positions count samples at this rate, whatever the sound's own rate was. */
const OPUS_RATE_HZ = 48_000;
/** Positions that jump by less are rounded. */
const MIN_GAP_SAMPLES = 144;
/** More is a position that was set anew. */
const MAX_GAP_SAMPLES = 6 * 3600 * OPUS_RATE_HZ;
/** Frame lengths of a configuration in samples (RFC 6716 section 3.1): SILK, hybrid, CELT. */
const SILK_FRAMES = [480, 960, 1920, 2880];
const HYBRID_FRAMES = [480, 960];
const CELT_FRAMES = [120, 240, 480, 960];

/** Where recordings begin that are joined behind the first: a stream begins once others have said more than that they begin. */
export function joinedOggs(source: ReadableBytes): number[] {
  const starts: number[] = [];
  let wasBeginning = true;
  for (const { at, flags } of pagesOf(source)) {
    const begins = (flags & BEGINNING) !== 0;
    if (begins && !wasBeginning) starts.push(at);
    wasBeginning = begins;
  }
  return starts;
}

/** Reads the pages of a recording from beginning to end; what is between them is passed over. */
export function readOggPages(source: ReadableBytes): OggPages {
  const opus = new OpusPositions();
  let isLast = false;
  let wasWhole = true;
  for (const page of pagesOf(source)) {
    isLast = (page.flags & END) !== 0;
    wasWhole = page.isWhole;
    opus.take(page);
  }
  return { hasEnd: isLast && wasWhole, opusGaps: opus.gaps };
}

type Page = {
  at: number;
  flags: number;
  /** -1 where no packet ends on the page. */
  granule: number;
  serial: number;
  segments: Uint8Array;
  body: Buffer;
  isWhole: boolean;
};

function* pagesOf(source: ReadableBytes): Generator<Page> {
  const bytesAt = blockReader(source);
  for (let at = 0; at + HEADER_BYTES <= source.sizeBytes;) {
    const header = bytesAt(at, HEADER_BYTES);
    if (header.toString('latin1', 0, 4) !== 'OggS') {
      const around = bytesAt(at, SEARCHED_BYTES);
      const next = around.indexOf('OggS', 1, 'latin1');
      at += next > 0 ? next : Math.max(1, around.length - 3);
      continue;
    }
    const flags = header[5]!;
    const granule = Number(header.readBigInt64LE(6));
    const serial = header.readUInt32LE(14);
    const segmentCount = header[26]!;
    const segments = Uint8Array.from(bytesAt(at + HEADER_BYTES, segmentCount));
    const bodyBytes = segments.reduce((total, size) => total + size, 0);
    const bodyAt = at + HEADER_BYTES + segmentCount;
    const body = bytesAt(bodyAt, bodyBytes);
    const isWhole = segments.length === segmentCount && body.length === bodyBytes;
    yield { at, flags, granule, serial, segments, body, isWhole };
    at = bodyAt + bodyBytes;
  }
}

/** Follows the positions of the Opus streams of a file. */
class OpusPositions {
  readonly gaps: UntoldGap[] = [];
  #serial: number | undefined;
  /** Where the page before ended; undefined at the beginning of a stream. */
  #position: number | undefined;
  #headers = 0;
  #samples = 0;
  /** Length of the packet that goes on on the next page. */
  #held = 0;

  take({ flags, serial, granule, segments, body, isWhole }: Page): void {
    if ((flags & BEGINNING) !== 0 && body.toString('latin1', 0, 8) === 'OpusHead') {
      this.#serial = serial;
      this.#position = undefined;
      this.#headers = 2;
      if (this.#samples === 0 && body.length >= 12) this.#samples = -body.readUInt16LE(10);
    }
    if (serial !== this.#serial || !isWhole) return;
    let pageSamples = 0;
    let at = 0;
    let begins = true;
    for (const size of segments) {
      if (begins && !(at === 0 && this.#held > 0))
        this.#held = samplesOf(body.subarray(at, at + Math.max(size, 2)));
      at += size;
      begins = size < 255;
      if (!begins) continue;
      if (this.#headers > 0) this.#headers--;
      else pageSamples += this.#held;
      this.#held = 0;
    }
    if (granule < 0 || pageSamples === 0) return;
    const gap = this.#position === undefined ? 0 : granule - pageSamples - this.#position;
    if (gap > MIN_GAP_SAMPLES && gap < MAX_GAP_SAMPLES)
      this.gaps.push({
        afterMs: (Math.max(0, this.#samples) * 1000) / OPUS_RATE_HZ,
        gapMs: (gap * 1000) / OPUS_RATE_HZ,
      });
    this.#position = granule;
    this.#samples += pageSamples;
  }
}

/** Length of an Opus packet by its first bytes (RFC 6716 section 3.1 and 3.2). */
function samplesOf(packet: Uint8Array): number {
  const [toc, count = 0] = packet;
  if (toc === undefined) return 0;
  const config = toc >> 3;
  const frames = config < 12 ? SILK_FRAMES : config < 16 ? HYBRID_FRAMES : CELT_FRAMES;
  const frameSamples = frames[config % frames.length]!;
  const code = toc & 3;
  return frameSamples * (code === 0 ? 1 : code === 3 ? count & 0x3f : 2);
}
