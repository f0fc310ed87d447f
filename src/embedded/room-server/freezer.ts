/** Holds every connection still for a while: what comes in stays unread, what goes out stays unsent. */
import type { Duplex } from 'node:stream';
import type { Clock, TimerHandle } from '../../clock.js';

export class Freezer {
  readonly #clock: Clock;
  /** Connections that were upgraded to WebSockets. */
  readonly #held = new Set<Duplex>();
  #thawed: { promise: Promise<void>; resolve: () => void } | undefined;
  #timer: TimerHandle | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get frozen(): boolean {
    return this.#thawed !== undefined;
  }

  /** Resolves at once unless everything is frozen. */
  async whenThawed(): Promise<void> {
    while (this.#thawed !== undefined) await this.#thawed.promise;
  }

  /** Puts a connection under control until it closes. */
  watch(connection: Duplex): void {
    this.#held.add(connection);
    connection.once('close', () => this.#held.delete(connection));
    if (this.frozen) hold(connection);
  }

  freeze(durationMs: number): Promise<void> {
    this.#timer?.cancel();
    if (this.#thawed === undefined) {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      this.#thawed = { promise, resolve };
      for (const connection of this.#held) hold(connection);
    }
    this.#timer = this.#clock.setTimer(() => this.thaw(), durationMs);
    return this.#thawed.promise;
  }

  thaw(): void {
    const thawed = this.#thawed;
    if (thawed === undefined) return;
    this.#timer?.cancel();
    this.#thawed = undefined;
    for (const connection of this.#held) {
      connection.uncork();
      connection.resume();
    }
    thawed.resolve();
  }
}

function hold(connection: Duplex): void {
  connection.pause();
  connection.cork();
}
