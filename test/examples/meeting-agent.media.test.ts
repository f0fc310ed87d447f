/** The example of an agent in a meeting, in the embedded room. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { startTestRoom, temporaryFolder } from '../embedded/room-server/harness.js';

it('joins, says something, and leaves when it is interrupted', async () => {
  await using room = await startTestRoom();
  const ca = join(temporaryFolder(), 'ca.pem');
  writeFileSync(ca, room.ca);
  const child = spawn(process.execPath, [join(packageRoot(), 'examples', 'meeting-agent.mjs'), room.roomId], {
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: ca,
      VIDEOSDK_API_KEY: room.apiKey,
      VIDEOSDK_SECRET_KEY: room.secret,
      VIDEOSDK_SIGNALING_BASE_URL: room.signalingBaseUrl,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!line.startsWith('Nova: ')) continue;
    expect(room.rooms.flatMap(({ participants }) => participants.map(({ name }) => name))).toEqual(['nova']);
    child.kill('SIGINT');
  }
  expect(lines).toEqual(['in the meeting', 'Nova: [not in the phrasebook] Please introduce yourself.']);
  expect(await ended).toEqual([0, null]);
}, 60_000);
