import { REALTIME_RATE_HZ, REALTIME_SAMPLES_PER_MS } from '../../audio/rates.js';

/** Longest stretch of speech that can be cut out again. */
const KEPT_SAMPLES = 60 * REALTIME_RATE_HZ;

/**
 * What was sent of people's audio on one connection, the last minute of it: the server names speech by milliseconds of what was
 * sent, and an item of somebody's speech gets its sound from here.
 */
export class SentAudio {
  #ring: Int16Array | undefined;
  /** Samples sent since the connection began, and those of them that were committed by hand. */
  #sent = 0;
  #committed = 0;

  /** Samples that were sent and not committed. */
  get uncommittedSamples(): number {
    return this.#sent - this.#committed;
  }

  /** Another connection begins: the server counts anew. */
  reset(): void {
    this.#sent = 0;
    this.#committed = 0;
  }

  /** These were sent; they are copied. */
  append(pcm: Int16Array): void {
    const ring = (this.#ring ??= new Int16Array(KEPT_SAMPLES));
    const kept = pcm.length > KEPT_SAMPLES ? pcm.subarray(pcm.length - KEPT_SAMPLES) : pcm;
    const from = (this.#sent + pcm.length - kept.length) % KEPT_SAMPLES;
    const first = Math.min(kept.length, KEPT_SAMPLES - from);
    ring.set(kept.subarray(0, first), from);
    ring.set(kept.subarray(first), 0);
    this.#sent += pcm.length;
  }

  /** What was sent between two moments of the connection, as far as it is kept; a copy. */
  between(startMs: number, endMs: number): Int16Array {
    return this.#copy(
      Math.floor(startMs * REALTIME_SAMPLES_PER_MS),
      Math.floor(endMs * REALTIME_SAMPLES_PER_MS),
    );
  }

  /** Everything so far is being committed: returns what had not been, as far as it is kept. */
  commit(): Int16Array {
    const audio = this.#copy(this.#committed, this.#sent);
    this.#committed = this.#sent;
    return audio;
  }

  #copy(from: number, to: number): Int16Array {
    const start = Math.max(from, this.#sent - KEPT_SAMPLES, 0);
    const end = Math.min(to, this.#sent);
    const out = new Int16Array(Math.max(0, end - start));
    const ring = this.#ring;
    if (ring === undefined) return out;
    for (let at = start, written = 0; at < end;) {
      const offset = at % KEPT_SAMPLES;
      const count = Math.min(end - at, KEPT_SAMPLES - offset);
      out.set(ring.subarray(offset, offset + count), written);
      at += count;
      written += count;
    }
    return out;
  }
}
