/** An embedded room in a process of its own: what its media costs must not make an interpreter in this one late. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ParleyError } from '../../errors.js';

const startedSchema = z.object({ meetingId: z.string(), page: z.string() });
/** What `parley room --for-parent` says when it listens, as its only line. */
export type RoomStarted = z.infer<typeof startedSchema>;

/** After being asked to end, a room that does not is killed. */
const END_TIMEOUT_MS = 5_000;

/** A running room; it ends with this process, whatever happens. */
export type RoomProcess = RoomStarted & { end(): Promise<void> };

/** Starts `parley room` with these arguments. Rejects with ParleyError `service_unavailable` and what it said. */
export async function startRoomProcess(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<RoomProcess> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1]!, 'room', '--for-parent', ...args],
    // Ctrl+C in a terminal goes to the whole group; the room stays until everyone has left it.
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
    const message = why === '' ? 'the embedded room did not start' : why.replace(/^parley: /, '');
    throw new ParleyError('service_unavailable', message);
  }
  const end = async (): Promise<void> => {
    const timer = setTimeout(kill, END_TIMEOUT_MS);
    child.stdin.end();
    await closed;
    clearTimeout(timer);
    process.off('exit', kill);
  };
  return { ...startedSchema.parse(JSON.parse(line)), end };
}
