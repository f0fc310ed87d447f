/** The server of the host's page: it serves the page, and a token for a new person of a meeting at every call. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { temporaryFolder } from '../embedded/room-server/harness.js';

let stop: () => void = () => undefined;
afterEach(() => stop());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function get(
  port: number,
  path: string,
  host = `localhost:${port}`,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port, path, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    })
      .on('error', reject)
      .end();
  });
}

it('serves the page, its modules and tokens, under its own name only', async () => {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [join(packageRoot(), 'examples', 'host-page', 'server.mjs'), 'my-meeting', String(port)],
    {
      env: {
        PATH: process.env['PATH'],
        XDG_CACHE_HOME: temporaryFolder(),
        VIDEOSDK_API_KEY: 'an-api-key',
        VIDEOSDK_SECRET_KEY: 'a-secret-that-is-long-enough',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  stop = () => child.kill();
  for await (const line of createInterface({ input: child.stdout })) {
    expect(line).toBe(`http://localhost:${port}`);
    break;
  }
  expect((await get(port, '/')).text).toContain('<title>A meeting with an interpreter</title>');
  expect((await get(port, '/parley-client.js')).text).toContain('parleyClient');
  expect((await get(port, '/videosdk.js')).text.length).toBeGreaterThan(1_000_000);
  const entries = [await get(port, '/my-meeting-token'), await get(port, '/my-meeting-token')].map(
    ({ text }) => JSON.parse(text) as Record<string, string>,
  );
  expect(entries[0]).toMatchObject({ meetingId: 'my-meeting', name: 'Guest' });
  expect(entries[0]!['participantId']).toMatch(/^guest-/);
  expect(entries[0]!['participantId']).not.toBe(entries[1]!['participantId']);
  expect((await get(port, '/../package.json')).status).toBe(404);
  expect((await get(port, '/my-meeting-token', 'evil.example')).status).toBe(404);
});
