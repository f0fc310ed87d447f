/** The WebSocket class that one evaluated SDK uses. */
import { WebSocket as NodeWebSocket } from 'ws';
import type { WayTo } from '../../outgoing/agents.js';
import { proxyProblem } from '../../outgoing/proxies.js';

/** Messages of signalling are small; anything larger is not one. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const CLOSE_GRACE_MS = 500;

/** A certificate authority that is trusted for one address only, in place of the system's. */
export type TrustedAddress = { host: string /* host:port */; ca: string /* PEM */ };

/** TLS options for a connection to `host` (with its port): the embedded server's authority for its own address alone. */
export function tlsOptionsFor(host: string, trusted: TrustedAddress | undefined): { ca?: string } {
  return trusted?.host === host ? { ca: trusted.ca } : {};
}

/** A socket that somebody watches. */
export type SocketWatch = {
  /** Told before the SDK hears of it. */
  onOpen(): void;
  onClose(): void;
  /** What the SDK gets of a text message; undefined: nothing. */
  filter(text: string): string | undefined;
};

/** The constructor as the SDK calls it. */
type WebSocketClass = new (url: string | URL, protocols?: string | string[]) => NodeWebSocket;

/** Every WebSocket of one evaluated SDK. */
export class SdkWebSockets {
  readonly WebSocket: WebSocketClass;
  readonly #open = new Set<NodeWebSocket>();

  constructor(options: {
    trusted?: TrustedAddress | undefined;
    onError: (error: unknown) => void;
    /** How addresses are reached; absent: directly. */
    wayTo?: WayTo;
    /** Which sockets are watched; absent: none. */
    watch?: (url: URL) => SocketWatch | undefined;
    /** A socket did not open: why, in one line. */
    onUnreachable?: (problem: string) => void;
  }) {
    const sockets = this.#open;
    this.WebSocket = class extends NodeWebSocket {
      readonly #watch: SocketWatch | undefined;

      constructor(url: string | URL, protocols?: string | string[]) {
        const address = new URL(url);
        const way = options.wayTo?.(url);
        super(url, protocols, {
          ...tlsOptionsFor(address.host, options.trusted),
          maxPayload: MAX_MESSAGE_BYTES,
          handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
          perMessageDeflate: false,
          ...(way === undefined ? {} : { agent: way.agent }),
        });
        sockets.add(this);
        const watch = options.watch?.(address);
        this.#watch = watch;
        if (watch !== undefined) this.once('open', () => watch.onOpen());
        this.once('close', () => {
          sockets.delete(this);
          watch?.onClose();
        });
        // The SDK may have let go of it already: without a listener an error would end the process.
        this.on('error', (error: Error & { code?: string }) => {
          if (this.readyState !== NodeWebSocket.CONNECTING && this.readyState !== NodeWebSocket.CLOSING)
            return;
          const { code = error.message } = error;
          options.onUnreachable?.(
            way === undefined
              ? `${address.host} cannot be reached (${code})`
              : `${address.host} cannot be reached: ${proxyProblem(way.proxy, way.refusedWith, code)}`,
          );
        });
      }

      /** An exception in the SDK's handler must not end the process. */
      override emit(event: string | symbol, ...args: unknown[]): boolean {
        try {
          if (event === 'message' && this.#watch !== undefined && args[1] === false) {
            const text = String(args[0]);
            const filtered = this.#watch.filter(text);
            if (filtered === undefined) return true;
            if (filtered !== text) return super.emit(event, Buffer.from(filtered), false);
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
