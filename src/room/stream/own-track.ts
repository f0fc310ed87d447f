import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import type { AudioSourceTrack, TrackOutput } from '../webrtc/audio-source-track.js';
import { AUDIO_TRACK, type StreamCall, type StreamSession } from './sdk-types.js';

/** The client says that it is back before it can publish: waits before each attempt. */
const ATTEMPTS_MS = [0, 50, 200, 500, 1_000, 2_000, 4_000] as const;

type OwnTrackOptions = {
  microphone: AudioSourceTrack;
  clock: Clock;
  /** Our own session, as the service lists it now. */
  ownSession: () => StreamSession | undefined;
  /** Whether a connection is up that we publish through. */
  connectionOutput: () => TrackOutput;
  /** Takes a line for a log. */
  onProblem: (text: string) => void;
  /** It cannot be published on this connection. */
  onHopeless: (why: string) => void;
};

/**
 * Our own track in a call. A client that comes back in a new session has lost a track that it was given, and says nothing: it
 * publishes again what its own microphone holds, which is nothing here. So the track is published anew in each session. While a
 * moderator has muted it, or no connection carries it, what is to be said waits.
 */
export class OwnTrack {
  readonly #options: OwnTrackOptions;
  #call: StreamCall | undefined;
  /** In which session it was published last. */
  #publishedIn: string | undefined;
  /** The service has listed it, in that session. */
  #wasListed = false;
  #isMuted = false;
  #isHeld = false;
  #isPublishing = false;
  #republishes = 0;
  #timer: TimerHandle | undefined;
  #stopped = false;

  constructor(options: OwnTrackOptions) {
    this.#options = options;
  }

  /** How often it was published anew. */
  get republishes(): number {
    return this.#republishes;
  }

  /** Publishes it for the first time. Rejects where the call does not take it. */
  async publishTo(call: StreamCall): Promise<void> {
    this.#call = call;
    await this.#publish(call);
  }

  /** The service lists our own session, perhaps another one. */
  follow(): void {
    const session = this.#options.ownSession();
    if (session === undefined || this.#stopped || this.#isHeld || this.#isPublishing) return;
    this.#publishedIn ??= session.sessionId;
    if (session.sessionId !== this.#publishedIn) {
      this.#publishAgain(0);
      return;
    }
    const isListed = session.publishedTracks.includes(AUDIO_TRACK);
    const isMuted = !isListed && this.#wasListed;
    this.#wasListed ||= isListed;
    if (isMuted === this.#isMuted) return;
    this.#isMuted = isMuted;
    this.#options.onProblem(
      isMuted
        ? 'a moderator has muted the interpreter: nobody hears it; what it would say is in the captions'
        : 'the interpreter is heard again',
    );
    this.#setOutput();
  }

  /** The connection to the call is down. */
  hold(): void {
    this.#isHeld = true;
    this.#timer?.cancel();
    this.#isPublishing = false;
    this.#setOutput();
  }

  /** It is up again; `isElsewhere`: on another media server, which knows nothing of our track. */
  backInCall(isElsewhere: boolean): void {
    this.#isHeld = false;
    if (isElsewhere) this.#publishAgain(0);
    else this.follow();
    this.#setOutput();
  }

  connectionChanged(): void {
    this.#setOutput();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#options.microphone.output = 'off';
  }

  async #publish(call: StreamCall): Promise<void> {
    this.#isPublishing = true;
    const sessionId = this.#options.ownSession()?.sessionId;
    try {
      await call.publish(this.#options.microphone.createStream(), AUDIO_TRACK);
      this.#publishedIn = sessionId;
      this.#wasListed = false;
      this.#isMuted = false;
    } finally {
      this.#isPublishing = false;
    }
    this.#setOutput();
    this.follow();
  }

  #publishAgain(attempt: number): void {
    const call = this.#call;
    if (call === undefined) return;
    const delayMs = ATTEMPTS_MS[attempt];
    if (delayMs === undefined) {
      this.#options.onHopeless('the call does not take our track any more');
      return;
    }
    this.#isPublishing = true;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(() => {
      this.#publish(call).then(
        () => this.#republishes++,
        (error: unknown) => {
          if (this.#stopped || this.#isHeld) return;
          if (attempt === 1) this.#options.onProblem(`our track is not published yet: ${messageOf(error)}`);
          this.#publishAgain(attempt + 1);
        },
      );
    }, delayMs);
  }

  #setOutput(): void {
    if (this.#stopped) return;
    const output = this.#options.connectionOutput();
    this.#options.microphone.output =
      output === 'live' && (this.#isHeld || this.#isMuted) ? 'silent' : output;
  }
}
