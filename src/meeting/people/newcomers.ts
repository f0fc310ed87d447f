import type { Clock, TimerHandle } from '../../clock.js';

/** From somebody's coming to their being told. */
const TELL_AFTER_MS = 2_000;

/** Tells everyone who comes something, once: after a moment, since their app still has to subscribe. */
export class Newcomers {
  readonly #clock: Clock;
  readonly #notify: (participantId: string) => void;
  readonly #timers = new Map<string, TimerHandle>();

  constructor(options: { clock: Clock; notify: (participantId: string) => void }) {
    this.#clock = options.clock;
    this.#notify = options.notify;
  }

  /** Somebody is here, or here again. */
  came(participantId: string): void {
    this.left(participantId);
    this.#timers.set(
      participantId,
      this.#clock.setTimer(() => {
        this.#timers.delete(participantId);
        this.#notify(participantId);
      }, TELL_AFTER_MS),
    );
  }

  /** Somebody is gone, perhaps before they were told. */
  left(participantId: string): void {
    this.#timers.get(participantId)?.cancel();
    this.#timers.delete(participantId);
  }

  /** Nobody is told any more. */
  close(): void {
    for (const id of [...this.#timers.keys()]) this.left(id);
  }
}
