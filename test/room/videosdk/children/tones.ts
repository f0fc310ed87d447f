/** Phrases that a machine can tell apart: tones, and how long and how often each was heard. */
import type { AudioFrame } from '../../../../audio/index.js';
import { holdsTone, tone } from '../../../contract/room-cases.js';

export { tone };

/** Listens for tones, frame by frame. */
export class ToneMeter {
  readonly #runs: { frequencyHz: number; frames: number; fromMs: number }[] = [];
  readonly #frequenciesHz: readonly number[];
  #silentFrames = 0;

  constructor(frequenciesHz: readonly number[]) {
    this.#frequenciesHz = frequenciesHz;
  }

  hear(frame: AudioFrame, atMs: number): void {
    const frequencyHz = this.#frequenciesHz.find((candidate) => holdsTone(frame, candidate));
    if (frequencyHz === undefined) {
      this.#silentFrames++;
      return;
    }
    const last = this.#runs.at(-1);
    // A frame between two frames of a tone that holds no clear tone is not the end of it.
    if (last?.frequencyHz === frequencyHz && this.#silentFrames < 10) last.frames += 1 + this.#silentFrames;
    else this.#runs.push({ frequencyHz, frames: 1, fromMs: atMs });
    this.#silentFrames = 0;
  }

  /** How long each hearing of this tone was, in milliseconds; those below 50 ms are noise. */
  heardMs(frequencyHz: number): readonly number[] {
    return this.#runs
      .filter((run) => run.frequencyHz === frequencyHz && run.frames >= 5)
      .map(({ frames }) => frames * 10);
  }

  /** How long this tone was heard in all. */
  totalMs(frequencyHz: number): number {
    return this.heardMs(frequencyHz).reduce((sum, ms) => sum + ms, 0);
  }

  /** Everything that was heard, in order. */
  get sequence(): readonly string[] {
    return this.#runs
      .filter(({ frames }) => frames >= 5)
      .map((run) => `${run.frequencyHz} Hz ${run.frames * 10} ms`);
  }
}

/** Reads 48 kHz mono PCM frame by frame. */
export function measureTones(pcm: Int16Array, frequenciesHz: readonly number[]): ToneMeter {
  const meter = new ToneMeter(frequenciesHz);
  for (let n = 0; n + 480 <= pcm.length; n += 480) {
    meter.hear({ samples: pcm.subarray(n, n + 480), sampleRateHz: 48_000, channelCount: 1 }, n / 48);
  }
  return meter;
}
