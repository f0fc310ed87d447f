/** An MCP server of tests in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const SERVER_PROGRAM = join(import.meta.dirname, 'server-process.mjs');

/** Starts it by Streamable HTTP on loopback, and resolves with its address once it listens; it wants `Authorization: Bearer right`. */
export async function httpServerProcess(port = 0): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [SERVER_PROGRAM, 'http', String(port)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: line.toString().trim(), child };
}
