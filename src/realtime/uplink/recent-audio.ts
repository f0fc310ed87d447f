const SAMPLES_PER_MS = 24;
const BLOCK_MS = 200;
const BLOCK_SAMPLES = BLOCK_MS * SAMPLES_PER_MS;
/** A hole shorter than this is rounding of times. */
const JITTER_MS = 1;

type Block = { readonly pcm: Int16Array; samples: number; atMs: number };

/**
 * The last seconds of what a speaker said, sent or not: what a connection had not answered when it was lost is told to the next
 * one.
 * 24 kHz mono PCM16; blocks are used again, so that nothing is allocated once it is full.
 */
export class RecentAudio {
  readonly #maxBlocks: number;
  readonly #blocks: Block[] = []; // oldest first; the last one is being filled

  /** @param keepMs how much is kept at least, where there are no holes in it */
  constructor(keepMs: number) {
    this.#maxBlocks = Math.ceil(keepMs / BLOCK_MS) + 1;
  }

  /** The meeting's time of the oldest sample that is kept; undefined while there is none. */
  get fromMs(): number | undefined {
    return this.#blocks[0]?.atMs;
  }

  /** Keeps a copy of audio whose first sample belongs to `atMs`. */
  append(pcm: Int16Array, atMs: number): void {
    let offset = 0;
    while (offset < pcm.length) {
      const block = this.#blockAt(atMs + offset / SAMPLES_PER_MS);
      const count = Math.min(BLOCK_SAMPLES - block.samples, pcm.length - offset);
      block.pcm.set(pcm.subarray(offset, offset + count), block.samples);
      block.samples += count;
      offset += count;
    }
  }

  /** Hands over what is kept from `fromMs` on, in order, in pieces that are valid during the call only. */
  replay(fromMs: number, take: (pcm: Int16Array, atMs: number) => void): void {
    for (const { pcm, samples, atMs } of this.#blocks) {
      const skipped = Math.min(samples, Math.max(0, Math.round((fromMs - atMs) * SAMPLES_PER_MS)));
      if (skipped < samples) take(pcm.subarray(skipped, samples), atMs + skipped / SAMPLES_PER_MS);
    }
  }

  #blockAt(atMs: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.samples < BLOCK_SAMPLES) {
      if (Math.abs(last.atMs + last.samples / SAMPLES_PER_MS - atMs) <= JITTER_MS) return last;
    }
    const oldest = this.#blocks.length < this.#maxBlocks ? undefined : this.#blocks.shift();
    const block: Block = oldest ?? { pcm: new Int16Array(BLOCK_SAMPLES), samples: 0, atMs };
    block.samples = 0;
    block.atMs = atMs;
    this.#blocks.push(block);
    return block;
  }
}
