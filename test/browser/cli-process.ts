/** A `parley` command in a process of its own, as it is built and published. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Built before the tests where it is older than its sources. */
export const PARLEY = fileURLToPath(new URL('../../dist/bundle/parley.js', import.meta.url));
const END_TIMEOUT_MS = 10_000;

export class CliProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #stderr = '';

  /** Killed after `deadlineMs`, and with this process. `cacheFolder` is where commands find each other. */
  constructor(
    args: readonly string[],
    options: {
      cacheFolder: string;
      deadlineMs: number;
      env?: Readonly<Record<string, string>>;
      /** Where it runs; where this process does by default. */
      folder?: string;
    },
  ) {
    this.#child = spawn(process.execPath, [PARLEY, ...args], {
      cwd: options.folder,
      env: { PATH: process.env['PATH'], XDG_CACHE_HOME: options.cacheFolder, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = () => this.#child.kill('SIGKILL');
    const timer = setTimeout(kill, options.deadlineMs);
    process.once('exit', kill);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.lines.push(line));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        clearTimeout(timer);
        process.off('exit', kill);
        resolve(code);
      });
    });
  }

  /** What it said on stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Its exit code once it has ended, null when it was killed. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The first line, of those there are and those to come, that `pick` makes something of. */
  async line<T>(pick: (line: string) => T | undefined, timeoutMs: number): Promise<T> {
    const endMs = performance.now() + timeoutMs;
    for (let index = 0; ;) {
      const line = this.lines[index];
      const found = line === undefined ? undefined : pick(line);
      if (found !== undefined) return found;
      if (line !== undefined) index++;
      else if (performance.now() > endMs || this.#child.exitCode !== null) {
        throw new Error(`the line that was waited for did not come; stderr: ${this.#stderr}`);
      } else await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Asks it to end as Ctrl+C does. Resolves with its exit code, null when it had to be killed. */
  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
    const code = await this.#ended;
    clearTimeout(timer);
    return code;
  }
}
