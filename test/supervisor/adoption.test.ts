import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { listenForOrphans } from '../../src/supervisor/adoption.js';

const root = mkdtempSync(join(tmpdir(), 'parley-ad-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** What a process whose supervisor is gone says. */
const ADOPT = JSON.stringify({
  ...{ v: 1, type: 'adopt', pid: process.pid, version: '1', state: 'active', lastSeq: 3 },
  assignment: {
    ...{ botId: 'bot', epoch: 1, incarnation: 1, place: 'memory', meetingId: 'room' },
    ...{ participantId: 'parley-bot', settings: {}, journalFolder: root },
    platform: { kind: 'embedded', credentials: { kind: 'keys', apiKey: 'key', secret: 'secret' } },
    backend: { kind: 'embedded', url: 'ws://127.0.0.1:1', key: 'k', model: 'm', description: 'a script' },
  },
});

/** Asks to be adopted as soon as somebody listens, in the very turn of the loop in which that is so. */
function asksAtOnce(path: string): void {
  const socket = connect(path, () => socket.write(`${ADOPT}\n`));
  socket.on('error', () => setImmediate(() => asksAtOnce(path)));
}

it('a process that is there at once is told of only when whoever listens knows', async () => {
  for (let round = 0; round < 20; round++) {
    const path = join(root, String(round), 'supervisor.sock');
    asksAtOnce(path);
    let isListening = false;
    let hear: (wasListening: boolean) => void = () => undefined;
    const heard = new Promise<boolean>((resolve) => (hear = resolve));
    const orphans = await listenForOrphans(path, ({ assignment, lastSeq }, child) => {
      expect([assignment.botId, lastSeq, child.pid]).toEqual(['bot', 3, process.pid]);
      hear(isListening);
    });
    isListening = true;
    expect(await heard).toBe(true);
    await orphans.close();
  }
});
