/** Lets both ends of all connections over sockets to an embedded server handle what is on its way, so that a virtual clock may move on. */
import { setImmediate as turn } from 'node:timers/promises';
import type { OpenTransport, RealtimeTransport } from '../../src/realtime/transport.js';

/**
 * With a connection that was closed on the way counts never meet again: quiet for so many turns of the event loop, and so long in
 * real time, is settled too.
 */
const QUIET_TURNS = 100;
const QUIET_MS = 20;

/** How many text messages the server has handled and sent, over all connections. */
type CountingServer = { readonly receivedCount: number; readonly sentCount: number };

/**
 * Tells by counts when nothing is on its way, on connections that may come and go. For tests in which the socket matters; others
 * use a `MemoryServer`, which needs no waiting.
 */
export class Settling {
  readonly #server: CountingServer;
  readonly #connections = new Set<RealtimeTransport>();
  #opening = 0;
  /** Messages of lines that are closed. */
  #past = { sent: 0, received: 0 };
  /** What was lost with lines that were closed. */
  #lost = { toServer: 0, toClient: 0 };

  constructor(server: CountingServer) {
    this.#server = server;
  }

  watch(open: OpenTransport): OpenTransport {
    return async (handlers) => {
      this.#opening++;
      try {
        const connection = await open({
          message: (text) => {
            handlers.message(text);
          },
          closed: (close) => {
            this.#forget(connection);
            handlers.closed(close);
          },
        });
        this.#connections.add(connection);
        return connection;
      } finally {
        this.#opening--;
      }
    };
  }

  /** Lines that are open. */
  get openConnections(): number {
    return this.#connections.size;
  }

  /** What is sent on the lines that are open now is not waited for any more: nobody reads it. */
  giveUpOpenConnections(): void {
    for (const connection of [...this.#connections]) this.#forget(connection);
  }

  async settle(): Promise<void> {
    let { toServer, toClient } = this.#onTheWay();
    let changedMs = performance.now();
    for (let quietTurns = 0; ; quietTurns++) {
      if (this.#opening === 0 && toServer === this.#lost.toServer && toClient === this.#lost.toClient) return;
      const quiet = quietTurns > QUIET_TURNS && performance.now() - changedMs > QUIET_MS;
      if (this.#opening === 0 && quiet) {
        this.#lost = { toServer, toClient };
        return;
      }
      await turn();
      const now = this.#onTheWay();
      if (now.toServer !== toServer || now.toClient !== toClient) {
        changedMs = performance.now();
        quietTurns = 0;
      }
      ({ toServer, toClient } = now);
    }
  }

  #forget(connection: RealtimeTransport): void {
    if (!this.#connections.delete(connection)) return;
    this.#past.sent += connection.sentCount;
    this.#past.received += connection.receivedCount;
  }

  #onTheWay(): { toServer: number; toClient: number } {
    let toServer = this.#past.sent - this.#server.receivedCount;
    let toClient = this.#server.sentCount - this.#past.received;
    for (const { sentCount, receivedCount } of this.#connections) {
      toServer += sentCount;
      toClient -= receivedCount;
    }
    return { toServer, toClient };
  }
}
