import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import { type ConnectionLifetime, pauseToLeaveMs } from './session-lifetime.js';

/** Between attempts to open a connection that is to take over: there are minutes for that. */
const ROTATION_BACKOFF: BackoffOptions = { firstMs: 500, longestMs: 5_000, jitter: 0.2 };
/** If nothing came of an attempt. */
const REMIND_MS = 5_000;

/** What a rotation reports. */
type RotationEvents = {
  /** Another connection is to be opened; called again until there is one. */
  onDue: () => void;
  /** The current connection is to be left now, wherever the speaker is. */
  onOverdue: () => void;
};

/** When the current connection of a session is to be replaced because its session expires. */
export class Rotation {
  readonly #clock: Clock;
  readonly #events: RotationEvents;
  readonly #backoff: Backoff;
  #lifetime: ConnectionLifetime | undefined;
  #timer: TimerHandle | undefined;
  #deadline: TimerHandle | undefined;

  constructor(clock: Clock, events: RotationEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#backoff = new Backoff(() => clock.random(), ROTATION_BACKOFF);
  }

  /** How long a pause must be for the current connection to be left in it; `Infinity` before its time has come. */
  get pauseMs(): number {
    return this.#lifetime === undefined ? Infinity : pauseToLeaveMs(this.#lifetime, this.#clock.nowMs());
  }

  /** The time to replace the current connection has come. */
  get isDue(): boolean {
    return this.pauseMs < Infinity;
  }

  /** It is left wherever the speaker is. */
  get isOverdue(): boolean {
    return this.pauseMs === 0;
  }

  /** There is another connection, whose session lasts so long. */
  begin(lifetime: ConnectionLifetime | undefined): void {
    this.stop();
    this.#lifetime = lifetime;
    this.#backoff.succeeded();
    if (lifetime === undefined) return;
    const nowMs = this.#clock.nowMs();
    this.#dueIn(lifetime.leaveFromMs - nowMs);
    this.#deadline = this.#clock.setTimer(() => {
      this.#events.onOverdue();
    }, lifetime.leaveByMs - nowMs);
  }

  /** Another connection could not be opened. Returns whether that is the first time for the current one. */
  failed({ retryable, retryAfterMs }: ParleyError): boolean {
    const isFirst = this.#backoff.failures === 0;
    const waitMs = this.#backoff.failed(retryAfterMs);
    if (retryable) this.#dueIn(waitMs);
    else this.#timer?.cancel();
    return isFirst;
  }

  /** No connection is to be replaced, until the next {@link Rotation.begin}. */
  stop(): void {
    this.#timer?.cancel();
    this.#deadline?.cancel();
  }

  #dueIn(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(() => {
      this.#dueIn(REMIND_MS);
      this.#events.onDue();
    }, delayMs);
  }
}
