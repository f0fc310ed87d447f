/** Starts a meeting process: nothing secret in argv or environment, no core file, a bounded heap. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ParleyError } from '../errors.js';
import { ipcChannel } from '../meeting-process/message-channel.js';
import { childMessage, type ChildMessage, type ParentMessage } from '../meeting-process/protocol.js';
import { packageRoot } from '../package-root.js';
import type { ChildExit, ChildHandle } from './child-handle.js';
import { OutputRing } from './output-ring.js';

/** What a process may learn from our environment: where things are and how the network is reached. */
const ENVIRONMENT =
  /^(?:PATH|HOME|USER|TMPDIR|TZ|LANG|LC_\w+|XDG_CACHE_HOME|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|(?:https?|all|no)_proxy)$/i;
/**
 * The twenty threads of a meeting process share one heap of the C library: with one for each, which is what glibc does, what they
 * freed would stay, 3 MB when nobody speaks. They allocate little.
 */
export const MEETING_MEMORY = { MALLOC_ARENA_MAX: '1' };
/** A core file would hold keys: none is written, and where the kernel hands it to a program, it has no memory in it. */
const WITHOUT_CORE = 'ulimit -c 0; { echo 0 > /proc/self/coredump_filter; } 2>/dev/null; exec "$0" "$@"';

/** The program of a meeting process. */
export type ChildProgram = {
  readonly path: string;
  /** Options of Node. */
  readonly execArgv: readonly string[];
};

/** The meeting process of this package: of the bundle, or from the sources where those run. */
export function meetingProgram(): ChildProgram {
  if (import.meta.filename.endsWith('.ts'))
    return { path: join(packageRoot(), 'src/meeting-process/main.ts'), execArgv: process.execArgv };
  return { path: join(packageRoot(), 'dist/bundle/meeting-process.js'), execArgv: [] };
}

/** Starts one. Throws ParleyError `service_unavailable` where the machine starts no process. */
export function forkChild(program: ChildProgram, { maxHeapMb }: { maxHeapMb: number }): ChildHandle {
  const args = [`--max-old-space-size=${maxHeapMb}`, ...program.execArgv, program.path];
  const options = {
    env: ownEnvironment(process.env),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'] as ('ignore' | 'pipe' | 'ipc')[],
    // A group of its own: Ctrl+C in a terminal, or a signal to ours, is for us to pass on.
    detached: true,
  };
  let child: ChildProcess;
  try {
    child =
      process.platform === 'win32'
        ? spawn(process.execPath, args, options)
        : spawn('/bin/sh', ['-c', WITHOUT_CORE, process.execPath, ...args], options);
  } catch (cause) {
    throw new ParleyError('service_unavailable', 'no further process can be started on this machine', {
      cause,
      retryable: true,
    });
  }
  const ring = new OutputRing();
  child.stdout?.on('data', (chunk: Buffer) => {
    ring.add(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    ring.add(chunk);
  });
  return {
    pid: child.pid ?? 0,
    channel: ipcChannel<ParentMessage, ChildMessage>(child, childMessage),
    exited: exitOf(child),
    kill: (signal) => {
      child.kill(signal);
    },
    output: (secrets) => ring.text(secrets),
  };
}

function exitOf(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => {
    const done = (code: number | null, signal: NodeJS.Signals | null): void => {
      resolve({ code: code ?? undefined, signal: signal ?? undefined });
    };
    // `exit` may come before the last messages, and `close` never where a grandchild holds the pipes; messages that were read
    // with the channel's end are handed out a moment after it.
    let exit: readonly [number | null, NodeJS.Signals | null] | undefined;
    child.once('exit', (code, signal) => {
      exit = [code, signal];
      if (!child.connected) setImmediate(done, ...exit);
    });
    child.once('disconnect', () => {
      if (exit !== undefined) setImmediate(done, ...exit);
    });
    child.once('error', () => {
      done(null, null);
    });
  });
}

function ownEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => ENVIRONMENT.test(name)));
  return { ...own, ...MEETING_MEMORY };
}
