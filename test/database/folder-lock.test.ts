import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askOwner, lockFolder } from '../../src/database/folder-lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-lock-'));
});
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const REGISTER = fileURLToPath(new URL('../room/videosdk/children/register.mjs', import.meta.url));
const HOLD = fileURLToPath(new URL('./children/hold-folder.ts', import.meta.url));

/** Another process that takes the folder, and what it says of it. */
async function other(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--import', REGISTER, HOLD, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said = await new Promise<string>((resolve) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
  });
  return { child, said };
}

it('a folder is held by one; the second one is told by whom, and since when', async () => {
  const lock = await lockFolder(folder);
  const { said } = await other();
  expect(said).toMatch(
    new RegExp(
      `^${folder} is in use by process ${process.pid}, since 20[\\d-]+T[\\d:.]+Z: stop it, or use another`,
    ),
  );
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'service_unavailable' });
  await lock.release();
  await lock.release();
  expect(existsSync(join(folder, 'owner.sock'))).toBe(false);
  await (await lockFolder(folder)).release();
});

it('a process that is killed lets go, and one that stands still does not', async () => {
  const { child, said } = await other();
  expect(said).toBe('held');
  child.kill('SIGSTOP');
  await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${child.pid},`);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(existsSync(join(folder, 'owner.sock'))).toBe(true);
  await (await lockFolder(folder)).release();
});

it('of many who take over a folder that was left, one gets it', async () => {
  const { child } = await other();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
  const held = results.filter((result) => result.status === 'fulfilled');
  expect(held).toHaveLength(1);
  await held[0]!.value.release();
});

it('an owner on another machine is believed while it shows that it lives', async () => {
  const lock = await lockFolder(folder);
  const owner = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as object;
  await lock.release();
  const path = join(folder, 'owner.json');
  writeFileSync(path, JSON.stringify({ ...owner, pid: 7, host: 'elsewhere', boot: 'another' }));
  writeFileSync(join(folder, 'owner.sock'), ''); // nobody listens to it here
  await expect(lockFolder(folder)).rejects.toThrow('in use by process 7 on elsewhere, since');
  utimesSync(path, new Date(Date.now() - 31_000), new Date(Date.now() - 31_000));
  await (await lockFolder(folder)).release();
});

it('the owner does what it is asked for, or says why not', async () => {
  expect(await askOwner(folder, { backupTo: '/x' })).toBe(false);
  const lock = await lockFolder(folder);
  await expect(askOwner(folder, { backupTo: '/x' })).rejects.toThrow('it is just starting: try again');
  const asked: unknown[] = [];
  lock.onRequest = (request) => {
    asked.push(request);
    return request.backupTo === '/full' ? Promise.reject(new Error('no space left')) : Promise.resolve();
  };
  expect(await askOwner(folder, { backupTo: '/x' })).toBe(true);
  await expect(askOwner(folder, { backupTo: '/full' })).rejects.toThrow('could not do it: no space left');
  expect(asked).toEqual([{ backupTo: '/x' }, { backupTo: '/full' }]);
  await lock.release();
});

it('a path that no socket can have is refused with its length', async () => {
  const long = join(folder, 'x'.repeat(100));
  await expect(lockFolder(long)).rejects.toMatchObject({ code: 'usage' });
  await expect(lockFolder(long)).rejects.toThrow('is too long a path for a data folder: 103 bytes at most');
});
