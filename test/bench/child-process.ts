/** Child programs of benchmarks: started, spoken to over IPC, and ended with the measurement, whatever becomes of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAX_ERROR_CHARS = 2_000;

/** What every program may say instead of what it was asked for; nothing follows it. */
export type Failure = { kind: 'failed'; message: string };

type Waiting = { tick: () => boolean; fail: (error: Error) => void };

/** One child. `Order` is what it is told, `Report` what it says. */
export class BenchChild<Order extends { kind: string }, Report extends { kind: string }> {
  /** When it was started, on {@link monotonicMs}. */
  readonly startedAtMs: number;
  readonly #name: string;
  readonly #process: ChildProcess;
  /** Said and not taken yet, oldest first. */
  #reports: Report[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #onFailed: (error: Error) => void;
  #failure: Error | undefined;
  #stderr = '';

  /**
   * @param program file below `children/`, without its ending
   * @param onFailed told when it fails or ends before it is killed
   * @param env added to this process's environment
   */
  constructor(
    program: string,
    args: readonly string[],
    onFailed: (error: Error) => void,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#name = program;
    this.#onFailed = onFailed;
    this.startedAtMs = monotonicMs();
    const file = fileURLToPath(new URL(`./children/${program}.js`, import.meta.url));
    this.#process = spawn(process.execPath, [...process.execArgv, file, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    });
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_ERROR_CHARS);
    });
    this.#process.on('message', (message) => this.#hear(message as Report | Failure));
    this.#process.once('error', (error) => this.#fail(error.message));
    this.#process.once('close', () => this.#fail(this.#stderr.trim() || 'it ended'));
  }

  /** Tells it something. */
  order(order: Order): void {
    if (this.#process.connected) this.#process.send(order, () => undefined);
  }

  /** Waits for the oldest report of this kind that was not taken yet; rejects when the child fails, or in `timeoutMs`. */
  next<Kind extends Report['kind']>(kind: Kind, timeoutMs: number): Promise<Extract<Report, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        tick: () => {
          const at = this.#reports.findIndex((report) => report.kind === kind);
          if (at < 0) return false;
          done();
          resolve(this.#reports.splice(at, 1)[0] as Extract<Report, { kind: Kind }>);
          return true;
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        waiting.fail(new Error(`${this.#name} did not say "${kind}" within ${timeoutMs / 1000} s`));
      }, timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
      };
      this.#waiting.add(waiting);
      if (!waiting.tick() && this.#failure !== undefined) waiting.fail(this.#failure);
    });
  }

  /** Tells it something, and waits for what it says to that. */
  ask<Kind extends Report['kind']>(
    order: Order,
    kind: Kind,
    timeoutMs: number,
  ): Promise<Extract<Report, { kind: Kind }>> {
    this.order(order);
    return this.next(kind, timeoutMs);
  }

  /** Takes every report of this kind that is there. */
  take<Kind extends Report['kind']>(kind: Kind): Extract<Report, { kind: Kind }>[] {
    const isOfKind = (report: Report): report is Extract<Report, { kind: Kind }> => report.kind === kind;
    const taken = this.#reports.filter(isOfKind);
    this.#reports = this.#reports.filter((report) => !isOfKind(report));
    return taken;
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.removeAllListeners();
    this.#process.kill('SIGKILL');
  }

  #hear(message: Report | Failure): void {
    if (isFailure(message)) {
      this.#fail(message.message);
      return;
    }
    this.#reports.push(message);
    for (const { tick } of [...this.#waiting]) if (tick()) return;
  }

  #fail(message: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = new Error(`${this.#name} failed: ${message}`);
    for (const waiting of [...this.#waiting]) waiting.fail(this.#failure);
    this.#onFailed(this.#failure);
  }
}

/** Starts a child that ends with the measurement. */
export type StartChild = <Order extends { kind: string }, Report extends { kind: string }>(
  program: string,
  args?: readonly string[],
  env?: Readonly<Record<string, string>>,
) => BenchChild<Order, Report>;

/**
 * Runs a measurement with children, which are killed at its end. It fails with the first of them that does, and when it
 * takes longer than `deadlineMs`.
 */
export async function withChildren<Result>(
  deadlineMs: number,
  measure: (start: StartChild) => Promise<Result>,
): Promise<Result> {
  const children: { kill(): void }[] = [];
  const killAll = (): void => {
    for (const child of children) child.kill();
  };
  let timer: NodeJS.Timeout | undefined;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
    timer = setTimeout(() => {
      reject(new Error(`the measurement took longer than ${Math.round(deadlineMs / 1000)} s`));
    }, deadlineMs);
  });
  process.once('exit', killAll);
  try {
    const start: StartChild = (program, args = [], env = {}) => {
      const child = new BenchChild<never, never>(program, args, fail, env);
      children.push(child);
      return child;
    };
    return await Promise.race([measure(start), failed]);
  } finally {
    clearTimeout(timer);
    process.off('exit', killAll);
    killAll();
  }
}

/** Milliseconds of the one clock that all processes of this machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

function isFailure(message: { kind: string }): message is Failure {
  return message.kind === 'failed';
}
