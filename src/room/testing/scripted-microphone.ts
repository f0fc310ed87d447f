import type { AudioFrame } from '../../../audio/index.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';

/** What is said: samples, or where they are read from. */
export type SaidSound =
  | Int16Array
  | {
      readonly length: number;
      /** Fills `out` with what begins at a sample, as far as there is something. */
      read(at: number, out: Int16Array): void;
    };

type Speech = { sound: SaidSound; sampleRateHz: number; channelCount: number };

/** The microphone of a scripted person: what they say, one frame after the other, and silence in between. */
export class ScriptedMicrophone {
  readonly #frameMs: number;
  readonly #toSay: Speech[] = []; // oldest first
  /** Samples of the first one already said. */
  #said = 0;
  #frame: AudioFrame = { samples: new Int16Array(0), sampleRateHz: ROOM_RATE_HZ, channelCount: 1 };

  /** `frameMs` is the length of every frame. */
  constructor(frameMs: number) {
    this.#frameMs = frameMs;
  }

  /** Milliseconds that are still to be said. */
  get pendingMs(): number {
    const total = this.#toSay.reduce((sum, speech) => sum + lengthMs(speech, speech.sound.length), 0);
    const first = this.#toSay[0];
    return first === undefined ? 0 : total - lengthMs(first, this.#said);
  }

  /** Says this behind what is still to be said: interleaved int16, 48 kHz mono unless told otherwise. */
  say(sound: SaidSound, format: { sampleRateHz?: number; channelCount?: number } = {}): void {
    const { sampleRateHz = ROOM_RATE_HZ, channelCount = 1 } = format;
    if (sound.length > 0) this.#toSay.push({ sound, sampleRateHz, channelCount });
  }

  /** The next frame in the format of what is being said, valid until the next call; what is missing of it is silence. */
  nextFrame(): AudioFrame {
    const speech = this.#toSay[0];
    const { sampleRateHz, channelCount } = speech ?? this.#frame;
    const length = Math.round((sampleRateHz * this.#frameMs) / 1000) * channelCount;
    if (this.#frame.samples.length !== length || this.#frame.sampleRateHz !== sampleRateHz) {
      this.#frame = { samples: new Int16Array(length), sampleRateHz, channelCount };
    }
    this.#frame.channelCount = channelCount;
    const out = this.#frame.samples.fill(0);
    if (speech === undefined) return this.#frame;
    const { sound } = speech;
    if (sound instanceof Int16Array) out.set(sound.subarray(this.#said, this.#said + length));
    else sound.read(this.#said, out);
    this.#said += length;
    if (this.#said >= sound.length) {
      this.#toSay.shift();
      this.#said = 0;
    }
    return this.#frame;
  }
}

function lengthMs({ sampleRateHz, channelCount }: Speech, samples: number): number {
  return (samples * 1000) / sampleRateHz / channelCount;
}
