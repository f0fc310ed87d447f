import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { type ConnectionLifetime, connectionLifetime } from './session-lifetime.js';
import { refusedToBegin } from '../conversation/sent-requests.js';
import type { ServerError } from './server-errors.js';
import { neverConfigured } from './session-failures.js';

/** How long a server may take from the open connection to the confirmed configuration. */
const TIMEOUT_MS = 15_000;
/** The same for a connection that replaces another: this server has shown that it is one. */
const REPLACED_TIMEOUT_MS = 5_000;
/** Such a server is told again and again: it may have been unable to hear, or to answer, until now. */
const REPEAT_MS = 1_000;

/** What the beginning of a connection needs. */
export type HandshakeOptions = {
  clock: Clock;
  /** Another connection led to this server before. */
  replaces: boolean;
  /** Sends the whole configuration. */
  configure: () => void;
  /** It took too long. */
  onTimeout: (error: ParleyError) => void;
};

/** The beginning of a connection: the server tells of its session, is told how to configure it, and confirms that. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #configuring = false;
  #over = false;
  #lifetime: ConnectionLifetime | undefined;
  #waiting: { resolve(): void; reject(error: ParleyError): void; timer: TimerHandle } | undefined;
  #repeat: TimerHandle | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** When the session will expire; undefined before the server told of it. */
  get lifetime(): ConnectionLifetime | undefined {
    return this.#lifetime;
  }

  /** The connection is open. Resolves with {@link Handshake.updated}, rejects with {@link Handshake.stop}. */
  wait(): Promise<void> {
    const { clock, replaces, onTimeout } = this.#options;
    return new Promise<void>((resolve, reject) => {
      const timer = clock.setTimer(
        () => {
          onTimeout(neverConfigured());
        },
        replaces ? REPLACED_TIMEOUT_MS : TIMEOUT_MS,
      );
      this.#waiting = { resolve, reject, timer };
      if (replaces) this.#repeatLater();
    });
  }

  /** The server created its session. */
  created(expiresAtS: number | null | undefined): void {
    this.#noteLifetime(expiresAtS);
    if (this.#waiting === undefined || this.#configuring) return;
    this.#configuring = true;
    this.#options.configure();
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

  #end(): { resolve(): void; reject(error: ParleyError): void } | undefined {
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

  /** The first that is told counts: it is the session that expires, not its configuration. */
  #noteLifetime(expiresAtS: number | null | undefined): void {
    const { clock } = this.#options;
    this.#lifetime ??= connectionLifetime(expiresAtS, { nowMs: clock.nowMs(), epochMs: clock.epochMs() });
  }
}
