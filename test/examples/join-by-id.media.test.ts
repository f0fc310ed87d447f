/** The example that joins a meeting by its id, in the embedded room. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { startTestRoom, temporaryFolder } from '../embedded/room-server/harness.js';

it('joins a meeting by its id, and leaves when it is interrupted', async () => {
  await using room = await startTestRoom();
  const ca = join(temporaryFolder(), 'ca.pem');
  writeFileSync(ca, room.ca);
  const child = spawn(
    process.execPath,
    [join(packageRoot(), 'examples', 'join-by-id.mjs'), room.roomId, 'es,en'],
    {
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: ca,
        VIDEOSDK_API_KEY: room.apiKey,
        VIDEOSDK_SECRET_KEY: room.secret,
        VIDEOSDK_SIGNALING_BASE_URL: room.signalingBaseUrl,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('in the meeting as parley-')) {
      expect(room.rooms.flatMap(({ participants }) => participants.map(({ name }) => name))).toEqual([
        'Parley',
      ]);
      child.kill('SIGINT');
    }
  }
  expect(lines[0]).toMatch(/^in the meeting as parley-/);
  expect(await ended).toEqual([0, null]);
}, 60_000);
