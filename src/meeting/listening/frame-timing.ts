/** Frames this much off their time are late or early, not missing: only the time is corrected. */
const DRIFT_MS = 30;
/** A hole this long ends the stretch of audio before it. */
const GAP_MS = 100;

/**
 * The times of frames that should follow each other without a hole, and come a little early or late. Within a stretch time
 * is counted by what the frames hold; it is corrected where they are off by more than jitter.
 */
export class FrameTiming {
  #nextMs: number | undefined;

  /** A stretch is under way. */
  get running(): boolean {
    return this.#nextMs !== undefined;
  }

  /** There is a hole before a frame at `atMs`: what came before should be ended first. */
  isAfterHole(atMs: number): boolean {
    return this.#nextMs !== undefined && Math.abs(atMs - this.#nextMs) > GAP_MS;
  }

  /**
   * Takes a frame whose first sample belongs to `atMs`. Returns by how much the times of this stretch move from here on, 0
   * nearly always; undefined when a stretch begins with this frame.
   */
  take(atMs: number, durationMs: number): number | undefined {
    const expectedMs = this.#nextMs;
    const offMs = atMs - (expectedMs ?? atMs);
    const moved = Math.abs(offMs) > DRIFT_MS ? offMs : 0;
    this.#nextMs = (expectedMs ?? atMs) + moved + durationMs;
    return expectedMs === undefined ? undefined : moved;
  }

  /** The stretch ends here. */
  end(): void {
    this.#nextMs = undefined;
  }
}
