/** From here on a piece ends at the next dip. */
const LONG_MS = 12_000;
/** A piece is never longer. */
const LONGEST_MS = 15_000;
/** A dip: no voice for so long. Between words of fluent speech there is seldom more. */
const DIP_MS = 120;
/** A pause this long is not a dip any more: the server is about to end the turn by itself. */
const PAUSE_MS = 300;
/** After a silence this long the speech is over, whatever the server tells of it. */
const OVER_MS = 5_000;

/**
 * When speech without a pause is committed by hand, so that its translation does not wait for its end: after 12 s at the
 * next dip, after 15 s wherever it is. Pure; times are of the meeting's clock.
 * One speaker's speech, as the server hears it, and the dips in it.
 */
export class LongSpeech {
  /** Where the present piece began; undefined in silence. */
  #sinceMs: number | undefined;

  /** The server heard speech begin, or tells late where a piece began. */
  started(startMs: number): void {
    this.#sinceMs = Math.max(this.#sinceMs ?? startMs, startMs);
  }

  /** The server heard it end. */
  stopped(): void {
    this.#sinceMs = undefined;
  }

  /**
   * Whether what was said until `atMs` is to be committed now; the next piece begins there. `pauseMs`: how long there has
   * been no voice.
   */
  mustCommit(atMs: number, pauseMs: number): boolean {
    if (this.#sinceMs === undefined) return false;
    if (pauseMs >= OVER_MS) this.#sinceMs = undefined;
    if (this.#sinceMs === undefined || pauseMs >= PAUSE_MS) return false;
    const lastedMs = atMs - this.#sinceMs;
    if (lastedMs < LONG_MS || (pauseMs < DIP_MS && lastedMs < LONGEST_MS)) return false;
    this.#sinceMs = atMs;
    return true;
  }
}
