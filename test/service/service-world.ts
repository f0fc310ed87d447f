/** A service over a real database and real HTTP, whose meetings are scripted. */
import type { BotEvent } from '../../src/bot/event-log.js';
import type { JoinEvent } from '../../src/bot/events.js';
import type { Database } from '../../src/database/database.js';
import { EventEmitter } from '../../src/events.js';
import { createLogger } from '../../src/log.js';
import type { EndReason, MeetingCommand } from '../../src/meeting-process/protocol.js';
import type { MeetingSupervisor } from '../../src/service/meetings/meeting-supervisor.js';
import type { MeetingPlace } from '../../src/service/meetings/places.js';
import { type Service, type ServiceOptions, startService } from '../../src/service/service.js';
import type {
  MeetingState,
  SupervisedStatus,
  SupervisorEvents,
} from '../../src/supervisor/supervisor-events.js';
import type { MeetingRequest, SupervisorOptions } from '../../src/supervisor/supervisor.js';

/** Runs no process: tests say what happens in its meetings. */
export class ScriptedSupervisor implements MeetingSupervisor {
  readonly events = new EventEmitter<SupervisorEvents>((error) => {
    throw error;
  });
  readonly started: MeetingRequest[] = [];
  readonly commands: [botId: string, command: MeetingCommand][] = [];
  readonly acknowledged: [botId: string, epoch: number, seq: number][] = [];
  /** What commands resolve with. */
  answer: (command: MeetingCommand) => unknown = () => ({ report: {} });
  readonly options: SupervisorOptions;
  readonly #running = new Map<string, { epoch: number; state: MeetingState; seq: number }>();

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  start(request: MeetingRequest): void {
    this.started.push(request);
    this.#running.set(request.botId, { epoch: request.epoch, state: 'starting', seq: 0 });
  }

  async command(botId: string, command: MeetingCommand): Promise<unknown> {
    this.commands.push([botId, command]);
    const value = await this.answer(command);
    if (command.kind === 'stop') setImmediate(() => this.end(botId, 'asked'));
    return value;
  }

  acknowledge(botId: string, epoch: number, seq: number): void {
    this.acknowledged.push([botId, epoch, seq]);
  }

  abandon(botId: string): void {
    this.end(botId, 'fenced');
  }

  status(botId: string): SupervisedStatus | undefined {
    const meeting = this.#running.get(botId);
    if (meeting === undefined) return undefined;
    const { epoch, state } = meeting;
    return {
      botId,
      meetingId: '',
      epoch,
      state,
      waitingFor: undefined,
      pid: 1,
      restarts: 0,
      beat: undefined,
    };
  }

  list(): readonly SupervisedStatus[] {
    return [...this.#running.keys()].map((botId) => this.status(botId)!);
  }

  forgetJournal(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    for (const botId of [...this.#running.keys()]) this.end(botId, 'asked');
    await Promise.resolve();
  }

  /** A meeting comes into a state. */
  state(botId: string, state: MeetingState, detail: { waitingFor?: 'line' | 'admission' } = {}): void {
    const meeting = this.#running.get(botId)!;
    meeting.state = state;
    this.events.emit('state', botId, meeting.epoch, state, detail);
  }

  /** Something happens in a meeting. */
  happens(botId: string, event: Omit<JoinEvent, 'v' | 'seq' | 'atMs'> & { atMs?: number }): void {
    const meeting = this.#running.get(botId)!;
    const numbered = { v: 1, atMs: meeting.seq * 100, ...event, seq: ++meeting.seq } as BotEvent;
    this.events.emit('event', botId, meeting.epoch, numbered, Date.now());
  }

  /** The process of a meeting is replaced by another one. */
  async restart(botId: string): Promise<void> {
    const epoch = await this.options.nextEpoch(botId);
    if (epoch === 'fenced') throw new Error('fenced');
    Object.assign(this.#running.get(botId)!, { epoch, seq: 0 });
  }

  end(botId: string, reason: EndReason, failure?: { code: string; message: string }): void {
    const meeting = this.#running.get(botId);
    if (meeting === undefined) return;
    this.#running.delete(botId);
    const ended = {
      reason,
      exitCode: failure === undefined ? 0 : 1,
      ...(failure === undefined ? {} : { failure }),
    };
    this.events.emit('ended', botId, meeting.epoch, ended);
  }
}

/** The embedded room as the service sees it: it knows every meeting but those called `unknown…`. */
export function scriptedPlace(name: MeetingPlace['name'] = 'embedded'): MeetingPlace {
  return {
    ...{ name, description: 'a scripted room', roomsByApi: true },
    spec: { kind: name, credentials: { kind: 'keys', apiKey: 'key', secret: 'secret' } },
    createRoom: (id) =>
      Promise.resolve({ roomId: 'abcd-efgh-ijkl', ...(id === undefined ? {} : { customRoomId: id }) }),
    findRoom: (id) => Promise.resolve(id.startsWith('unknown') ? undefined : { roomId: id }),
    createToken: ({ participantId }) => Promise.resolve(`token-of-${participantId}`),
    pageOf: (id) => `https://localhost:8443/${id}`,
  };
}

export type ServiceWorld = {
  readonly service: Service;
  readonly supervisor: ScriptedSupervisor;
  readonly database: Database;
  readonly url: string;
  /** A key that may do everything. */
  readonly key: string;
  readonly logged: string[];
  /** A request with the key, and the answer as JSON. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
};
export type Answer = { status: number; headers: Headers; json: never };

/** Starts a service over a database, sets it up, and gives its first key. */
export async function serviceWorld(
  database: Database,
  options: Partial<ServiceOptions> = {},
): Promise<ServiceWorld> {
  let supervisor: ScriptedSupervisor;
  const logged: string[] = [];
  // Much faster than truncating: nothing is written anew.
  await database.script(
    'delete from workspaces; delete from one_time_tokens; delete from workers; delete from audit;',
  );
  const service = await startService({
    ...{
      version: '0.1.0',
      database,
      runFolder: '/nowhere',
      serviceSecret: 'a secret of the service',
      host: '127.0.0.1',
    },
    ...{ port: 0, allowedOrigins: [], slots: 50, webhooksToPrivate: true, checksAnswers: true },
    places: {
      all: [scriptedPlace()],
      backend: { kind: 'server', url: 'ws://127.0.0.1:1/v1/realtime' },
      interpreter: 'nobody',
    },
    openSupervisor: (about) => Promise.resolve((supervisor = new ScriptedSupervisor(about))),
    log: createLogger({ level: 'debug', sink: { write: (text) => logged.push(text) } }),
    ...options,
  });
  const url = service.url;
  const request = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (response.headers.get('content-type') ?? '').includes('json')
      ? (JSON.parse(text) as never)
      : (text as never);
    return { status: response.status, headers: response.headers, json };
  };
  const token = service.setupLink!.split('#')[1]!;
  const { json } = await request('POST', '/v1/setup', { token, name: 'Ana', keyName: 'first' }, {});
  const { key } = json as { key: string };
  return {
    ...{ service, supervisor: supervisor!, database, url, key, logged },
    api: (method, path, body, headers = {}) =>
      request(method, path, body, { authorization: `Bearer ${key}`, ...headers }),
    close: () => service.close(),
  };
}

/** Waits until something is so, for a minute at most, unless told otherwise: machines may be busy. */
export async function until<Value>(
  read: () => Value | Promise<Value>,
  isSo: (value: Value) => boolean,
  limitMs = 60_000,
): Promise<Value> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isSo(value)) return value;
    if (performance.now() > endMs) throw new Error(`it did not come to be so: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
