/** How much of a sound is speech, and not a hum, noise or music of one loudness, which a detector of voices takes for speech too. Pure. */

/** Frames of 10 ms that are judged together. */
const WINDOW_FRAMES = 100;
/** Syllables and pauses make a second of speech differ so much in level (standard deviation); noise and tones do not. */
const MIN_SPREAD_DB = 4;
/** Nothing is quieter. */
const FLOOR_DBFS = -70;
const FULL_SCALE = 32_768;

/** Counts speech, second by second. */
export class SpeechMeter {
  #speechMs = 0;
  #levels: number[] = [];
  #speechFrames = 0;

  /** So far, of whole seconds. */
  get speechMs(): number {
    return this.#speechMs;
  }

  /** Takes 10 ms of mono, and whether a detector takes them for speech. */
  push(frame: Int16Array, isSpeech: boolean): void {
    this.#levels.push(levelOf(frame));
    if (isSpeech) this.#speechFrames++;
    if (this.#levels.length === WINDOW_FRAMES) this.#judge();
  }

  /** What is left, at the end of the sound. */
  end(): void {
    if (this.#levels.length > 0) this.#judge();
  }

  #judge(): void {
    if (spreadOf(this.#levels) >= MIN_SPREAD_DB) this.#speechMs += this.#speechFrames * 10;
    this.#levels = [];
    this.#speechFrames = 0;
  }
}

function levelOf(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  if (sum === 0) return FLOOR_DBFS;
  return Math.max(FLOOR_DBFS, 10 * Math.log10(sum / frame.length / FULL_SCALE ** 2));
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
