import type { Clock, TimerHandle } from '../../clock.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';
import { InactivityTimer } from '../connection/inactivity-timer.js';

/** Something is awaited, and the server says nothing for so long. */
const SILENCE_MS = 6_000;
/** A question that changes nothing is answered within this time, or the connection is dead. */
const PROBE_TIMEOUT_MS = 4_000;
/** So much speech without a word of the server is worth a question, once it is over for `QUIET_MS`, or has lasted long. */
const SPEECH_MS = 500;
const QUIET_MS = 1_500;
const LONG_SPEECH_MS = 8_000;
const TICK_MS = 500;

/** What a pulse needs of its connection. */
type LivenessProbeOptions = {
  clock: Clock;
  /** Silence that ends a turn on the server's side. */
  silenceDurationMs: number;
  /** A response is asked for or running. */
  awaited: () => boolean;
  /** Asks something that changes nothing. Returns false where the server is not known to answer that. */
  probe: () => boolean;
  /** The question was not answered. */
  onDead: () => void;
};

/**
 * Whether a connection that is open still leads to a server. A server in good health may have nothing to say for minutes, so its
 * silence alone tells nothing. Where something is awaited of it and nothing comes, or where speech was sent and nothing came of
 * it, it is asked something that changes nothing; a server that does not answer that is gone.
 */
export class LivenessProbe {
  readonly #options: LivenessProbeOptions;
  readonly #silence: InactivityTimer;
  /** A commit was sent, and nothing was heard since. */
  #asked = false;
  /** Nothing was heard since the question. */
  #probed = false;
  #answer: TimerHandle | undefined;
  /** Speech that was sent since the server said something last. */
  #speech: { sinceMs: number; lastMs: number; durationMs: number } | undefined;
  #timer: TimerHandle | undefined;
  #stopped = false;

  constructor(options: LivenessProbeOptions) {
    this.#options = options;
    this.#silence = new InactivityTimer({
      clock: options.clock,
      timeoutMs: SILENCE_MS,
      awaited: () => this.#asked || options.awaited(),
      onExpired: () => {
        this.#probe();
      },
    });
  }

  /** The server said something. */
  heard(): void {
    this.#asked = false;
    this.#probed = false;
    this.#speech = undefined;
    this.#answer?.cancel();
    this.#answer = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#stopped && this.#options.awaited()) this.#silence.noteActivity();
  }

  /** Something was sent that the server must answer. */
  asked(): void {
    this.#asked = true;
    if (!this.#stopped) this.#silence.noteActivity();
  }

  /** Audio went out. */
  sent({ voiced, durationMs }: AudioChunk): void {
    if (this.#stopped || !voiced) return;
    const nowMs = this.#options.clock.nowMs();
    this.#speech ??= { sinceMs: nowMs, lastMs: nowMs, durationMs: 0 };
    this.#speech.lastMs = nowMs;
    this.#speech.durationMs += durationMs;
    if (this.#speech.durationMs >= SPEECH_MS && !this.#probed) this.#tickSoon();
  }

  stop(): void {
    this.#stopped = true;
    this.#silence.stop();
    this.#answer?.cancel();
    this.#timer?.cancel();
  }

  #tickSoon(): void {
    this.#timer ??= this.#options.clock.setTimer(() => {
      this.#timer = undefined;
      this.#checkSpeech();
    }, TICK_MS);
  }

  #checkSpeech(): void {
    const { clock, silenceDurationMs } = this.#options;
    const speech = this.#speech;
    if (speech === undefined) return;
    const nowMs = clock.nowMs();
    const isOver = nowMs - speech.lastMs >= silenceDurationMs + QUIET_MS;
    if (isOver || nowMs - speech.sinceMs >= LONG_SPEECH_MS) this.#probe();
    else this.#tickSoon();
  }

  /** Once, until something is heard. */
  #probe(): void {
    const { clock, probe, onDead } = this.#options;
    if (this.#stopped || this.#probed) return;
    this.#probed = true;
    this.#answer = clock.setTimer(onDead, PROBE_TIMEOUT_MS); // the answer may come while the question goes out
    if (!probe()) this.#answer.cancel();
  }
}
