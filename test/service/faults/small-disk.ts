/** A disk of its own for a process, which can be filled. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../service-world.js';

/** See the head of this file. */
export class SmallDisk {
  /** Where it is, for those who are within. */
  readonly folder: string;
  readonly #holder: ChildProcess;

  private constructor(folder: string, holder: ChildProcess) {
    this.folder = folder;
    this.#holder = holder;
  }

  /** A disk of so many MiB at a folder, which is made; undefined where this process may not make one. */
  static async make(folder: string, sizeMib: number): Promise<SmallDisk | undefined> {
    mkdirSync(folder, { recursive: true });
    const holder = spawn('unshare', ['--mount', 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
    holder.stdin.on('error', () => undefined); // it ends with us
    const isThere = await new Promise<boolean>((resolve) => {
      holder.once('error', () => resolve(false));
      holder.once('spawn', () => resolve(true));
    });
    if (!isThere) return undefined;
    const disk = new SmallDisk(folder, holder);
    try {
      await until(
        () => holder.exitCode ?? execFileSync('readlink', [`/proc/${holder.pid}/exe`], { encoding: 'utf8' }),
        (state) => typeof state === 'number' || !state.includes('unshare'),
      );
      disk.run('mount', '-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=700`, 'none', folder);
      return disk;
    } catch {
      disk.close();
      return undefined;
    }
  }

  /** What stands before a command that is to have this disk. */
  get within(): readonly string[] {
    return ['nsenter', '--target', String(this.#holder.pid), '--mount'];
  }

  /** Runs a command that has it; throws where it fails. */
  run(...words: readonly string[]): string {
    const [program, ...args] = [...this.within, ...words];
    return execFileSync(program!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Not a byte is free. */
  fill(): void {
    this.run('sh', '-c', `cat /dev/zero > '${join(this.folder, 'filling')}' 2>/dev/null || true`);
  }

  empty(): void {
    this.run('rm', '-f', join(this.folder, 'filling'));
  }

  close(): void {
    this.#holder.kill('SIGKILL'); // the disk goes with it and with whoever is within
  }
}
