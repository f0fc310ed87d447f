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

  /** Takes what sounds at one time: a frame (mono) of every voice. */
  push(frames: readonly Int16Array[]): void {
    if (this.#count === this.#peaks.length) {
      const wider = new Uint8Array(this.#peaks.length * 2);
      wider.set(this.#peaks);
      this.#peaks = wider;
    }
    let peak = 0;
    for (const frame of frames) peak = Math.max(peak, peakOf(frame));
    if (peak > this.#largest) this.#largest = peak;
    this.#peaks[this.#count++] = Math.min(255, Math.round(peak / 128));
  }

  /** Peaks so far, 0 (silence) to 255 (full scale), one per frame. */
  get peaks(): Uint8Array {
    return this.#peaks.subarray(0, this.#count);
  }
}

/** Largest magnitude of a sample. The least and the most are followed by themselves: a sign is a jump that nobody foresees. */
function peakOf(frame: Int16Array): number {
  let least = 0;
  let most = 0;
  const { length } = frame;
  for (let index = 0; index < length; index++) {
    const sample = frame[index]!;
    if (sample > most) most = sample;
    else if (sample < least) least = sample;
  }
  return Math.max(most, -least);
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
