import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { type ConnectionLifetime, pauseToLeaveMs } from '../connection/session-lifetime.js';

/** Between two attempts. */
const RETRY_MS = 5_000;

/**
 * When a session that will expire is to be replaced: from a part of its time on, and again later where that did not work.
 * The rotation of one session, connection after connection.
 */
export class Rotation {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #lifetime: ConnectionLifetime | undefined;
  #refused = false;
  #timer: TimerHandle | undefined;

  /** `onDue` is called when another connection is to be opened, and again until there is one that lasts longer. */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** The time of the present connection to be replaced has come. */
  get isDue(): boolean {
    return this.#pauseMs < Infinity;
  }

  /** Its time is over: it is left wherever the speaker is. */
  get isOverdue(): boolean {
    return this.#pauseMs === 0;
  }

  /** There is another connection, and its session lasts so long. */
  begin(lifetime: ConnectionLifetime | undefined): void {
    this.#lifetime = lifetime;
    this.#refused = false;
    if (lifetime !== undefined) this.#in(lifetime.leaveFromMs - this.#clock.nowMs());
  }

  /** Another connection could not be opened. Returns whether that is the first time for the present one. */
  failed({ retryable, retryAfterMs }: ParleyError): boolean {
    const isFirst = !this.#refused;
    this.#refused = true;
    if (retryable) this.#in(Math.max(RETRY_MS, retryAfterMs ?? 0));
    else this.stop();
    return isFirst;
  }

  /** No connection is to be replaced, until the next {@link Rotation.begin}. */
  stop(): void {
    this.#timer?.cancel();
  }

  get #pauseMs(): number {
    return this.#lifetime === undefined ? Infinity : pauseToLeaveMs(this.#lifetime, this.#clock.nowMs());
  }

  #in(delayMs: number): void {
    this.stop();
    this.#timer = this.#clock.setTimer(() => {
      this.#in(RETRY_MS);
      this.#onDue();
    }, delayMs);
  }
}
