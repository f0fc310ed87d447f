/**
 * Brings a turn to its end when its speaker's frames stop. A server's VAD counts silence in samples, so a microphone that
 * is muted after the last word would leave the turn open for good: instead the session is fed zeros until it is committed.
 */
import type { Clock, TimerHandle } from '../../clock.js';

/** Frames that stay away this long have stopped: longer than an echo canceller holds them back to judge them. */
const STALL_MS = 400;
/** Fed beyond the VAD's silence duration, for what is still on its way in either direction. */
const MARGIN_MS = 700;
/** A turn that is still open after this much more silence is committed by hand. */
const PATIENCE_MS = 5_000;
/** A turn that is still open this long after it was committed by hand is given up. */
const COMMIT_TIMEOUT_MS = 5_000;
/** Fed in one go at most, however late the clock is. */
const MAX_STEP_MS = 200;

/** What the tail acts on. */
type TrailingSilenceOptions = {
  clock: Clock;
  chunkMs: number;
  silenceDurationMs: number;
  /** Whether the server has heard speech that it has not committed. */
  turnOpen: () => boolean;
  /** Appends `durationMs` of zeros behind what was appended last. Returns false when the connection takes no audio at present. */
  feed: (durationMs: number) => boolean;
  /** Silence alone did not end the turn: commits it. */
  commit: () => void;
  /** The commit did not end it either. */
  abandon: () => void;
};

/** Watches for frames that stop, then feeds silence at the pace of the clock. */
export class TrailingSilence {
  readonly #options: TrailingSilenceOptions;
  #timer: TimerHandle | undefined;
  #lastArrivalMs = 0;
  #feedingSinceMs: number | undefined; // clock time that corresponds to zero milliseconds fed
  #fedMs = 0;
  #stopped = false;

  constructor(options: TrailingSilenceOptions) {
    this.#options = options;
  }

  /** The frames have stopped and the end of what was said has not settled yet. */
  get feeding(): boolean {
    return this.#feedingSinceMs !== undefined;
  }

  /** Real audio was appended just now. */
  audioArrived(): void {
    if (this.#stopped) return;
    this.#lastArrivalMs = this.#options.clock.nowMs();
    if (this.#feedingSinceMs !== undefined) this.#rest();
    this.#timer ??= this.#options.clock.setTimer(() => {
      this.#watch();
    }, STALL_MS);
  }

  /** The frames stop here by intent; does nothing when none has come, or when silence is being fed already. */
  begin(): void {
    if (this.#timer === undefined || this.feeding) return;
    this.#timer.cancel();
    this.#start(this.#options.clock.nowMs());
  }

  /** Ends all of it. */
  stop(): void {
    this.#stopped = true;
    this.#rest();
  }

  #rest(): void {
    this.#feedingSinceMs = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #watch(): void {
    const idleMs = this.#options.clock.nowMs() - this.#lastArrivalMs;
    if (idleMs >= STALL_MS) this.#start(this.#lastArrivalMs);
    else
      this.#timer = this.#options.clock.setTimer(() => {
        this.#watch();
      }, STALL_MS - idleMs);
  }

  #start(sinceMs: number): void {
    this.#feedingSinceMs = sinceMs;
    this.#fedMs = 0;
    this.#step();
  }

  #step(): void {
    const { clock, chunkMs, silenceDurationMs, turnOpen, feed, commit } = this.#options;
    if (this.#feedingSinceMs === undefined) return;
    const nowMs = clock.nowMs();
    const dueMs = Math.min(nowMs - this.#feedingSinceMs - this.#fedMs, MAX_STEP_MS);
    const stepMs = Math.max(1, Math.floor(dueMs / chunkMs)) * chunkMs;
    const taken = feed(stepMs);
    if (!this.feeding) return; // stopped by what that led to
    if (taken) this.#fedMs += stepMs;
    else this.#feedingSinceMs = nowMs - this.#fedMs;
    const open = turnOpen();
    if (!open && this.#fedMs >= silenceDurationMs + MARGIN_MS) {
      this.#rest();
    } else if (open && this.#fedMs >= silenceDurationMs + PATIENCE_MS) {
      commit();
      this.#awaitCommit(nowMs + COMMIT_TIMEOUT_MS);
    } else {
      this.#timer = clock.setTimer(() => {
        this.#step();
      }, chunkMs);
    }
  }

  #awaitCommit(deadlineMs: number): void {
    const { clock, chunkMs, turnOpen, abandon } = this.#options;
    if (!this.feeding) return;
    const open = turnOpen();
    if (!open || clock.nowMs() >= deadlineMs) {
      this.#rest();
      if (open) abandon();
      return;
    }
    this.#timer = clock.setTimer(() => {
      this.#awaitCommit(deadlineMs);
    }, chunkMs);
  }
}
