/** What goes wrong in a meeting, each against the embedded room server in a process of its own (`fault-child.ts`). */
import { afterAll, describe, expect, it } from 'vitest';
import { runChild } from './children/run-child.js';

/** The slowest first: several run at a time. */
const FAULTS: readonly (readonly [name: string, title: string, deadlineMs: number])[] = [
  ['F11', 'a microphone toggled 25 times in 30 s while its owner speaks: every phrase once', 120_000],
  ['F9', 'network frozen for 26 s: audible again both ways, never left', 75_000],
  ['F14', '50 joins and leaves: RSS grows by less than 20 MB after the first ten', 120_000],
  ['F8', 'server gone for good: lost after 50 s, with an error', 90_000],
  ['F7', 'server gone and back: people reconciled, topics read, audio flowing again', 60_000],
  ['F10', 'socket closed without a word: the watchdog joins again', 60_000],
  ['F6', 'duplicate participant id: the older one leaves, and does not come back', 45_000],
  ['F12', 'mute 0 ms after the last word: the word is heard', 60_000],
  ['F13', 'leave 0 ms after the last word: the word is heard', 60_000],
  ['F1', 'a join that never completes (lobby): told as such, in its own time', 45_000],
  ['F2', 'entry denied: told at once', 45_000],
  ['F3', 'wrong token: forged, somebody else’s, none', 45_000],
  ['F4', 'wrong meeting: unknown, or not the token’s', 45_000],
  ['F5', 'kicked, or the meeting closed: left for that reason', 45_000],
  ['F15', 'init-config unreachable, distrusted, garbled, refused: each with its own cause', 45_000],
];

const children: ReturnType<typeof runChild>[] = [];

afterAll(() => {
  for (const { child } of children) child.kill('SIGKILL');
});

describe('faults', () => {
  for (const [name, title, deadlineMs] of FAULTS) {
    it.concurrent(
      `${name}: ${title}`,
      async () => {
        const run = runChild('fault-child.ts', [name], { deadlineMs });
        children.push(run);
        const { code, signal, stdout, stderr } = await run.ended;
        expect({ code, signal, stderr }, stdout).toEqual({ code: 0, signal: null, stderr: '' });
      },
      deadlineMs + 5_000,
    );
  }
});
