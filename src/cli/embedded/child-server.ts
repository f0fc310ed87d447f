/** A server in a process of its own: what its media costs must not make anything in this one late. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { ParleyError } from '../../errors.js';

/** After being asked to end, a server that does not is killed. */
const END_TIMEOUT_MS = 5_000;

/** A running server; it ends with this process, whatever happens. */
export type ChildServer<Started> = { readonly started: Started; readonly end: () => Promise<void> };

/**
 * Starts a `parley` command with `--for-parent`: its only line says that it listens. Rejects with ParleyError
 * `service_unavailable` and what it said.
 */
export async function startChildServer<Schema extends z.ZodType>(
  [command, ...args]: readonly [command: string, ...args: string[]],
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ChildServer<z.output<Schema>>> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1]!, command, '--for-parent', ...args],
    // Ctrl+C in a terminal goes to the whole group; the server stays until everyone has left it.
    { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const line = await new Promise<string | undefined>((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    void closed.then(() => resolve(undefined));
  });
  if (line === undefined) {
    process.off('exit', kill);
    const [why = ''] = said.trim().split('\n').slice(-1);
    const message = why === '' ? `parley ${command} did not start` : why.replace(/^parley: /, '');
    throw new ParleyError('service_unavailable', message);
  }
  const end = async (): Promise<void> => {
    const timer = setTimeout(kill, END_TIMEOUT_MS);
    child.stdin.end();
    await closed;
    clearTimeout(timer);
    process.off('exit', kill);
  };
  return { started: schema.parse(JSON.parse(line)), end };
}

/** Of a server that was started so: whoever started it has closed its standard input, or ended. */
export function parentGone(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.resume().once('end', resolve).once('error', resolve);
  });
}
