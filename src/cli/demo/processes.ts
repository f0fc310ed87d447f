/** The demo's cast, each in a process of its own, started through the very command that runs the demo. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ParleyError } from '../../errors.js';
import { type JoinEvent, joinEventSchema } from '../../bot/events.js';
import type { ToolServerName } from './tool-server.js';
import type { ParticipantOrder, ParticipantReport } from './messages.js';

/** After being asked to end, a process that does not is killed. */
const END_TIMEOUT_MS = 5_000;
const MAX_ERROR_CHARS = 2_000;
/** Variables that a child does not see: no key and no setting of the user's decides what a demo shows. */
const HIDDEN_VARIABLES = /^(?:OPENAI|AZURE|PARLEY|VIDEOSDK|FASTINO)_/;

/** How a command of this program is started once more, in a process of its own. */
export function ownProgram(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1]!];
}

/** What a child of the demo is started with. */
type ChildOptions = {
  /** The user's variables, of which it sees those that set nothing of Parley. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where it runs: a folder without a configuration file. */
  folder: string;
  /** Variables that it sees for all that. */
  settings?: Readonly<Record<string, string>>;
};

/** The variables that a child of the demo sees. */
export function childEnvironment({ env, settings }: Omit<ChildOptions, 'folder'>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !HIDDEN_VARIABLES.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...settings };
}

/** A child that is ended with the demo, whatever happens. */
class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
  #stderr = '';

  constructor(args: readonly string[], options: ChildOptions & { ipc: boolean; keepsInput?: boolean }) {
    this.process = spawn(process.execPath, [...ownProgram().slice(1), ...args], {
      cwd: options.folder,
      env: childEnvironment(options),
      stdio: [
        options.keepsInput === true ? 'pipe' : 'ignore',
        'pipe',
        'pipe',
        ...(options.ipc ? (['ipc'] as const) : []),
      ],
      // Ctrl+C in a terminal goes to the whole group; the demo ends its children in good order itself.
      detached: true,
    });
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_ERROR_CHARS);
    });
    this.ended = new Promise((resolve) => {
      this.process.once('error', () => resolve());
      this.process.once('close', () => resolve());
    });
    process.once('exit', () => this.process.kill('SIGKILL'));
  }

  /** The last line it said about what went wrong. */
  get lastWords(): string {
    return (
      this.#stderr
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^parley: /, '') ?? ''
    );
  }

  async end(ask: () => void): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const timer = setTimeout(() => this.process.kill('SIGKILL'), END_TIMEOUT_MS);
    ask();
    await this.ended;
    clearTimeout(timer);
  }
}

/** Parley itself: `parley join --json`. */
export class InterpreterProcess {
  readonly #child: Child;

  constructor(
    options: ChildOptions & {
      args: readonly string[];
      onEvent: (event: JoinEvent) => void;
      onFailed: (error: ParleyError) => void;
    },
  ) {
    this.#child = new Child(['join', '--json', ...options.args], { ...options, ipc: false });
    createInterface({ input: this.#child.process.stdout! }).on('line', (line) => {
      options.onEvent(joinEventSchema.parse(JSON.parse(line)));
    });
    void this.#child.ended.then(() => {
      options.onFailed(
        new ParleyError(
          'service_unavailable',
          `Parley left the meeting: ${this.#child.lastWords || 'no reason given'}`,
        ),
      );
    });
  }

  end(): Promise<void> {
    return this.#child.end(() => this.#child.process.kill('SIGTERM'));
  }
}

/** A server of tools, by HTTP. */
export class ToolServerProcess {
  readonly #child: Child;
  /** Its address; rejects where it ends before it has one. */
  readonly url: Promise<string>;

  constructor(name: ToolServerName, options: ChildOptions) {
    this.#child = new Child(['demo-tools', name, '--http'], { ...options, ipc: false, keepsInput: true });
    this.url = new Promise((resolve, reject) => {
      createInterface({ input: this.#child.process.stdout! }).once('line', resolve);
      void this.#child.ended.then(() => {
        const message = `the demo's tools did not start: ${this.#child.lastWords || 'no reason given'}`;
        reject(new ParleyError('service_unavailable', message));
      });
    });
    this.url.catch(() => undefined);
  }

  end(): Promise<void> {
    return this.#child.end(() => this.#child.process.stdin?.end());
  }
}

/** A scripted participant. */
export class ParticipantProcess {
  readonly #child: Child;

  constructor(
    options: ChildOptions & {
      name: string;
      onReport: (report: ParticipantReport) => void;
      onFailed: (error: ParleyError) => void;
    },
  ) {
    this.#child = new Child(['demo-participant'], { ...options, ipc: true });
    this.#child.process.stdout!.resume();
    const fail = (message: string): void => {
      options.onFailed(new ParleyError('service_unavailable', `${options.name} failed: ${message}`));
    };
    this.#child.process.on('message', (report: ParticipantReport) => {
      if (report.kind === 'failed') fail(report.message);
      else options.onReport(report);
    });
    void this.#child.ended.then(() => {
      fail(this.#child.lastWords || 'the process ended');
    });
  }

  order(order: ParticipantOrder): void {
    if (this.#child.process.connected) this.#child.process.send(order, () => undefined);
  }

  end(): Promise<void> {
    return this.#child.end(() => {
      this.order({ kind: 'leave' });
    });
  }
}
