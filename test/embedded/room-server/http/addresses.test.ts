import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { roomAddresses } from '../../../../src/embedded/room-server/http/addresses.js';
import { startRoomServer } from '../../../../src/embedded/room-server/index.js';
import { fetchRoom, SignallingClient, startTestRoom, temporaryFolder } from '../harness.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const others = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ family, internal }) => family === 'IPv4' && !internal)
  .map(({ address }) => address);

describe('addresses of the embedded room', () => {
  it.each(['127.0.0.1', 'localhost', '::1'])('on %s are loopback and nothing else', (host) => {
    expect(roomAddresses(host)).toEqual({
      certificateNames: ['localhost', '127.0.0.1', '::1'],
      hostNames: ['localhost', '127.0.0.1', '[::1]'],
      media: { bindAddress: '127.0.0.1', announcedAddresses: ['127.0.0.1'] },
      publicName: 'localhost',
    });
  });

  it('on one address of this machine are that one and loopback', () => {
    expect(roomAddresses('192.168.7.9')).toMatchObject({
      certificateNames: ['localhost', '127.0.0.1', '::1', '192.168.7.9'],
      media: { bindAddress: '192.168.7.9', announcedAddresses: ['192.168.7.9'] },
      publicName: '192.168.7.9',
    });
  });

  it('on all of them are every one that others can reach', () => {
    const all = roomAddresses('0.0.0.0');
    expect(all.media.bindAddress).toBe('0.0.0.0');
    for (const address of others) {
      expect(all.certificateNames).toContain(address);
      expect(all.hostNames).toContain(address);
      expect(all.media.announcedAddresses).toContain(address);
    }
    expect(all.media.announcedAddresses).toContain('127.0.0.1');
  });
});

describe('a server on all addresses', () => {
  it('says what that means, answers under its own names and no others', async () => {
    const warnings: string[] = [];
    const room = await startTestRoom({
      host: '0.0.0.0',
      cacheDir: temporaryFolder(),
      log: { info: () => undefined, warn: (_fields, message) => warnings.push(message) },
    });
    closers.push(() => room.close());
    expect(warnings).toEqual([expect.stringContaining('open to other machines')]);
    const port = room.signalingBaseUrl.split(':').at(-1)!;
    const status = async (host: string): Promise<number> =>
      (await fetchRoom(room, '/ping', { headers: { host: `${host}:${port}` } })).status;
    expect(await status('localhost')).toBe(200);
    for (const address of others) expect(await status(address)).toBe(200);
    expect(await status('evil.example')).toBe(403);
  });
});

describe('a server on loopback', () => {
  it('cannot be reached under another address of this machine', async () => {
    const room = await startTestRoom();
    closers.push(() => room.close());
    const port = Number(room.signalingBaseUrl.split(':')[1]);
    for (const address of others) {
      await expect(
        fetch(`https://${address}:${port}/ping`, { signal: AbortSignal.timeout(2_000) }),
      ).rejects.toThrow();
    }
  });

  it('says which port is taken', async () => {
    const room = await startTestRoom();
    closers.push(() => room.close());
    const port = Number(room.signalingBaseUrl.split(':')[1]);
    await expect(startRoomServer({ port, cacheDir: temporaryFolder() })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${port} (EADDRINUSE): choose another port.`,
    );
  });

  it('tells no secrets in its log', async () => {
    const lines: string[] = [];
    const log = (fields: object, message: string): void => void lines.push(JSON.stringify(fields) + message);
    const room = await startTestRoom({ log: { info: log, warn: log } });
    closers.push(() => room.close());
    const ana = new SignallingClient(room, 'ana');
    closers.push(() => ana.close());
    await ana.join();
    await ana.ask('someNewMethod', { secret: 'a'.repeat(40) });
    await ana.refusal('produce', {});
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.join('\n')).toContain('someNewMethod');
    expect(lines.join('\n')).not.toMatch(/eyJ|aaaaaaaa|ticket/);
  });
});
