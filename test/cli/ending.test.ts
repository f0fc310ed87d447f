/** The process itself: what happens to a result that cannot be written, and to a run that is told to end. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const REGISTER = fileURLToPath(new URL('../room/videosdk/children/register.mjs', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const HANGING = fileURLToPath(new URL('./hanging-child.ts', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-ending-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(file: string, args: readonly string[], stdout: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, ['--import', REGISTER, file, ...args], {
    env: { PATH: process.env['PATH'], XDG_CACHE_HOME: folder },
    stdio: ['ignore', stdout, 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<{ code: number | null; signal: string | null; err: string }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, err }));
  });
  const says = async (text: string): Promise<void> => {
    while (!out.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { child, ended, says };
}

describe('a result that cannot be written', () => {
  it.skipIf(!existsSync('/dev/full'))('is a line and exit code 74', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, err } = await start(MAIN, ['--help'], full).ended;
    closeSync(full);
    expect([code, err]).toEqual([
      74,
      'parley: the result could not be written to stdout: the disk is full\n',
    ]);
  });
});

describe('a run that is told to end', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('by %s ends in good order with %i', async (signal, exitCode) => {
    const run = start(MAIN, ['realtime', '--port', '0']);
    await run.says('Stop it with Ctrl+C');
    run.child.kill(signal);
    expect(await run.ended).toEqual({ code: exitCode, signal: null, err: '' });
  });

  it('ends at the second signal, whatever it waits for', async () => {
    const run = start(HANGING, [join(folder, 'pipe')]);
    await run.says('hanging');
    run.child.kill('SIGTERM');
    await run.says('asked SIGTERM');
    run.child.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('ends ten seconds after SIGTERM, whatever it waits for', async () => {
    const run = start(HANGING, [join(folder, 'pipe')]);
    await run.says('hanging');
    const startMs = performance.now();
    run.child.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(performance.now() - startMs).toBeGreaterThan(9_000);
  });
});
