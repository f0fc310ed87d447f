/**
 * A service on real processes: `parley serve` and `parley worker`, a PostgreSQL server of its own or the embedded database, and
 * meetings whose service is a `MeetingRegistry`. All of them can be killed, stopped and cut off.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../../src/database/database.js';
import { openDatabase } from '../../../src/database/open.js';
import { type BotRow, findBotById } from '../../../src/records/store/bots.js';
import { listSegments } from '../../../src/records/store/segments.js';
import {
  killPostgres,
  type PostgresServer,
  startPostgres,
  stopPostgres,
} from '../../database/postgres-server.js';
import { faultPrograms } from './fault-programs.js';
import { MeetingRegistry, type Presence } from './meeting-registry.js';

const MAX_STDERR_CHARS = 1_000_000;
/** Claims are taken over only where the database has answered for a while without a break: on a busy machine that comes late. */
const LIMIT_MS = 300_000;
/** A test that is killed takes its processes along. */
const WITH_US = ['setpriv', '--pdeathsig', 'KILL'];

/** Asking costs the machine that everything runs on. */
const ASK_MS = 100;
/**
 * A process that is killed, or put out, has words in hand that no caption has yet. On a machine that is busy these are more than
 * a few: two seconds of words. How many they are is measured by `npm run bench -- faults`.
 */
export const WORDS_IN_HAND = 20;

/** Waits until something is so. */
export async function until<Value>(
  read: () => Value | Promise<Value>,
  isSo: (value: Value) => boolean,
  everyMs = ASK_MS,
): Promise<Value> {
  for (const endMs = performance.now() + LIMIT_MS; ;) {
    const value = await read();
    if (isSo(value)) return value;
    if (performance.now() > endMs) throw new Error(`it did not come to be so: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A `parley` process. */
export class ParleyProcess {
  readonly process: ChildProcess;
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  #out = '';
  #err = '';

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    const [program, ...args] = command;
    this.process = spawn(program!, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#out += text));
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#err = (this.#err + text).slice(-MAX_STDERR_CHARS);
    });
    this.ended = new Promise((resolve) => this.process.once('exit', (code) => resolve(code)));
  }

  get pid(): number {
    return this.process.pid!;
  }

  get stdout(): string {
    return this.#out;
  }

  get stderr(): string {
    return this.#err;
  }

  /** What it prints, as soon as it has. */
  async printed(pattern: RegExp): Promise<string> {
    return (await until(
      () => {
        const { exitCode, signalCode } = this.process;
        const found = pattern.exec(this.#out)?.[1];
        if (found === undefined && (exitCode !== null || signalCode !== null))
          throw new Error(`it ended: ${this.#err}`);
        return found;
      },
      (found) => found !== undefined,
    ))!;
  }

  /** Does nothing to one that is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.process.kill(signal);
    return this.ended;
  }
}

/** A worker, and how to start it again. */
export type StageWorker = { readonly name: string; readonly id: string; readonly process: ParleyProcess };

/** How a worker is started. */
type WorkerOptions = {
  readonly slots: number;
  /** By default the server's own. */
  readonly databaseUrl?: string;
  /** By default the registry's own. */
  readonly registryAddress?: string;
  /** What stands before the command, such as another network. */
  readonly within?: readonly string[];
  readonly more?: readonly string[];
};

/** See the head of this file. */
export class FaultStage {
  readonly folder: string;
  readonly registry: MeetingRegistry;
  readonly #programs: Awaited<ReturnType<typeof faultPrograms>>;
  readonly #started: ParleyProcess[] = [];
  readonly #workers = new Map<string, ParleyProcess>();
  readonly #closing: (() => Promise<void>)[] = [];
  #server: { folder: string; port: number; running: PostgresServer } | undefined;
  #database: Database | undefined;
  #service: { process: ParleyProcess; url: string } | undefined;
  #key = '';

  private constructor(
    folder: string,
    registry: MeetingRegistry,
    programs: Awaited<ReturnType<typeof faultPrograms>>,
  ) {
    this.folder = folder;
    this.registry = registry;
    this.#programs = programs;
  }

  static async open(options: { postgres: boolean; registryHost?: string }): Promise<FaultStage> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-ft-'));
    const programs = await faultPrograms();
    const stage = new FaultStage(folder, await MeetingRegistry.start(options.registryHost), programs);
    if (!options.postgres) return stage;
    const serverFolder = `${folder}-pg`; // beside it: the server is another user
    const port = await freePort();
    stage.#server = {
      folder: serverFolder,
      port,
      running: startPostgres(serverFolder, { port, isDurable: true }),
    };
    stage.#database = await openDatabase(stage.databaseUrl, { schema: 'apply' });
    return stage;
  }

  get database(): Database {
    return this.#database!;
  }

  get databasePort(): number {
    return this.#server!.port;
  }

  get databaseUrl(): string {
    return this.#server!.running.url('postgres');
  }

  get service(): ParleyProcess {
    return this.#service!.process;
  }

  /** Closes something with the stage. */
  onClose(close: () => Promise<void>): void {
    this.#closing.push(close);
  }

  /** `parley` with these arguments. */
  start(
    args: readonly string[],
    { registryAddress, within = [] }: Partial<WorkerOptions> = {},
  ): ParleyProcess {
    const { port } = this.registry;
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.folder,
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      VIDEOSDK_API_KEY: 'a-key-of-the-registry',
      VIDEOSDK_SECRET_KEY: 'a-secret-of-the-registry',
      VIDEOSDK_API_URL: `http://127.0.0.1:${port}`,
      VIDEOSDK_SIGNALING_BASE_URL: registryAddress ?? `127.0.0.1:${port}`,
      PARLEY_URL: 'ws://127.0.0.1:9/v1/realtime',
      PARLEY_SERVICE_SECRET: 'a-secret-of-the-service-for-tests',
    };
    const started = new ParleyProcess(
      [...within, ...WITH_US, process.execPath, this.#programs.parley, ...args],
      env,
    );
    this.#started.push(started);
    return started;
  }

  /** `parley serve`, set up at its first start. A later one is the same service again. */
  async serve(args: readonly string[], options: Partial<WorkerOptions> = {}): Promise<ParleyProcess> {
    const service = this.start(['serve', '--port', '0', ...args], options);
    const url = await service.printed(/Parley serves at (\S+)/);
    await service.printed(/(Ctrl\+C)/);
    this.#service = { process: service, url };
    const token = /set up +\S+#(\S+)/.exec(service.stdout)?.[1];
    if (token !== undefined && this.#key === '') {
      const { key } = await this.api<{ key: string }>('POST', '/v1/setup', {
        token,
        name: 'Ana',
        keyName: 'first',
      });
      this.#key = key;
    }
    return service;
  }

  /** The API of a fleet; its workers are started one by one. */
  serveFleet(): Promise<ParleyProcess> {
    const data = join(this.folder, 'api');
    return this.serve(['--database', this.databaseUrl, '--data', data, '--max-meetings', '0']);
  }

  /** `parley worker`; of the same name: the same machine again. */
  async worker(name: string, options: WorkerOptions): Promise<StageWorker> {
    const { slots, databaseUrl = this.databaseUrl, more = [] } = options;
    const args = [
      ...['worker', '--database', databaseUrl, '--data', join(this.folder, name)],
      ...['--max-meetings', String(slots), ...more],
    ];
    let worker: ParleyProcess;
    let id: string | undefined;
    do {
      worker = this.start(args, options);
      id = await worker.printed(/Parley works as (\S+)/).catch((error: unknown) => {
        // On a machine that is busy a database answers late: whoever runs a worker starts it again.
        if (worker.stderr.includes('the database cannot be used')) return undefined;
        throw error;
      });
    } while (id === undefined);
    this.#workers.set(id, worker);
    return { name, id, process: worker };
  }

  /** Kills the worker of this id. */
  async killWorker(id: string): Promise<void> {
    await this.#workers.get(id)!.kill();
  }

  /** An answer of the service, which may take its time for it; rejects with what it refuses. */
  async api<Answer = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#service!.url}${path}`, {
      method,
      headers: {
        ...(this.#key === '' ? {} : { authorization: `Bearer ${this.#key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Answer;
  }

  async invite(meetingId: string): Promise<string> {
    const { id } = await this.api<{ id: string }>('POST', '/v1/bots', { meetingId, languages: ['es', 'en'] });
    return id;
  }

  async bot(id: string): Promise<BotRow> {
    return (await findBotById(this.database.orm, id))!;
  }

  /** Resolves when words are heard in a meeting from whoever is there now. */
  async speaks(meetingId: string, atLeast = 5): Promise<Presence> {
    const [present] = await until(
      () => this.registry.present(meetingId),
      (presences) => (presences[0]?.words.length ?? 0) >= atLeast,
    );
    return present!;
  }

  /** Resolves when so many processes have been in a meeting, and the last one is there and interprets. */
  async speaksAgain(meetingId: string, count: number): Promise<Presence> {
    await until(
      () => this.registry.presences(meetingId).length,
      (length) => length >= count,
    );
    return this.speaks(meetingId);
  }

  /** Resolves when whoever is in a meeting has said so many more words. */
  async goesOn(meetingId: string, words = 10): Promise<void> {
    const [present] = this.registry.present(meetingId);
    const said = present!.words.length;
    await until(
      () => present!.words.length,
      (length) => length >= said + words,
    );
  }

  /**
   * Waits until the record has the words of a process that is gone, and returns those that it lacks: in between, or beyond what
   * a process may have had in hand.
   */
  async missingOf(id: string, epoch: number, { words }: Presence): Promise<number[]> {
    return this.missing(id, epoch, Math.max(1, words.at(-1)!.number - WORDS_IN_HAND));
  }

  /** Numbers of the words that the record has of one process of a bot, in the order of the record. */
  async recorded(id: string, epoch: number): Promise<number[]> {
    return (await listSegments(this.database.orm, id, { limit: 100_000 }))
      .filter((each) => each.epoch === epoch && each.targetLanguage === 'en' && each.kind === 'speech')
      .map(({ translatedText }) => Number(translatedText.replace('word ', '')));
  }

  /**
   * Waits until the record has this word, of one process of a bot, and returns those that it lacks before its last one.
   */
  async missing(id: string, epoch: number, word: number): Promise<number[]> {
    const words = await until(
      () => this.recorded(id, epoch),
      (recorded) => Math.max(0, ...recorded) >= word,
    );
    const known = new Set(words);
    const last = Math.max(...words);
    return Array.from({ length: last }, (_, index) => index + 1).filter((number) => !known.has(number));
  }

  /** The database's processes die, as in a crash. */
  async killDatabase(): Promise<void> {
    const { running } = this.#server!;
    killPostgres(running);
    await until(
      () => isAlive(running.pid),
      (alive) => !alive,
    );
  }

  /** Those of its processes that have not seen the others die yet hold it up for a moment. */
  async startDatabase(): Promise<void> {
    const server = this.#server!;
    await until(
      () => {
        try {
          server.running = startPostgres(server.folder, { port: server.port, isDurable: true, again: true });
          return true;
        } catch {
          return false;
        }
      },
      (isStarted) => isStarted,
    );
    await until(
      () => this.database.query('select 1').catch(() => []),
      (rows) => rows.length === 1,
    );
  }

  async close(): Promise<void> {
    for (const started of this.#started) started.process.kill('SIGKILL');
    for (const { pid } of this.registry.presences()) killPid(pid, 'SIGKILL');
    await Promise.all(this.#started.map(({ ended }) => ended));
    for (const close of this.#closing) await close();
    await this.#database?.close().catch(() => undefined);
    if (this.#server !== undefined) stopPostgres(this.#server.folder);
    await this.registry.close();
    await this.#programs.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Does nothing to a process that is gone. */
export function killPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
