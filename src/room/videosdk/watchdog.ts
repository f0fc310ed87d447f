/**
 * Finds out that the connection is dead when the SDK does not. A socket that the server ends by "io server disconnect" is
 * closed without an event and without a new attempt (videosdk.js line 12634 knows three other reasons), and a socket
 * that is back is no use before the meeting is joined on it again.
 */
import type { Clock, TimerHandle } from '../../clock.js';

/** So long the SDK may take to notice that its socket closed. */
export const NOTICE_MS = 1_000;

/** Watches one SDK meeting from its first join on. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #rejoinMs: number;
  readonly #onDead: (why: string) => void;
  #timer: TimerHandle | undefined;
  #openSockets = 0;
  #joined = false;
  #stopped = false;

  /** `rejoinMs`: so long joining again may take once a socket is open. `onDead` is called once at most. */
  constructor(options: { clock: Clock; rejoinMs: number; onDead: (why: string) => void }) {
    this.#clock = options.clock;
    this.#rejoinMs = options.rejoinMs;
    this.#onDead = options.onDead;
  }

  socketOpened(): void {
    this.#openSockets++;
    if (this.#joined || this.#timer !== undefined) return;
    this.#arm(this.#rejoinMs, 'the socket is back, but the meeting was not joined again');
  }

  socketClosed(): void {
    this.#openSockets--;
    if (this.#joined && this.#openSockets === 0) this.#arm(NOTICE_MS, 'the socket was closed without a word');
  }

  /** The SDK knows that its connection is down and tries by itself. */
  reconnecting(): void {
    this.#joined = false;
    this.#disarm();
  }

  /** The meeting is joined, for the first time or again. */
  joined(): void {
    this.#joined = true;
    this.#disarm();
  }

  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  #arm(delayMs: number, why: string): void {
    if (this.#stopped) return;
    this.#disarm();
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      this.stop();
      this.#onDead(why);
    }, delayMs);
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
