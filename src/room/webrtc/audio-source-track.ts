import type { TrackSource } from '../room.js';
import type { PacedTrack } from './playout-clock.js';
import type { AudioSource, SdkMediaStream, SdkTrack, SinkData, Wrtc } from '../videosdk/sdk-types.js';

const FRAME_SAMPLES = 480;
const SAMPLE_RATE_HZ = 48_000;

/**
 * Our microphone: one audio source, and a fresh track from it whenever the SDK asks for one. The SDK stops the track it
 * has on every mute, reconnect and leave (videosdk.js lines 12652 and 18382) and then asks for another.
 * It is silent until it has a source and is live.
 */
export class AudioSourceTrack implements PacedTrack {
  /** Whether what is played goes out. While it is not, the source is not pulled: what it holds waits. */
  live = false;
  readonly #wrtc: Wrtc;
  readonly #audioSource: AudioSource;
  readonly #tracks = new Set<SdkTrack>();
  readonly #frame: SinkData & { samples: Int16Array<ArrayBuffer> } = {
    samples: new Int16Array(FRAME_SAMPLES),
    sampleRate: SAMPLE_RATE_HZ,
    bitsPerSample: 16,
    channelCount: 1,
    numberOfFrames: FRAME_SAMPLES,
  };
  readonly #onSourceError: (error: unknown) => void;
  #source: TrackSource | undefined;
  #playedFrames = 0;

  constructor(wrtc: Wrtc, onSourceError: (error: unknown) => void) {
    this.#wrtc = wrtc;
    this.#audioSource = new wrtc.nonstandard.RTCAudioSource();
    this.#onSourceError = onSourceError;
  }

  /** Frames that went out. */
  get playedFrames(): number {
    return this.#playedFrames;
  }

  /** What is heard from here on. */
  feedFrom(source: TrackSource): void {
    this.#source = source;
  }

  /** A stream with a new live track, for the SDK's `getUserMedia`. */
  createStream(): SdkMediaStream {
    for (const track of this.#tracks) if (track.readyState === 'ended') this.#tracks.delete(track);
    const track = this.#audioSource.createTrack();
    this.#tracks.add(track);
    return new this.#wrtc.MediaStream([track]);
  }

  playFrame(atMs: number): void {
    if (!this.live) return;
    const { samples } = this.#frame;
    try {
      if (this.#source === undefined) samples.fill(0);
      else this.#source.pull(samples, atMs);
    } catch (error) {
      samples.fill(0);
      this.#onSourceError(error);
    }
    this.#audioSource.onData(this.#frame);
    this.#playedFrames++;
  }

  /** Stops every track that was handed out. */
  stop(): void {
    this.live = false;
    for (const track of this.#tracks) track.stop();
    this.#tracks.clear();
  }
}
