import { type ChildProcess, spawn } from 'node:child_process';
import { monotonicMs } from '../child-process.js';
import type { Usage } from './usage-probe.js';

const PROBE = new URL('./usage-probe.js', import.meta.url).href;
const MAX_ERROR_CHARS = 2_000;
const USAGE_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 15_000;

/** What is started. */
export type CliStart = {
  /** The file that `parley` runs. */
  program: string;
  args: readonly string[];
  /** The whole environment: nothing of ours leaks in. */
  env: Readonly<Record<string, string>>;
  cwd: string;
};

/** One command line of one build, in a process of its own that says what it uses. */
export class CliProcess {
  readonly startedAtMs: number;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  readonly #name: string;
  readonly #process: ChildProcess;
  #stdout = '';
  #stderr = '';
  #lastUsage: Usage | undefined;
  readonly #waiting = new Set<() => void>();
  #over = false;

  constructor({ program, args, env, cwd }: CliStart) {
    this.#name = `parley ${args[0] ?? ''}`;
    this.startedAtMs = monotonicMs();
    this.#process = spawn(process.execPath, ['--import', PROBE, program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env,
      cwd,
    });
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_ERROR_CHARS);
    });
    this.#process.on('message', (usage: Usage) => {
      this.#lastUsage = usage;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#stderr += error.message;
        resolve(null);
      });
      this.#process.once('close', (code) => resolve(code));
    });
    void this.ended.then(() => {
      this.#over = true;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** What it printed to stdout so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Of all of its life; rejects when it did not end with 0. */
  async usageAtEnd(): Promise<Usage> {
    const code = await this.ended;
    if (code !== 0 || this.#lastUsage === undefined) throw this.#failure(`it ended with ${code}`);
    return this.#lastUsage;
  }

  /** Until now. */
  async usage(): Promise<Usage & { atMs: number }> {
    this.#lastUsage = undefined;
    this.#process.send({ kind: 'usage' }, () => undefined);
    const usage = await this.#until('its usage', USAGE_TIMEOUT_MS, () => this.#lastUsage);
    return { ...usage, atMs: monotonicMs() };
  }

  /** The first group of the first place in stdout that fits. */
  async printed(pattern: RegExp, timeoutMs: number): Promise<string> {
    return this.#until(String(pattern), timeoutMs, () => pattern.exec(this.#stdout)?.[1]);
  }

  /** Asks it to end, as Ctrl+C does, and sees to it that it does. */
  async stop(): Promise<void> {
    this.#process.kill('SIGINT');
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #until<Value>(what: string, timeoutMs: number, look: () => Value | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const value = look();
        if (value === undefined && !this.#over) return;
        done();
        if (value === undefined) reject(this.#failure(`it ended before ${what}`));
        else resolve(value);
      };
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const timer = setTimeout(() => {
        done();
        reject(this.#failure(`no ${what} within ${timeoutMs / 1000} s`));
      }, timeoutMs);
      this.#waiting.add(check);
      check();
    });
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  #failure(why: string): Error {
    return new Error(`${this.#name}: ${why}\n${this.#stdout.slice(-MAX_ERROR_CHARS)}\n${this.#stderr}`);
  }
}
