/** Lets both ends of all lines to an embedded server handle what is on its way, so that a virtual clock may move on. */
import { setImmediate as turn } from 'node:timers/promises';
import type { CountingServer } from '../../src/replay/fence.js';
import type { OpenTransport, RealtimeTransport } from '../../src/realtime/transport.js';

/**
 * With a line that was closed on the way counts never meet again: quiet for so many turns of the event loop, and so long in
 * real time, is settled too.
 */
const QUIET_TURNS = 100;
const QUIET_MS = 20;

/** Like the fence of a replay, but lines may come and go. */
export class Settling {
  readonly #server: CountingServer;
  readonly #lines: RealtimeTransport[] = [];
  #opening = 0;
  /** What was lost with lines that were closed. */
  #lost = { toServer: 0, toClient: 0 };

  constructor(server: CountingServer) {
    this.#server = server;
  }

  watch(open: OpenTransport): OpenTransport {
    return async (handlers) => {
      this.#opening++;
      try {
        const line = await open(handlers);
        this.#lines.push(line);
        return line;
      } finally {
        this.#opening--;
      }
    };
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

  #onTheWay(): { toServer: number; toClient: number } {
    let toServer = -this.#server.receivedCount;
    let toClient = this.#server.sentCount;
    for (const { sentCount, receivedCount } of this.#lines) {
      toServer += sentCount;
      toClient -= receivedCount;
    }
    return { toServer, toClient };
  }
}
