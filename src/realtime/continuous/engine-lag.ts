const REMEMBERED = 8;
/** Nothing is that late. */
const LATEST_MS = 8_000;
/** Beyond twice the longest so far, and this, a translation is not coming any more. */
const MARGIN_MS = 1_000;

/**
 * How long an engine takes to begin a translation, counted from where our own speech detector ended the turn: learnt from turns of which
 * it is certain, since an engine that says nothing to a turn (it was in the target language) does not tell so.
 */
export class EngineLag {
  readonly #lagsMs: number[] = [];

  /** A translation began so long after its turn had ended; 0 where it began before. */
  note(lagMs: number): void {
    this.#lagsMs.push(Math.max(0, lagMs));
    if (this.#lagsMs.length > REMEMBERED) this.#lagsMs.shift();
  }

  /** After so long without a word, what the engine says belongs to a later turn, where there is one. */
  get latestMs(): number {
    if (this.#lagsMs.length === 0) return LATEST_MS;
    return Math.min(LATEST_MS, 2 * Math.max(...this.#lagsMs) + MARGIN_MS);
  }
}
