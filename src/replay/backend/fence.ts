import { setImmediate as turn } from 'node:timers/promises';
import { ParleyError } from '../../errors.js';
import type { OpenTransport, RealtimeTransport } from '../../realtime/transport.js';

/** The other end of the connection, in this process: how many text messages it has handled and sent, over all connections. */
export type CountingServer = { readonly receivedCount: number; readonly sentCount: number };

/** A server of this process that has been silent for so long will not answer any more. */
const STUCK_AFTER_MS = 30_000;

/**
 * Tells when both ends of a connection in this process are idle: each has handled all that the other sent. It compares counts
 * and sees no content.
 */
export class Fence {
  readonly #server: CountingServer;
  readonly #lines: RealtimeTransport[] = [];
  #closed = false;

  constructor(server: CountingServer) {
    this.#server = server;
  }

  /** Wraps `open` so that the fence counts what goes over its connections. */
  watch(open: OpenTransport): OpenTransport {
    return async (handlers) => {
      const line = await open({
        message: (text) => {
          handlers.message(text);
        },
        closed: (close) => {
          this.#closed = true; // messages on their way are lost, so counts never meet again
          handlers.closed(close);
        },
      });
      this.#lines.push(line);
      return line;
    };
  }

  /** Resolves when both ends are idle: at once if they are. Throws ParleyError `internal` if that does not come. */
  async settle(): Promise<void> {
    if (this.#isBalanced()) return;
    const startedMs = performance.now();
    while (!this.#isBalanced()) {
      await turn();
      if (performance.now() - startedMs > STUCK_AFTER_MS)
        throw new ParleyError('internal', 'the embedded server stopped answering; this is a bug of Parley');
    }
  }

  #isBalanced(): boolean {
    if (this.#closed) return true;
    let sent = 0;
    let received = 0;
    for (const line of this.#lines) {
      sent += line.sentCount;
      received += line.receivedCount;
    }
    return sent === this.#server.receivedCount && received === this.#server.sentCount;
  }
}
