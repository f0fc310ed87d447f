/** Two processes and a server: what one says through the real SDK, the other hears, both ways at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RoomServer, startRoomServer } from '../../../src/embedded/room-server/index.js';
import { runChild } from './children/run-child.js';
import type { TalkerOrder, TalkerReport } from './children/talker-child.js';

const DEADLINE_MS = 60_000;
const BOT = { toneHz: 660, phrase: 'en/where-is-the-station.wav' };
const ANA = { toneHz: 440, phrase: 'es/the-meeting-starts.wav' };

const children: ReturnType<typeof runChild>[] = [];
let server: RoomServer;

beforeAll(async () => {
  server = await startRoomServer();
});

afterAll(async () => {
  for (const { child } of children) child.kill('SIGKILL');
  await server.close();
});

async function talk(order: Omit<TalkerOrder, 'server'>): Promise<TalkerReport> {
  const { signalingBaseUrl, ca, apiKey, secret } = server;
  const argument = JSON.stringify({ server: { signalingBaseUrl, ca, apiKey, secret }, ...order });
  const run = runChild('talker-child.ts', [argument], { deadlineMs: DEADLINE_MS });
  children.push(run);
  const { code, signal, stdout, stderr } = await run.ended;
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout) as TalkerReport;
}

describe('Node to Node', () => {
  it(
    'both hear the tone and the phrase that the other one says',
    async () => {
      const roomId = server.createRoom();
      const [bot, ana] = await Promise.all([
        talk({ roomId, id: 'parley-1', otherId: 'ana', says: BOT, expects: ANA }),
        talk({ roomId, id: 'ana', otherId: 'parley-1', says: ANA, expects: BOT }),
      ]);
      for (const report of [bot, ana]) {
        expect(report.toneMs, JSON.stringify(report)).toBeGreaterThan(1_300);
        expect(report.correlation, JSON.stringify(report)).toBeGreaterThan(0.8);
        expect(report.rmsDbfs).toBeGreaterThan(-45);
      }
      expect(bot.ratesHz).toContain(48_000);
    },
    DEADLINE_MS + 5_000,
  );
});
