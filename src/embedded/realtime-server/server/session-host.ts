import { type Clock, systemClock } from '../../../clock.js';
import { ClientConnection, type ClientSocket } from './client-connection.js';
import { type FaultControl, type Faults, FaultState } from './faults.js';
import type { ReplyScript } from '../responses/reply-plan.js';
import type { Responder } from '../responses/responder.js';
import { API_FORM, type ServerForm } from './server-form.js';
import type { ServerLog } from './server-log.js';
import type { Refusal } from './upgrade.js';
import { type AskedSession, Session, type SessionServices } from '../session.js';
import { LiveSession } from '../live/session.js';
import { TranslateSession } from '../translate/session.js';

const MINUTES_60 = 3_600_000;
const MAX_CONNECTIONS = 256;
const SILENT_LOG: ServerLog = { info: () => undefined, warn: () => undefined };

/** How a server's sessions behave; times are in milliseconds of its clock. */
export type SessionHostOptions = {
  /** Every delay runs on it, and ids and times come from it; default the machine's. */
  clock?: Clock;
  /** What the server says. */
  responder: Responder;
  /** When the server calls functions; without it, never. */
  script?: ReplyScript;
  /** How long a session may last; default 60 minutes, as with the API. */
  sessionDurationMs?: number;
  /** From `response.created` to the first audio; default 300. */
  firstAudioDelayMs?: number;
  /** How many times faster than real time audio is sent; default 4. */
  audioSpeed?: number;
  /** From the commit of a turn to its transcript; default 200. */
  transcriptionDelayMs?: number;
  /** Audio that a translation session sends per 200 ms of its input; default 400, as was seen with the API. */
  translationFrameMs?: number;
  /** From the end of a phrase to its translation in a live session; default 300. */
  liveLagMs?: number;
  /**
   * How it words its sessions and events; default as the API does. Rates other than 24 kHz need `loadResampler()` to have
   * been awaited.
   */
  form?: Partial<ServerForm>;
  faults?: Faults;
  log?: ServerLog;
};

/** One client's session, as the carrier of its connection sees it. */
export type HostedSession = {
  /** Handles one message of the client to its end. Never throws. */
  receive(text: string): void;
  /** The connection is gone, with this close code. */
  closed(code: number): void;
};

type AnySession = Session | TranslateSession | LiveSession;

/** The sessions of one server, whatever carries their connections. */
export class SessionHost {
  readonly faults: FaultState;
  readonly log: ServerLog;
  readonly #services: SessionServices;
  readonly #sessions = new Map<AnySession, ClientConnection>();
  readonly #translationFrameMs: number;
  readonly #liveLagMs: number;
  #receivedCount = 0;
  #sentCount = 0;
  /** Of sessions that have ended. */
  #endedAudioMs = 0;

  constructor(options: SessionHostOptions) {
    this.faults = new FaultState(options.faults ?? {});
    this.log = options.log ?? SILENT_LOG;
    this.#translationFrameMs = options.translationFrameMs ?? 400;
    this.#liveLagMs = options.liveLagMs ?? 300;
    this.#services = {
      clock: options.clock ?? systemClock,
      responder: options.responder,
      script: options.script,
      timing: { firstAudioDelayMs: options.firstAudioDelayMs ?? 300, audioSpeed: options.audioSpeed ?? 4 },
      transcriptionDelayMs: options.transcriptionDelayMs ?? 200,
      sessionDurationMs: options.sessionDurationMs ?? MINUTES_60,
      faults: this.faults,
      form: { ...API_FORM, ...options.form },
      log: this.log,
    };
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Messages of clients that have been handled to their end, over all connections. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  /** Audio that clients appended, in milliseconds, over all connections. */
  get receivedAudioMs(): number {
    let sum = this.#endedAudioMs;
    for (const session of this.#sessions.keys()) sum += session.receivedAudioMs;
    return sum;
  }

  /** Text messages handed to open sockets, over all connections. */
  get sentCount(): number {
    return this.#sentCount;
  }

  /** A response, a transcript or a delayed message is on its way. */
  get busy(): boolean {
    return [...this.#sessions.keys()].some((session) => session.busy);
  }

  get faultControl(): FaultControl {
    const { faults } = this;
    return {
      set: (next) => faults.set(next),
      counts: faults.counts,
      dropAll: () => {
        for (const connection of this.#sessions.values()) connection.drop();
      },
      freezeAll: () => {
        for (const connection of this.#sessions.values()) connection.freeze();
      },
    };
  }

  /** Why no session may be opened now, if so: a fault strikes, or too many are open. To be asked once per connection. */
  refusal(): Refusal | undefined {
    const fault = this.faults.strike('refuseConnections');
    if (fault !== undefined) {
      const limited = fault.status === 429;
      return {
        status: fault.status,
        type: limited ? 'rate_limit_error' : fault.status < 500 ? 'invalid_request_error' : 'server_error',
        code: fault.code ?? (limited ? 'rate_limit_exceeded' : 'connection_refused'),
        message: 'This connection is refused on request.',
        ...(fault.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: fault.retryAfterSeconds }),
      };
    }
    if (this.connections < MAX_CONNECTIONS) return undefined;
    return {
      status: 503,
      type: 'server_error',
      code: 'server_is_overloaded',
      message: `At most ${MAX_CONNECTIONS} sessions may be open.`,
      retryAfterSeconds: 5,
    };
  }

  /** Opens a session on a socket that is open. */
  open(socket: ClientSocket, model: string, asked: Omit<AskedSession, 'model'> = {}): HostedSession {
    return this.#host(
      socket,
      model,
      (connection) => new Session(this.#services, connection, { ...asked, model }),
    );
  }

  /** Opens a translation session on a socket that is open. */
  openTranslate(socket: ClientSocket, model: string): HostedSession {
    const services = { ...this.#services, frameMs: this.#translationFrameMs };
    return this.#host(socket, model, (connection) => new TranslateSession(services, connection));
  }

  /** Opens a live session on a socket that is open; its client says which model. `azure`: as on Azure's path. */
  openLive(socket: ClientSocket, azure = false): HostedSession {
    const services = { ...this.#services, lagMs: this.#liveLagMs };
    return this.#host(socket, 'live', (connection) => new LiveSession(services, connection, azure));
  }

  #host(
    socket: ClientSocket,
    model: string,
    sessionOn: (connection: ClientConnection) => AnySession,
  ): HostedSession {
    const { clock, form } = this.#services;
    const connection = new ClientConnection(socket, clock, this.faults, form, () => this.#sentCount++);
    const session = sessionOn(connection);
    this.#sessions.set(session, connection);
    this.log.info({ model, connections: this.connections }, 'A session opened.');
    const drop = this.faults.strike('dropConnections');
    const dropTimer = drop && clock.setTimer(() => connection.drop(), drop.afterMs);
    return {
      receive: (text) => {
        session.receive(text);
        this.#receivedCount++;
      },
      closed: (code) => {
        dropTimer?.cancel();
        session.end();
        if (this.#sessions.delete(session)) this.#endedAudioMs += session.receivedAudioMs;
        this.log.info({ code, connections: this.connections }, 'A session closed.');
      },
    };
  }

  /** Ends every session and drops its connection. */
  close(): void {
    for (const [session, connection] of this.#sessions) {
      session.end();
      connection.drop();
    }
  }
}
