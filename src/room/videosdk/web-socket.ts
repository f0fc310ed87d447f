/** The WebSocket class that one evaluated SDK uses, for signalling (socket.io) and for pubSub. */
import { WebSocket as NodeWebSocket } from 'ws';
import type { WayTo } from '../../outgoing/agents.js';
import { withoutInheritedIds } from './signalling-filter.js';

/** Messages of signalling and pubSub are small; anything larger is not one. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const CLOSE_GRACE_MS = 500;

/** A certificate authority that is trusted for one address only, in place of the system's. */
export type TrustedAddress = { host: string /* host:port */; ca: string /* PEM */ };

/** TLS options for a connection to `host` (with its port): the embedded server's authority for its own address alone. */
export function tlsOptionsFor(host: string, trusted: TrustedAddress | undefined): { ca?: string } {
  return trusted?.host === host ? { ca: trusted.ca } : {};
}

/** What happens to the signalling socket, told before the SDK hears of it. */
type SignallingEvents = { onOpen(): void; onClose(): void };

/** The constructor as the SDK calls it. */
type WebSocketClass = new (url: string | URL, protocols?: string | string[]) => NodeWebSocket;

/** Every WebSocket of one evaluated SDK. */
export class SdkWebSockets {
  readonly WebSocket: WebSocketClass;
  readonly #open = new Set<NodeWebSocket>();

  constructor(options: {
    trusted?: TrustedAddress | undefined;
    signalling: SignallingEvents;
    onError: (error: unknown) => void;
    /** How addresses are reached; absent: directly. */
    wayTo?: WayTo;
    /** The SDK is not told of this participant: see {@link withoutInheritedIds}. Called for each message. */
    onLeftOut?: (participantId: string) => void;
  }) {
    const sockets = this.#open;
    this.WebSocket = class extends NodeWebSocket {
      readonly #isSignalling: boolean;

      constructor(url: string | URL, protocols?: string | string[]) {
        const { host, pathname } = new URL(url);
        const way = options.wayTo?.(url);
        super(url, protocols, {
          ...tlsOptionsFor(host, options.trusted),
          maxPayload: MAX_MESSAGE_BYTES,
          handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
          perMessageDeflate: false,
          ...(way === undefined ? {} : { agent: way.agent }),
        });
        sockets.add(this);
        const isSignalling = pathname.endsWith('/socket.io/');
        this.#isSignalling = isSignalling;
        if (isSignalling) this.once('open', () => options.signalling.onOpen());
        this.once('close', () => {
          sockets.delete(this);
          if (isSignalling) options.signalling.onClose();
        });
        this.on('error', () => undefined); // the SDK may have let go of it already
      }

      /** An exception in the SDK's handler must not end the process, nor a participant's id harm its tables. */
      override emit(event: string | symbol, ...args: unknown[]): boolean {
        try {
          if (event === 'message' && this.#isSignalling && args[1] === false) {
            const { text, leftOut } = withoutInheritedIds(String(args[0]));
            for (const id of leftOut) options.onLeftOut?.(id);
            if (text === undefined) return true;
            if (leftOut.length > 0) return super.emit(event, Buffer.from(text), false);
          }
          return super.emit(event, ...args);
        } catch (error) {
          options.onError(error);
          return true;
        }
      }
    };
  }

  /** Resolves when every socket is closed; those that do not answer are cut off after half a second. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#open].map(
        (socket) =>
          new Promise<void>((resolve) => {
            const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
            socket.once('close', () => {
              clearTimeout(timer);
              resolve();
            });
            socket.close();
          }),
      ),
    );
  }
}
