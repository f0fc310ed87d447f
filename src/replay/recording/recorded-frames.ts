import { AudioError, InputAdapter, loadResampler } from '../../../audio/index.js';
import { ParleyError } from '../../errors.js';
import type { Recording } from '../../media/recording.js';

/** What a frame of a recording is, whatever the file was: 10 ms, 48 kHz, mono. */
export const FRAME_SAMPLES = 480;

/** What is read of a recording. */
export type RecordedSound = Pick<Recording, 'sampleRateHz' | 'voiceCount' | 'read'>;

/** A recording as tracks would deliver it: for each of its voices, frames of 480 samples. The last one is filled up with silence. */
export class RecordedFrames {
  readonly voiceCount: number;
  readonly #sound: RecordedSound;
  readonly #adapters: readonly InputAdapter[];
  /** Samples at 48 kHz that are not taken yet, and how far they were, the same for every voice. */
  #held: Int16Array[];
  #at = 0;
  #ended = false;

  private constructor(sound: RecordedSound) {
    this.#sound = sound;
    this.voiceCount = sound.voiceCount;
    this.#adapters = Array.from({ length: sound.voiceCount }, () => new InputAdapter());
    this.#held = this.#adapters.map(() => new Int16Array(0));
  }

  /** Throws ParleyError `input_unusable` for a rate that the input adapter does not take. */
  static async of(sound: RecordedSound): Promise<RecordedFrames> {
    await loadResampler();
    return new RecordedFrames(sound);
  }

  /** The next frame of every voice if it is there already, as it is nearly always. */
  get ready(): Int16Array[] | undefined {
    const end = this.#at + FRAME_SAMPLES;
    if (this.#held[0]!.length < end) return undefined;
    const frames = this.#held.map((samples) => samples.subarray(this.#at, end));
    this.#at = end;
    return frames;
  }

  /** The next frame of every voice, read where it is not there yet; undefined at the end. */
  async next(): Promise<Int16Array[] | undefined> {
    for (;;) {
      const { ready } = this;
      if (ready !== undefined) return ready;
      if (this.#ended) return undefined;
      this.#take(await this.#sound.read());
    }
  }

  /** Frees the resamplers. */
  close(): void {
    for (const adapter of this.#adapters) adapter.close();
  }

  #take(voices: readonly Int16Array[] | undefined): void {
    const { sampleRateHz } = this.#sound;
    this.#ended = voices === undefined;
    this.#held = this.#held.map((held, voice) => {
      const rest = held.subarray(this.#at);
      const fresh =
        voices === undefined
          ? this.#adapters[voice]!.flush()
          : this.#adapt(this.#adapters[voice]!, voices[voice]!, sampleRateHz);
      const whole = rest.length + fresh.length;
      const length = this.#ended ? Math.ceil(whole / FRAME_SAMPLES) * FRAME_SAMPLES : whole;
      const joined = new Int16Array(length);
      joined.set(rest);
      joined.set(fresh, rest.length);
      return joined;
    });
    this.#at = 0;
  }

  #adapt(adapter: InputAdapter, samples: Int16Array, sampleRateHz: number): Int16Array {
    try {
      return adapter.process({ samples, sampleRateHz, channelCount: 1 });
    } catch (error) {
      if (error instanceof AudioError)
        throw new ParleyError('input_unusable', error.message, { cause: error });
      throw error;
    }
  }
}
