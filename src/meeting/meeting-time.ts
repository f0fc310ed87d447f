import type { Clock } from '../clock.js';

/** The time of one meeting: milliseconds since the interpreter joined. */
export class MeetingTime {
  readonly #clock: Clock;
  #joinedAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When we joined, by the clock. */
  get joinedAtMs(): number {
    return this.#joinedAtMs;
  }

  /** We join now. */
  begin(): void {
    this.#joinedAtMs = this.#clock.nowMs();
  }

  /** From a time of the clock. */
  toMeetingMs(atMs: number): number {
    return atMs - this.#joinedAtMs;
  }
}
