/** HTTP to the embedded Fastino, watched, so that a virtual clock moves on only when nothing is on its way. */
import { setImmediate as turn } from 'node:timers/promises';
import type { VirtualClock } from '../../src/clock.js';
import type { FastinoServer } from '../../src/embedded/fastino-server/index.js';
import type { Fetch } from '../../src/profiles/fastino/exchange.js';

/** Nothing takes this long in real time. */
const STUCK_MS = 30_000;

export class FastinoConnection {
  readonly #server: FastinoServer;
  #onTheWay = 0;
  /** Every header of every request. */
  readonly sentHeaders: Record<string, string>[] = [];

  constructor(server: FastinoServer) {
    this.#server = server;
  }

  /** The machine's `fetch`: a request is on its way until its answer was read, given up, or came to nothing. */
  readonly fetch: Fetch = async (url, init) => {
    this.sentHeaders.push(Object.fromEntries(new Headers(init.headers)));
    this.#onTheWay++;
    try {
      const response = await fetch(url, init);
      if (response.body !== null) return new Response(this.#watched(response.body), response);
      this.#onTheWay--;
      return response;
    } catch (error) {
      this.#onTheWay--;
      throw error;
    }
  };

  #watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            controller.enqueue(value);
            return;
          }
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        this.#onTheWay--;
      },
      cancel: async (reason) => {
        this.#onTheWay--;
        await reader.cancel(reason);
      },
    });
  }

  /** Resolves when every request that is on its way waits for the clock. */
  async settle(): Promise<void> {
    const startMs = performance.now();
    do {
      await turn();
      if (performance.now() - startMs > STUCK_MS)
        throw new Error(`${this.#onTheWay} requests are on their way, ${this.#server.waitingCount} wait`);
    } while (this.#onTheWay !== this.#server.waitingCount);
  }

  /** Lets time pass until a promise settles, from one timer to the next. */
  async until<T>(promise: Promise<T>, clock: VirtualClock): Promise<T> {
    let settled = false;
    void promise.catch(() => undefined).finally(() => (settled = true));
    for (;;) {
      await this.settle();
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callback above
      if (settled) return promise;
      const dueMs = clock.nextDueMs();
      if (dueMs === undefined) throw new Error('it waits for something that never comes');
      clock.advanceTo(dueMs);
    }
  }
}
