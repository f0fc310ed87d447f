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
    this.#sink.ondata = (data) => {
      frame.samples = data.samples;
      frame.sampleRateHz = data.sampleRate;
      frame.channelCount = data.channelCount;
      onFrame(frame);
    };
  }

  /** No frame comes after this; a sink that is not stopped keeps the process alive. */
  stop(): void {
    this.#sink.ondata = null;
    this.#sink.stop();
  }
}
