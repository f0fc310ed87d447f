import { type Clock, systemClock } from '../../../clock.js';
import { ClientLine, type ClientSocket } from './client-connection.js';
import { type FaultControl, type Faults, FaultState } from './faults.js';
import type { ReplyScript } from '../responses/reply-plan.js';
import type { Responder } from '../responses/responder.js';
import { API_FORM, type ServerForm } from './server-form.js';
import type { ServerLog } from './server-log.js';
import { Session, type SessionServices } from '../session.js';
import { TranslationSession } from '../translate/session.js';

const MINUTES_60 = 3_600_000;
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
  /**
   * How it words its sessions and events; default as the API does. Rates other than 24 kHz need `loadResampler()` to have
   * been awaited.
   */
  form?: Partial<ServerForm>;
  faults?: Faults;
  log?: ServerLog;
};

/** One client's session, as the carrier of its line sees it. */
export type HostedSession = {
  /** Handles one message of the client to its end. Never throws. */
  receive(text: string): void;
  /** The line is gone, with this close code. */
  closed(code: number): void;
};

/** The sessions of one server, whatever carries their lines. */
export class SessionHost {
  readonly faults: FaultState;
  readonly log: ServerLog;
  readonly #services: SessionServices;
  readonly #sessions = new Map<Session | TranslationSession, ClientLine>();
  readonly #translationFrameMs: number;
  #receivedCount = 0;
  #sentCount = 0;

  constructor(options: SessionHostOptions) {
    this.faults = new FaultState(options.faults ?? {});
    this.log = options.log ?? SILENT_LOG;
    this.#translationFrameMs = options.translationFrameMs ?? 400;
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

  /** Lines that are open. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Messages of clients that have been handled to their end, over all lines. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  /** Text messages handed to open sockets, over all lines. */
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
        for (const line of this.#sessions.values()) line.drop();
      },
      freezeAll: () => {
        for (const line of this.#sessions.values()) line.freeze();
      },
    };
  }

  /** Opens a session on a socket that is open. `deployments`: the only models that transcribe, when given. */
  open(socket: ClientSocket, model: string, deployments?: readonly string[]): HostedSession {
    return this.#host(socket, model, (line) => new Session(this.#services, line, { model, deployments }));
  }

  /** Opens a translation session on a socket that is open. */
  openTranslation(socket: ClientSocket, model: string): HostedSession {
    const services = { ...this.#services, frameMs: this.#translationFrameMs };
    return this.#host(socket, model, (line) => new TranslationSession(services, line));
  }

  #host(
    socket: ClientSocket,
    model: string,
    sessionOn: (line: ClientLine) => Session | TranslationSession,
  ): HostedSession {
    const { clock, form } = this.#services;
    const line = new ClientLine(socket, clock, this.faults, form, () => this.#sentCount++);
    const session = sessionOn(line);
    this.#sessions.set(session, line);
    this.log.info({ model, connections: this.connections }, 'A session opened.');
    const drop = this.faults.strike('dropConnections');
    const dropTimer = drop && clock.setTimer(() => line.drop(), drop.afterMs);
    return {
      receive: (text) => {
        session.receive(text);
        this.#receivedCount++;
      },
      closed: (code) => {
        dropTimer?.cancel();
        session.end();
        this.#sessions.delete(session);
        this.log.info({ code, connections: this.connections }, 'A session closed.');
      },
    };
  }

  /** Ends every session and drops its line. */
  close(): void {
    for (const [session, line] of this.#sessions) {
      session.end();
      line.drop();
    }
  }
}
