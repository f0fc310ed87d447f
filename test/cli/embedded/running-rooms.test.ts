import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announceRoom, findRunningRooms } from '../../../src/cli/embedded/running-rooms.js';

const ROOM = {
  origin: 'https://localhost:8443',
  signalingBaseUrl: 'localhost:8443',
  apiUrl: 'https://localhost:8443',
  apiKey: 'parley-local',
  ca: '-----BEGIN CERTIFICATE-----',
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-rooms-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const folder = () => join(dir, 'running-rooms');
const plant = (name: string, content: unknown) => {
  mkdirSync(folder(), { recursive: true });
  writeFileSync(join(folder(), name), typeof content === 'string' ? content : JSON.stringify(content));
};

describe('running rooms', () => {
  it('are found while they run, and not after', async () => {
    const withdraw = await announceRoom(dir, ROOM);
    expect(await findRunningRooms(dir)).toMatchObject([{ ...ROOM, pid: process.pid }]);
    await withdraw();
    expect(await findRunningRooms(dir)).toEqual([]);
    await withdraw();
  });

  it('are announced to their owner only', async () => {
    await announceRoom(dir, ROOM);
    const [name] = readdirSync(folder());
    expect(statSync(join(folder(), name!)).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
  });

  it('come with the latest first', async () => {
    plant('1.json', { ...ROOM, pid: process.pid, startedAtMs: 1 });
    plant('2.json', { ...ROOM, pid: process.pid, startedAtMs: 3 });
    plant('3.json', { ...ROOM, pid: process.pid, startedAtMs: 2 });
    expect((await findRunningRooms(dir)).map(({ startedAtMs }) => startedAtMs)).toEqual([3, 2, 1]);
  });

  it('are forgotten when their process is gone, as is what is no announcement', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    plant('gone.json', { ...ROOM, pid, startedAtMs: 1 });
    plant('broken.json', '{');
    plant('plain.json', { ...ROOM, origin: 'http://localhost:1', pid: process.pid, startedAtMs: 1 });
    plant('empty.json', {});
    expect(await findRunningRooms(dir)).toEqual([]);
    expect(readdirSync(folder())).toEqual([]);
  });

  it('are none where there was never a room', async () => {
    expect(await findRunningRooms(join(dir, 'nowhere'))).toEqual([]);
  });
});
