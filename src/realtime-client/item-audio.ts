/** All items together keep so much; the oldest lose theirs first. */
const MAX_SAMPLES = 10 * 60 * 24_000;
const FIRST_CAPACITY = 24_000;

type Kept = { buffer: Int16Array; length: number };

/** The sound of items, which grows piece by piece, and of which a bounded amount is kept. */
export class ItemAudio {
  readonly #kept = new Map<string, Kept>(); // oldest first
  #samples = 0;
  readonly #onForgotten: (itemId: string) => void;

  /** @param onForgotten the sound of this item is not kept any more */
  constructor(onForgotten: (itemId: string) => void) {
    this.#onForgotten = onForgotten;
  }

  /** Adds samples to an item's sound. Returns all of it; what was returned before stays as it is. */
  append(itemId: string, pcm: Int16Array): Int16Array {
    const known = this.#kept.get(itemId) ?? { buffer: new Int16Array(0), length: 0 };
    const length = known.length + pcm.length;
    if (length > known.buffer.length) {
      const grown = new Int16Array(Math.max(FIRST_CAPACITY, length, known.buffer.length * 2));
      grown.set(known.buffer.subarray(0, known.length));
      known.buffer = grown;
    }
    known.buffer.set(pcm, known.length);
    known.length = length;
    this.#kept.set(itemId, known);
    this.#samples += pcm.length;
    this.#forgetOldest(itemId);
    return known.buffer.subarray(0, length);
  }

  /** Cuts an item's sound. Returns what is left of it. */
  truncate(itemId: string, length: number): Int16Array {
    const known = this.#kept.get(itemId);
    if (known === undefined) return new Int16Array(0);
    const left = Math.max(0, Math.min(length, known.length));
    this.#samples -= known.length - left;
    const buffer = known.buffer.slice(0, left); // what follows must not overwrite what was returned
    this.#kept.set(itemId, { buffer, length: left });
    return buffer;
  }

  /** Forgets an item's sound. */
  delete(itemId: string): void {
    this.#samples -= this.#kept.get(itemId)?.length ?? 0;
    this.#kept.delete(itemId);
  }

  /** Forgets all. */
  clear(): void {
    this.#kept.clear();
    this.#samples = 0;
  }

  #forgetOldest(keptId: string): void {
    for (const itemId of [...this.#kept.keys()]) {
      if (this.#samples <= MAX_SAMPLES) return;
      if (itemId === keptId) continue;
      this.delete(itemId);
      this.#onForgotten(itemId);
    }
  }
}
