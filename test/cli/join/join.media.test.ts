/** `parley join` over the embedded room, each in a process of its own: how a stay begins and ends. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JoinEvent, joinEventSchema } from '../../../src/bot/events.js';
import { announceRoom } from '../../../src/cli/embedded/running-rooms.js';
import { type RoomServer, startRoomServer } from '../../../src/embedded/room-server/index.js';
import { CliProcess } from '../../browser/cli-process.js';
import { cli } from '../run-cli.js';

const DEADLINE_MS = 60_000;
const JOIN_TIMEOUT_MS = 30_000;
/** Longer than leaving waits for anything. */
const FREEZE_MS = 5_000;

let dir: string;
let room: RoomServer;
const processes: CliProcess[] = [];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'parley-join-'));
  const cacheDir = join(dir, 'parley');
  room = await startRoomServer({ cacheDir });
  const { origin, signalingBaseUrl, apiUrl, apiKey, ca } = room;
  await announceRoom(cacheDir, { origin, signalingBaseUrl, apiUrl, apiKey, ca });
});
afterEach(async () => {
  for (const each of processes.splice(0)) {
    each.send('SIGKILL');
    await each.ended;
  }
  await room.close();
  rmSync(dir, { recursive: true });
});

const parleyJoin = (...args: string[]): CliProcess => parleyJoinIn({}, ...args);
function parleyJoinIn(env: Record<string, string>, ...args: string[]): CliProcess {
  const started = new CliProcess(['join', ...args], { cacheFolder: dir, deadlineMs: DEADLINE_MS, env });
  processes.push(started);
  return started;
}
const eventIn = (line: string): JoinEvent => joinEventSchema.parse(JSON.parse(line));
const connected = (each: CliProcess) =>
  each.line((line) => {
    const event = eventIn(line);
    return event.type === 'state' && event.state === 'connected' ? event : undefined;
  }, JOIN_TIMEOUT_MS);
const present = () => room.rooms.flatMap(({ participants }) => participants);

describe('parley join', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves the meeting before it ends on %s', async (signal, exitCode) => {
    const meetingId = room.createRoom();
    const parley = parleyJoin(meetingId, '--json', '--name', 'Interpreter');
    await connected(parley);
    expect(present()).toEqual([{ id: expect.stringMatching(/^parley-/) as string, name: 'Interpreter' }]);
    parley.send(signal);
    expect(await parley.ended).toBe(exitCode);
    expect(present()).toEqual([]);
    const events = parley.lines.map(eventIn);
    expect(events[0]).toMatchObject({ type: 'started', meetingId });
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: { message: 'stopped by a signal' } });
    for (const text of [parley.stderr, parley.lines.join('\n')]) expect(text).not.toMatch(/eyJ/);
    expect(parley.stderr).toBe('');
  });

  it('keeps a record that outlives the process, however it ends, and can be exported', async () => {
    const meetingId = room.createRoom();
    const parley = parleyJoin(meetingId, '--json', '--record', join(dir, 'minutes'));
    await connected(parley);
    const [name] = readdirSync(join(dir, 'minutes'));
    const file = join(dir, 'minutes', name!, 'meeting.jsonl');
    await expect.poll(() => readFileSync(file, 'utf8')).toContain('"connected"');
    parley.send('SIGKILL');
    await parley.ended;
    expect([statSync(join(file, '..')).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    const { exitCode, out } = await cli(['export', join(dir, 'minutes'), '--format', 'json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ meetingId, people: [], speeches: [] });
  });

  it('ends at once on a second signal, without waiting for a meeting that does not answer', async () => {
    const meetingId = room.createRoom();
    const parley = parleyJoin(meetingId, '--json');
    await connected(parley);
    const thawed = room.faults.freeze(FREEZE_MS);
    parley.send('SIGINT');
    parley.send('SIGTERM');
    expect(await parley.ended).toBeNull(); // by the signal itself, whatever it was doing
    expect(parley.lines.map(eventIn).some(({ type }) => type === 'ended')).toBe(false);
    expect(present()).toHaveLength(1);
    await thawed;
  });

  it('tells a line per event where there is no terminal, and leaves an empty meeting', async () => {
    const meetingId = room.createRoom();
    const parley = parleyJoin(meetingId, '--leave-when-empty', '1');
    expect(await parley.ended).toBe(0);
    expect(parley.lines).toEqual([
      expect.stringMatching(
        new RegExp(`^ 0:0\\d\\.\\d {2}joining ${meetingId} as Parley, in the embedded room`),
      ),
      expect.stringMatching(/in the meeting$/),
      expect.stringMatching(
        /Parley left the meeting: nobody was in the meeting for 1 s; no translation was heard/,
      ),
    ]);
  });

  it('ends with exit code 0 when the meeting is closed', async () => {
    const meetingId = room.createRoom();
    const parley = parleyJoin(meetingId, '--json');
    await connected(parley);
    room.faults.closeMeeting(meetingId);
    expect(await parley.ended).toBe(0);
    expect(eventIn(parley.lines.at(-1)!)).toMatchObject({ type: 'ended', reason: { kind: 'room_closed' } });
  });

  it('has the server of PARLEY_REALTIME_URL interpret, and joins no meeting where that cannot be reached', async () => {
    const url = 'wss://interpreter.example.invalid/v1/realtime';
    const parley = parleyJoinIn({ PARLEY_REALTIME_URL: url }, room.createRoom(), '--json');
    expect(await parley.ended).toBe(69);
    expect(parley.stderr).toMatch(/^parley: [^\n]*interpreter\.example\.invalid[^\n]+\n$/);
    expect(present()).toEqual([]);
  });

  it('says in one line why it cannot join, with the exit code for it', async () => {
    const meetingId = room.createRoom();
    room.faults.set({ refuseTokens: { count: 1 } });
    const refused = parleyJoin(meetingId);
    expect(await refused.ended).toBe(77);
    expect(refused.stderr).toMatch(/^parley: VideoSDK refused the token[^\n]+\n$/);
    const unknown = parleyJoin('no-such-meeting');
    expect(await unknown.ended).toBe(2);
    expect(unknown.stderr).toMatch(/^parley: [^\n]+ has no meeting no-such-meeting: make one[^\n]+\n$/);
  });
});
