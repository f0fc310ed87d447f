import type { AudioFrame } from '../../../audio/index.js';
import type { AudioSink, SdkTrack, Wrtc } from './wrtc-types.js';

/** Takes a frame; it is valid during the call only. */
export type OnFrame = (frame: AudioFrame) => void;

/**
 * One remote microphone: the frames of its track, with the rate and channel count that each one has.
 * A track starts with some 16 kHz frames before its 48 kHz ones.
 */
export class SpeakerTrack {
  readonly #sink: AudioSink;
  readonly #frame: AudioFrame = { samples: new Int16Array(0), sampleRateHz: 0, channelCount: 0 };

  constructor(wrtc: Wrtc, track: SdkTrack, onFrame: OnFrame) {
    this.#sink = new wrtc.nonstandard.RTCAudioSink(track);
    const frame = this.#frame;
    // wrtc's own `dispatchEvent` makes a closure, a turn and a set of listeners of every frame: a fourth of what one costs.
    this.#sink.dispatchEvent = (data) => {
      frame.samples = data.samples;
      frame.sampleRateHz = data.sampleRate;
      frame.channelCount = data.channelCount;
      try {
        onFrame(frame);
      } catch (error) {
        process.nextTick(fail, error); // as from a listener, and never into wrtc
      }
    };
  }

  /** No frame comes after this; a sink that is not stopped keeps the process alive. */
  stop(): void {
    this.#sink.dispatchEvent = () => undefined;
    this.#sink.stop();
  }
}

function fail(error: unknown): never {
  throw error;
}
