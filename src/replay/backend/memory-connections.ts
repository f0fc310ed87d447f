import { setImmediate as turn } from 'node:timers/promises';
import { messageOf, ParleyError } from '../../errors.js';
import type { ClientSocket, HostedSession, SessionHost } from '../../embedded/realtime-server/index.js';
import type { OpenTransport, TransportClose, TransportHandlers } from '../../realtime/transport.js';

const OPEN = 1;
const CLOSED = 3;
/** RFC 6455: the connection ended without a close frame. */
const ABNORMAL = 1006;

/**
 * Connections to the sessions of an embedded server without sockets. Whatever is sent on any of them, in either direction, is
 * handed over in the order in which it was sent: however many connections there are, equal runs are identical.
 */
export class MemoryConnections {
  /** Opens a connection to a conversation session; the server hears of it with the next {@link MemoryConnections.deliver}. */
  readonly open: OpenTransport;
  #onTheWay: (() => void)[] = []; // oldest first
  #failure: ParleyError | undefined;

  constructor(host: Pick<SessionHost, 'open'>, model: string) {
    this.open = this.to((socket) => host.open(socket, model));
  }

  /** Connections to sessions that are opened in this way. */
  to(sessionOn: (socket: ClientSocket) => HostedSession): OpenTransport {
    return (handlers) =>
      new Promise((resolve) => {
        this.#send(() => {
          resolve(this.#connect(sessionOn, handlers));
        });
      });
  }

  /** The first message that its receiver did not survive. */
  get failure(): ParleyError | undefined {
    return this.#failure;
  }

  /**
   * Hands over what was sent until now; what that causes is on the way until the next call. Returns false when nothing
   * was.
   */
  deliver(): boolean {
    const arriving = this.#onTheWay;
    this.#onTheWay = [];
    for (const arrive of arriving) arrive();
    return arriving.length > 0;
  }

  /** Hands over all that was sent and all that comes of it, until both ends are idle. */
  async settle(): Promise<void> {
    do await turn();
    while (this.deliver()); // what a delivery causes may be sent by promises, which the turn lets run
  }

  #send(arrive: () => void): void {
    this.#onTheWay.push(arrive);
  }

  #connect(
    sessionOn: (socket: ClientSocket) => HostedSession,
    handlers: TransportHandlers,
  ): Awaited<ReturnType<OpenTransport>> {
    let sentCount = 0;
    let receivedCount = 0;
    let isOpen = true;
    let isRead = true;
    const end = (close: TransportClose): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#send(() => {
        session.closed(close.code);
        handlers.closed(close);
      });
    };
    const socket: ClientSocket = {
      OPEN,
      bufferedAmount: 0,
      get readyState() {
        return isOpen ? OPEN : CLOSED;
      },
      send: (text) => {
        this.#send(() => {
          this.#guard(() => {
            handlers.message(text);
          });
          receivedCount++;
        });
      },
      close: (code, reason) => {
        end({ code, reason });
      },
      terminate: () => {
        end({ code: ABNORMAL, reason: '' });
      },
      pause: () => {
        isRead = false;
      },
    };
    const session = sessionOn(socket);
    const send = (text: string): void => {
      if (!isOpen) return;
      sentCount++;
      this.#send(() => {
        if (isRead) session.receive(text);
      });
    };
    return {
      bufferedAmountBytes: 0,
      get sentCount() {
        return sentCount;
      },
      get receivedCount() {
        return receivedCount;
      },
      send,
      sendAudio: (message) => {
        send(message.text);
      },
      close: (code = 1000, reason = '') => {
        end({ code, reason });
      },
    };
  }

  #guard(handle: () => void): void {
    try {
      handle();
    } catch (cause) {
      const message = `a message handler threw: ${messageOf(cause)}; this is a bug of Parley`;
      this.#failure ??= new ParleyError('internal', message, { cause });
    }
  }
}
