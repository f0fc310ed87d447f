import type { EventEmitter } from '../../events.js';
import type { SessionCounters, SessionEvents } from '../session.js';

/**
 * What one connection is billed: the service tells the seconds of its session as a sum, every 15 s and at its end. The last sum
 * counts, and sums are never added up. Where the end is missing, so is what came after the last: the cost is a lower bound.
 */
export class LiveUsage {
  readonly #events: EventEmitter<SessionEvents>;
  readonly #counters: SessionCounters;
  #toldS = 0;
  #isFinal = false;

  constructor(events: EventEmitter<SessionEvents>, counters: SessionCounters) {
    this.#events = events;
    this.#counters = counters;
  }

  /** The sum so far. */
  report(seconds: number, isFinal = false): void {
    this.#isFinal ||= isFinal;
    const addedS = seconds - this.#toldS;
    if (addedS <= 0) return;
    this.#toldS = seconds;
    this.#events.emit('usage', { kind: 'session', audioMs: addedS * 1_000 });
  }

  /** The connection of a session that had begun is gone. */
  ended(): void {
    if (this.#isFinal) return;
    this.#isFinal = true;
    this.#counters.endsWithoutUsage++;
    this.#events.emit('usage', { kind: 'session', audioMs: 0, endUntold: true });
  }
}
