import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { OpenTransport, ParsedMessage, RealtimeTransport } from '../transport.js';
import { closeError, refusedToBegin, type ServerError } from './server-errors.js';
import { asParleyError, cannotRead, neverConfigured, tooSlow } from './session-failures.js';
import { type ConnectionLifetime, connectionLifetime } from './session-lifetime.js';

/** How long a server may take to accept a connection, and again to confirm its configuration. */
const TIMEOUT_MS = 15_000;
/** The same for a connection that replaces another: this server has shown that it is one, and people are talking. */
const REPLACED_TIMEOUT_MS = 5_000;
/** Such a server is sent its configuration again and again: it may have been unable to read, or to answer, until now. */
const REPEAT_MS = 1_000;
/** Messages in a row whose handling failed: this process cannot understand its server any more. */
const MAX_FAILURES_IN_A_ROW = 3;

/** What the beginning of a connection needs, and what it tells its connection. */
type HandshakeOptions = {
  open: OpenTransport;
  clock: Clock;
  /** Another connection led to this server before. */
  replaces: boolean;
  /** The server creates a session by itself, and says so; otherwise the configuration is what begins one, and is sent once. */
  greets: boolean;
  /** How long a session lasts at most; an hour by default. */
  longestMs?: number;
  /** Sends the whole configuration. */
  configure: () => void;
  /** The transport is open. */
  opened: (transport: RealtimeTransport) => void;
  /** A message of the server, parsed already where the transport had to. */
  message: (text: string, parsed?: ParsedMessage) => void;
  /** It cannot be opened, took too long, cannot be understood, or was closed by the other side. */
  lost: (error: ParleyError) => void;
};

type Waiting = { resolve(): void; reject(error: ParleyError): void; timer: TimerHandle };

/** The beginning of a connection: it opens, the server creates its session, is sent the configuration, and confirms it. */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #timeoutMs: number;
  #opened = false;
  #created = false;
  #configuring = false;
  #over = false;
  #lifetime: ConnectionLifetime | undefined;
  #waiting: Waiting | undefined;
  #repeat: TimerHandle | undefined;
  #failuresInARow = 0;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#timeoutMs = options.replaces ? REPLACED_TIMEOUT_MS : TIMEOUT_MS;
  }

  /** When the session will expire; undefined before the server has created it. */
  get lifetime(): ConnectionLifetime | undefined {
    return this.#lifetime;
  }

  /**
   * Opens a transport and hands it to `opened`. Resolves with {@link Handshake.updated}; rejects with a ParleyError with
   * {@link Handshake.stop}, which whoever is told that it is lost calls. A transport that opens after that is closed. Where
   * messages cannot be handled, one before the session is confirmed or three in a row after that, the connection is lost.
   */
  begin(): Promise<void> {
    const { open, opened, message, lost } = this.#options;
    const handle = (text: string, parsed?: ParsedMessage): void => {
      try {
        message(text, parsed);
        this.#failuresInARow = 0;
      } catch (error) {
        // Before the session is confirmed nothing more comes that could do better.
        if (!this.#over || ++this.#failuresInARow >= MAX_FAILURES_IN_A_ROW) lost(cannotRead(error));
        throw error;
      }
    };
    return new Promise<void>((resolve, reject) => {
      const timer = this.#timeout(tooSlow(this.#timeoutMs));
      this.#waiting = { resolve, reject, timer };
      open({
        message: handle,
        parsed: (parsed, text) => {
          handle(text, parsed);
        },
        closed: (close) => {
          lost(closeError(close));
        },
      }).then(
        (transport) => {
          if (this.#over) {
            transport.close(1000);
            return;
          }
          opened(transport);
          this.#onOpened();
        },
        (error: unknown) => {
          lost(asParleyError(error));
        },
      );
    });
  }

  /** The server created its session. */
  created(expiresAtS: number | null | undefined): void {
    this.#noteLifetime(expiresAtS);
    this.#created = true;
    this.#configure();
  }

  /** The server confirmed a configuration. Returns whether that was the first one: the connection may be used from now on. */
  updated(expiresAtS: number | null | undefined): boolean {
    this.#noteLifetime(expiresAtS);
    if (!this.#configuring || this.#over) return false;
    this.#end()?.resolve();
    return true;
  }

  /** Why a connection on which the server reports this error cannot begin. */
  refusal(error: ServerError): ParleyError {
    return refusedToBegin(this.#configuring ? 'configuration' : 'session', error);
  }

  /** The connection ended. */
  stop(error: ParleyError): void {
    this.#end()?.reject(error);
  }

  #onOpened(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#opened = true;
    waiting.timer.cancel();
    waiting.timer = this.#timeout(neverConfigured());
    const { greets, replaces } = this.#options;
    if (this.#created || !greets) this.#configure();
    if (replaces && greets) this.#repeatLater();
  }

  #configure(): void {
    if (!this.#opened || this.#over || this.#configuring) return;
    this.#configuring = true;
    this.#options.configure();
  }

  #timeout(error: ParleyError): TimerHandle {
    return this.#options.clock.setTimer(() => {
      this.#options.lost(error);
    }, this.#timeoutMs);
  }

  #end(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#over = true;
    this.#waiting = undefined;
    this.#repeat?.cancel();
    waiting?.timer.cancel();
    return waiting;
  }

  #repeatLater(): void {
    this.#repeat = this.#options.clock.setTimer(() => {
      this.#configuring = true;
      this.#options.configure();
      if (!this.#over) this.#repeatLater();
    }, REPEAT_MS);
  }

  /** The first that is reported counts: it is the session that expires, not its configuration. */
  #noteLifetime(expiresAtS: number | null | undefined): void {
    const { clock, longestMs } = this.#options;
    const now = { nowMs: clock.nowMs(), epochMs: clock.epochMs() };
    this.#lifetime ??= connectionLifetime(expiresAtS, now, longestMs);
  }
}
