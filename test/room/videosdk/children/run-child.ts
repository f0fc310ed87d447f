/** Starts children that run this project's TypeScript. wrtc crashes a process that ends naturally, so media runs here. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REGISTER = fileURLToPath(new URL('./register.mjs', import.meta.url));
const MAX_OUTPUT_CHARS = 200_000;

export type ChildEnd = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

/** Resolves when the child has ended; one that takes longer than `deadlineMs` is killed, which its `signal` tells. */
export function runChild(
  script: string,
  args: readonly string[],
  options: { deadlineMs: number; nodeArgs?: readonly string[]; onLine?: (connection: string) => void },
): { ended: Promise<ChildEnd>; child: ChildProcess } {
  const file = fileURLToPath(new URL(`./${script}`, import.meta.url));
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), '--import', REGISTER, file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = { stdout: '', stderr: '' };
  let partial = '';
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < MAX_OUTPUT_CHARS) output[name] += text;
      if (name === 'stderr' || options.onLine === undefined) return;
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      lines.forEach(options.onLine);
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs);
  const ended = new Promise<ChildEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...output });
    });
  });
  return { ended, child };
}
