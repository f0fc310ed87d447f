import { ROOM_RATE_HZ } from '../../../audio/rates.js';
import type { TrackSource } from '../room.js';
import type { PacedTrack } from './playout-clock.js';
import type { AudioSource, SdkMediaStream, SdkTrack, SinkData, Wrtc } from './wrtc-types.js';

const FRAME_SAMPLES = 480;
/** After 3 s without sound it rests: echo of what was published is over by then, and Opus sends next to nothing. */
const RESTS_AFTER_FRAMES = 300;

/**
 * What becomes of what is played. `live`: it goes out. `silent`: silence goes out, and what the source holds waits; time in
 * what is sent goes on, so that receivers are not late when the connection is back. `off`: nothing goes out.
 */
export type TrackOutput = 'live' | 'silent' | 'off';

/**
 * Our microphone: one audio source, and a fresh track from it whenever the SDK asks for one. The SDK stops the track it
 * has on every mute, reconnect and leave (videosdk.js lines 12652 and 18382) and then asks for another.
 * It is silent until it has a source and is live.
 */
export class AudioSourceTrack implements PacedTrack {
  output: TrackOutput = 'off';
  readonly #wrtc: Wrtc;
  readonly #audioSource: AudioSource;
  readonly #tracks = new Set<SdkTrack>();
  readonly #frame: SinkData & { samples: Int16Array<ArrayBuffer> } = {
    samples: new Int16Array(FRAME_SAMPLES),
    sampleRate: ROOM_RATE_HZ,
    bitsPerSample: 16,
    channelCount: 1,
    numberOfFrames: FRAME_SAMPLES,
  };
  readonly #onSourceError: (error: unknown) => void;
  readonly #wakeListeners = new Set<() => void>();
  #source: TrackSource | undefined;
  #stopWaking: (() => void) | undefined;
  /** Frames that its source was idle for, in a row. */
  #idleFrames = 0;
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
    this.#stopWaking?.();
    this.#source = source;
    this.#idleFrames = 0;
    this.#stopWaking = source.onWake?.(() => {
      for (const listener of this.#wakeListeners) listener();
    });
  }

  /** Its source has had nothing to say for a while, and tells when it has. */
  get resting(): boolean {
    return (
      this.output === 'live' &&
      this.#idleFrames >= RESTS_AFTER_FRAMES &&
      this.#stopWaking !== undefined &&
      this.#source?.idle === true
    );
  }

  onWake(listener: () => void): () => void {
    this.#wakeListeners.add(listener);
    return () => this.#wakeListeners.delete(listener);
  }

  /** A stream with a new live track, for the SDK's `getUserMedia`. */
  createStream(): SdkMediaStream {
    for (const track of this.#tracks) if (track.readyState === 'ended') this.#tracks.delete(track);
    const track = this.#audioSource.createTrack();
    this.#tracks.add(track);
    return new this.#wrtc.MediaStream([track]);
  }

  playFrame(atMs: number): void {
    if (this.output !== 'live') {
      this.#idleFrames = 0;
      this.playSilence(1);
      return;
    }
    const { samples } = this.#frame;
    try {
      if (this.#source === undefined) samples.fill(0);
      else this.#source.pull(samples, atMs);
    } catch (error) {
      samples.fill(0);
      this.#onSourceError(error);
    }
    this.#idleFrames = this.#source?.idle === true ? this.#idleFrames + 1 : 0;
    this.#audioSource.onData(this.#frame);
    this.#playedFrames++;
  }

  playSilence(frameCount: number): void {
    if (this.output === 'off') return;
    this.#frame.samples.fill(0);
    for (let n = 0; n < frameCount; n++) this.#audioSource.onData(this.#frame);
    this.#playedFrames += frameCount;
  }

  /** Stops every track that was handed out. */
  stop(): void {
    this.output = 'off';
    for (const track of this.#tracks) track.stop();
    this.#tracks.clear();
  }
}
