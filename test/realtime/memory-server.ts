/** The embedded server's sessions in this process, without sockets, with every fault that does not need one. */
import {
  type SessionHostOptions,
  type FaultControl,
  SessionHost,
} from '../../src/embedded/realtime-server/index.js';
import { refusalBody } from '../../src/embedded/realtime-server/server/upgrade.js';
import { refusalError } from '../../src/realtime/connection/connect-errors.js';
import type { OpenTransport } from '../../src/realtime/transport.js';
import { MemoryConnections } from '../../src/replay/backend/memory-connections.js';

export class MemoryServer {
  readonly host: SessionHost;
  /** Opens a connection to a conversation session. */
  readonly conversation: OpenTransport;
  /** Opens a connection to a translation session. */
  readonly translation: OpenTransport;
  /** Opens a connection to a live session. */
  readonly live: OpenTransport;
  readonly #connections: MemoryConnections;

  constructor(options: SessionHostOptions, model = 'test') {
    this.host = new SessionHost(options);
    this.#connections = new MemoryConnections(this.host, model);
    this.conversation = this.#refusing(this.#connections.open);
    this.translation = this.#refusing(
      this.#connections.to((socket) => this.host.openTranslate(socket, model)),
    );
    this.live = this.#refusing(this.#connections.to((socket) => this.host.openLive(socket)));
  }

  get faults(): FaultControl {
    return this.host.faultControl;
  }

  /** Lets both ends handle all that is on its way, so that a virtual clock may move on. */
  async settle(): Promise<void> {
    await this.#connections.settle();
    if (this.#connections.failure !== undefined) throw this.#connections.failure;
  }

  /** Ends every session; what that says to the other end arrives before this resolves. */
  async close(): Promise<void> {
    this.host.close();
    await this.settle();
  }

  /** As a WebSocket is refused, before a session is there. */
  #refusing(open: OpenTransport): OpenTransport {
    return (handlers) => {
      const refusal = this.host.refusal();
      if (refusal === undefined) return open(handlers);
      const { status, retryAfterSeconds } = refusal;
      const retryAfter = retryAfterSeconds === undefined ? undefined : String(retryAfterSeconds);
      const body = refusalBody(refusal);
      return Promise.reject(
        refusalError({ host: 'embedded', status, body, retryAfter, atEpochMs: 0, secrets: ['k'] }),
      );
    };
  }
}
