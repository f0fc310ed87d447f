/** A network of its own for a process, with one cable to this machine, which can be pulled. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { until } from '../service-world.js';

/** Two addresses that no other process's has. */
const BLOCK = (process.pid * 4) % 65_536;
const addressOf = (number: number): string => `10.213.${BLOCK >> 8}.${(BLOCK & 255) + number}`;
const HOST = addressOf(1);
const GUEST = addressOf(2);

/** See the head of this file. */
export class NetworkNamespace {
  /** This machine's address in there. */
  readonly host = HOST;
  readonly #holder: ChildProcess;
  readonly #cable: string;

  private constructor(holder: ChildProcess, cable: string) {
    this.#holder = holder;
    this.#cable = cable;
  }

  /** Undefined where this process may not make one. */
  static async make(): Promise<NetworkNamespace | undefined> {
    const cable = `py${process.pid}`;
    const own = `${cable}g`;
    const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
    holder.stdin.on('error', () => undefined); // it ends with us
    const isThere = await new Promise<boolean>((resolve) => {
      holder.once('error', () => resolve(false));
      holder.once('spawn', () => resolve(true));
    });
    if (!isThere) return undefined;
    const made = new NetworkNamespace(holder, cable);
    try {
      // It is in the new network once it has become `cat`.
      await until(
        () => holder.exitCode ?? execFileSync('readlink', [`/proc/${holder.pid}/exe`], { encoding: 'utf8' }),
        (state) => typeof state === 'number' || !state.includes('unshare'),
      );
      ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', own);
      ip('link', 'set', own, 'netns', String(holder.pid));
      ip('addr', 'add', `${HOST}/30`, 'dev', cable);
      ip('link', 'set', cable, 'up');
      for (const words of [
        ['addr', 'add', `${GUEST}/30`, 'dev', own],
        ['link', 'set', own, 'up'],
        ['link', 'set', 'lo', 'up'],
      ])
        execFileSync('nsenter', ['--target', String(holder.pid), '--net', 'ip', ...words], { stdio: 'pipe' });
      return made;
    } catch {
      made.close();
      return undefined;
    }
  }

  /** What stands before a command that is to run in there. */
  get within(): readonly string[] {
    return ['nsenter', '--target', String(this.#holder.pid), '--net'];
  }

  /** Nothing passes any more, and nobody is told. */
  pull(): void {
    ip('link', 'set', this.#cable, 'down');
  }

  plugIn(): void {
    ip('link', 'set', this.#cable, 'up');
  }

  close(): void {
    this.#holder.kill('SIGKILL'); // its network goes with it
    try {
      ip('link', 'delete', this.#cable);
    } catch {
      // It went with the network.
    }
  }
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}
