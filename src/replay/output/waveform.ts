/** Peaks of a recording for a picture of it: small enough to keep for hours, cheap enough to take from every frame. */

/** Collects the peak of each frame it is shown, one byte per frame. */
export class PeakTrack {
  #peaks = new Uint8Array(1024);
  #count = 0;
  #largest = 0;

  /** Largest magnitude of a sample so far. */
  get largest(): number {
    return this.#largest;
  }

  /** Takes what sounds at one time: a frame (mono), or one of every voice; all frames have the same length. */
  push(...frames: readonly Int16Array[]): void {
    if (this.#count === this.#peaks.length) {
      const wider = new Uint8Array(this.#peaks.length * 2);
      wider.set(this.#peaks);
      this.#peaks = wider;
    }
    let peak = 0;
    for (const frame of frames) {
      for (const sample of frame) {
        const magnitude = sample < 0 ? -sample : sample;
        if (magnitude > peak) peak = magnitude;
      }
    }
    if (peak > this.#largest) this.#largest = peak;
    this.#peaks[this.#count++] = Math.min(255, Math.round(peak / 128));
  }

  /** Peaks so far, 0 (silence) to 255 (full scale), one per frame. */
  get peaks(): Uint8Array {
    return this.#peaks.subarray(0, this.#count);
  }
}

/** `peaks` reduced to at most `bucketCount` buckets of equal width, each the largest of its span. */
export function reducePeaks(peaks: Uint8Array, bucketCount: number): Uint8Array {
  if (peaks.length <= bucketCount) return peaks.slice();
  const buckets = new Uint8Array(bucketCount);
  for (let index = 0; index < peaks.length; index++) {
    const bucket = Math.floor((index * bucketCount) / peaks.length);
    if (peaks[index]! > buckets[bucket]!) buckets[bucket] = peaks[index]!;
  }
  return buckets;
}
