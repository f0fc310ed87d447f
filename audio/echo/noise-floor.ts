/** Powers that one minimum is taken of: about 0.8 s. */
const SPAN = 64;
const SMOOTHING = 0.3;
/** The minimum of smoothed powers lies below their mean. */
const BIAS = 1.6;

/** The background of a sound, told from the lowest powers of its last one to two spans, whatever is said meanwhile. */
export class NoiseFloor {
  readonly #least: number;
  readonly #most: number;
  #smoothed: number | undefined;
  #lowest = Infinity;
  #lowestBefore = Infinity;
  #count = 0;

  /** Floors below `least` or above `most` are not believed. */
  constructor(least: number, most: number) {
    this.#least = least;
    this.#most = most;
  }

  /** Mean square of the background. */
  get power(): number {
    const lowest = Math.min(this.#lowest, this.#lowestBefore);
    return lowest === Infinity ? this.#least : Math.min(this.#most, Math.max(this.#least, BIAS * lowest));
  }

  /** Takes the next mean square, of about 10 ms. */
  follow(power: number): void {
    this.#smoothed =
      this.#smoothed === undefined ? power : this.#smoothed + SMOOTHING * (power - this.#smoothed);
    this.#lowest = Math.min(this.#lowest, this.#smoothed);
    if (++this.#count < SPAN) return;
    this.#count = 0;
    this.#lowestBefore = this.#lowest;
    this.#lowest = Infinity;
  }
}
