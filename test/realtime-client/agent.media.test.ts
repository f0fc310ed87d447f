/** The same agent in an embedded room: the real SDK and WebRTC on both sides, each in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createAccessToken } from '../../src/room/videosdk/tokens.js';
import { startTestRoom } from '../embedded/room-server/harness.js';
import { ParticipantProcess } from '../whole-path/participant-process.js';
import { checkAgent } from './agent-body.js';
import type { AgentOrder } from './children/agent-child.js';

const REGISTER = fileURLToPath(new URL('../room/videosdk/children/register.mjs', import.meta.url));
const AGENT = fileURLToPath(new URL('children/agent-child.ts', import.meta.url));
const DEADLINE_MS = 170_000;
/** What was not understood is said again: on a machine that is too busy, audio has holes. */
const MAX_ATTEMPTS = 3;
const ATTEMPT_MS = 15_000;

it(
  'answers, uses its tool, is spoken over, and is told who comes and goes',
  { timeout: DEADLINE_MS },
  async () => {
    await using room = await startTestRoom();
    const { roomId: meetingId, apiKey, secret, signalingBaseUrl, apiUrl, ca } = room;
    const order: AgentOrder = { meetingId, apiKey, secret, signalingBaseUrl, apiUrl, ca };
    const agent = spawn(process.execPath, ['--import', REGISTER, AGENT, JSON.stringify(order)], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(agent, 'exit');
    const lines: string[] = [];
    createInterface({ input: agent.stdout }).on('line', (line) => lines.push(line));
    const until = (what: string, condition: () => boolean, timeout = 40_000): Promise<void> =>
      expect.poll(() => condition() || lines, { timeout, interval: 50, message: what }).toBe(true);
    let emma: ParticipantProcess | undefined;
    try {
      await until('the agent is in', () => lines.includes('ready'));
      const participantId = 'emma';
      const scope = { roomId: meetingId, participantId, expiresInSeconds: 600 };
      const joining = new ParticipantProcess(
        {
          ...{ kind: 'join', meetingId, participantId, name: 'Emma', language: 'es', playsOneChannel: false },
          ...{ token: createAccessToken({ apiKey, secret, ...scope }), signalingBaseUrl, ca },
        },
        DEADLINE_MS,
      );
      emma = joining;
      await checkAgent({
        lines,
        heard: () => joining.heard(),
        sayUntil: async (phraseId, what, condition) => {
          for (let attempt = 1; !condition() && attempt < MAX_ATTEMPTS; attempt++) {
            joining.order({ kind: 'say', phraseId });
            await until(what, condition, ATTEMPT_MS).catch(() => undefined);
          }
          if (condition()) return;
          joining.order({ kind: 'say', phraseId });
          await until(what, condition, ATTEMPT_MS);
        },
        leave: () => {
          joining.order({ kind: 'leave' });
        },
        until,
      });
      agent.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(lines.at(-1)).toBe('closed: false');
    } finally {
      agent.kill('SIGKILL');
      await emma?.end();
    }
  },
);
