/** Real processes: what becomes of a meeting whose process crashes, hangs, stands still, is replaced, or loses its supervisor. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BotEvent } from '../../src/bot/event-log.js';
import { createLogger } from '../../src/log.js';
import type { MeetingEnd } from '../../src/meeting-process/protocol.js';
import { readJournal } from '../../src/meeting-process/read-journal.js';
import type { MeetingAttempt, MeetingState } from '../../src/supervisor/supervisor-events.js';
import { type MeetingRequest, Supervisor, type SupervisorOptions } from '../../src/supervisor/supervisor.js';
import { bundledChild } from './bundled-child.js';

const REGISTER = fileURLToPath(new URL('../room/videosdk/children/register.mjs', import.meta.url));
const OWNER = fileURLToPath(new URL('./children/owner.ts', import.meta.url));
const SECRET = 'the-secret-of-the-platform';
/** Nothing is expected to take so long: real processes start, and talk, as fast as the machine lets them. */
const PATIENCE_MS = 60_000;

const root = mkdtempSync(join(tmpdir(), 'parley-sv-'));
let child: Awaited<ReturnType<typeof bundledChild>>;
const pids = new Set<number>();
const open: { close(): Promise<void> }[] = [];
let folders = 0;

beforeAll(async () => {
  child = await bundledChild();
});
afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
  for (const pid of pids) kill(pid, 'SIGKILL');
  await child.remove();
  rmSync(root, { recursive: true, force: true });
});

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Processes that this one has started. */
function children(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function requestOf(botId: string): MeetingRequest {
  return {
    ...{ botId, epoch: 1, place: 'memory', meetingId: 'room', participantId: `parley-${botId}` },
    settings: { languages: ['es', 'en'], announcement: false },
    platform: { kind: 'embedded', credentials: { kind: 'keys', apiKey: 'key', secret: SECRET } },
    backend: { kind: 'embedded', url: 'ws://127.0.0.1:1', key: 'k', model: 'm', description: 'a script' },
  };
}

type Seen = { epoch: number; event: BotEvent };

/** A supervisor of test processes, and everything that it tells. */
async function setUp(change: Partial<SupervisorOptions> = {}) {
  const runFolder = change.runFolder ?? join(root, String(folders++));
  let epoch = 1;
  const options: SupervisorOptions = {
    ...{ runFolder, program: child.program, spares: 0, log: createLogger({ level: 'silent' }) },
    nextEpoch: () => Promise.resolve(++epoch),
    confirmEpoch: (_, asked) => Promise.resolve(asked === epoch),
    ...change,
  };
  const supervisor = await Supervisor.open(options);
  const seen: Seen[] = [];
  const states: MeetingState[] = [];
  const attempts: MeetingAttempt[] = [];
  const ends: MeetingEnd[] = [];
  supervisor.events.on('event', (_, of, event) => seen.push({ epoch: of, event }));
  supervisor.events.on('state', (_, __, state) => states.push(state));
  supervisor.events.on('ended', (_, __, end) => ends.push(end));
  supervisor.events.on('attempt', (attempt) => {
    attempts.push(attempt);
    pids.add(attempt.pid);
  });
  open.push({ close: () => supervisor.close({ meetings: 'leave' }) });
  const until = (state: MeetingState, after = 0) =>
    expect.poll(() => states.slice(after).includes(state), { timeout: PATIENCE_MS, interval: 20 }).toBe(true);
  const words = (of: number) =>
    seen.flatMap(({ epoch: each, event }) =>
      each === of && event.type === 'caption' && event.final && event.targetLanguage === 'en'
        ? [event.translatedText]
        : [],
    );
  const speaks = (of = 1) => expect.poll(() => words(of).length, { timeout: PATIENCE_MS }).toBeGreaterThan(5);
  const pid = () => supervisor.status('bot')!.pid!;
  return { supervisor, runFolder, seen, states, attempts, ends, until, words, speaks, pid };
}

const numbersOf = (words: readonly string[]) => words.map((word) => Number(word.replace('word ', '')));

describe('a meeting in a process of its own', () => {
  it('is joined, heard, changed, asked and left; nothing secret is in argv or environment, no core file is written', async () => {
    const { supervisor, states, ends, until, speaks, pid, attempts, words } = await setUp();
    supervisor.start(requestOf('bot'));
    await until('active');
    await speaks();
    const about = `/proc/${pid()}`;
    const text = readFileSync(`${about}/cmdline`, 'utf8') + readFileSync(`${about}/environ`, 'utf8');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('room');
    expect(text.split('\0')).toContain('MALLOC_ARENA_MAX=1');
    expect(readFileSync(`${about}/limits`, 'utf8')).toMatch(/^Max core file size +0 /m);
    expect(readFileSync(`${about}/coredump_filter`, 'utf8').trim()).toBe('00000000');

    expect(
      await supervisor.command('bot', {
        kind: 'update',
        patch: { languages: ['es', 'en', 'fr'], nonsense: 1 },
      }),
    ).toMatchObject({
      report: {
        languages: 'applied',
        nonsense: { refused: 'nonsense is no setting; did you mean engine?', code: 'unknown' },
      },
    });
    expect(await supervisor.command('bot', { kind: 'mute', muted: true, language: 'en' })).toEqual({
      muted: ['en'],
    });
    expect(await supervisor.command('bot', { kind: 'status' })).toMatchObject({
      ...{ state: 'connected', participantId: 'parley-bot', muted: ['en'] },
      settings: { languages: ['es', 'en', 'fr'] },
    });
    await expect(
      supervisor.command('bot', { kind: 'mute', muted: true, language: 'klingonese' }),
    ).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(supervisor.command('other', { kind: 'status' })).rejects.toMatchObject({ code: 'usage' });
    expect(() => supervisor.start(requestOf('bot'))).toThrow('bot runs here already');

    await supervisor.command('bot', { kind: 'stop' });
    expect(states).toEqual(['joining', 'active', 'leaving']);
    expect(ends).toEqual([{ reason: 'asked', exitCode: 0, message: 'asked to leave' }]);
    expect(attempts.map(({ kind, epoch }) => [kind, epoch])).toEqual([
      ['started', 1],
      ['ended', 1],
    ]);
    expect(numbersOf(words(1))).toEqual(words(1).map((_, index) => index + 1));
  });

  it('a word that was said is never lost: what is not acknowledged is in the journal, and is gone from there when it is', async () => {
    const { supervisor, runFolder, until, speaks, seen } = await setUp();
    supervisor.start(requestOf('bot'));
    await until('active');
    await speaks();
    await supervisor.command('bot', { kind: 'stop' });
    const { events } = await readJournal(join(runFolder, 'journals', 'bot'), 1);
    const kept = events.map(({ event }) => event.seq);
    const finals = seen
      .filter(({ event }) => event.type === 'caption' && event.final)
      .map(({ event }) => event.seq);
    expect(kept).toEqual(expect.arrayContaining(finals));
    supervisor.acknowledge('bot', 1, seen.at(-1)!.event.seq);
    await expect.poll(() => readdirSync(join(runFolder, 'journals'))).toEqual([]);
  });
});

describe.each([
  ['is killed', 'SIGKILL', { signal: 'SIGKILL' }, /^$/],
  ['segfaults', 'SIGSEGV', { signal: 'SIGSEGV' }, /^$/],
  ['aborts', 'SIGHUP', { signal: 'SIGABRT' }, /about to abort with \[redacted\]/],
] as const)('a meeting whose process %s', (_, signal, exit, log) => {
  it('is interpreted again, as the same participant with the next epoch, with what its host changed; no word is lost', async () => {
    const { supervisor, states, attempts, ends, until, speaks, pid, words } = await setUp();
    supervisor.start(requestOf('bot'));
    await until('active');
    await speaks();
    await supervisor.command('bot', { kind: 'update', patch: { voice: 'cedar' } });
    await supervisor.command('bot', { kind: 'mute', muted: true, language: 'fr' });
    await supervisor.command('bot', {
      kind: 'setPerson',
      participantId: 'zoe',
      settings: { preferredLanguage: 'fr' },
    });
    const before = states.length;
    kill(pid(), signal);
    await until('recovering', before);
    await until('active', before);
    await speaks(2);
    expect(await supervisor.command('bot', { kind: 'status' })).toMatchObject({
      ...{ participantId: 'parley-bot', muted: ['fr'], settings: { voice: 'cedar' } },
    });
    expect(supervisor.status('bot')).toMatchObject({ epoch: 2, restarts: 1, state: 'active' });
    const [, ended] = attempts;
    expect(ended).toMatchObject({ kind: 'ended', epoch: 1, exit, killedFor: undefined });
    expect((ended as { log: string }).log.trim()).toMatch(log);
    for (const epoch of [1, 2])
      expect(numbersOf(words(epoch))).toEqual(words(epoch).map((_word, index) => index + 1));
    expect(ends).toEqual([]);
  });
});

describe('a meeting whose process', () => {
  it('hangs is taken up by another one', async () => {
    const { supervisor, until, speaks, pid, attempts } = await setUp();
    supervisor.start(requestOf('bot'));
    await until('active');
    await speaks();
    kill(pid(), 'SIGUSR2'); // blocks its event loop for a minute
    await speaks(2);
    expect(attempts[1]).toMatchObject({
      kind: 'ended',
      epoch: 1,
      killedFor: 'silent',
      exit: { signal: 'SIGKILL' },
    });
  });

  it('stood still is silent until its claim is confirmed, and goes on', async () => {
    const asked: [string, number][] = [];
    let answer: (isValid: boolean) => void = () => undefined;
    const { supervisor, until, speaks, pid, attempts, words } = await setUp({
      confirmEpoch: (botId, epoch) => {
        asked.push([botId, epoch]);
        return new Promise((resolve) => (answer = resolve));
      },
    });
    supervisor.start(requestOf('bot'));
    await until('active');
    await speaks();
    kill(pid(), 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 8_500));
    kill(pid(), 'SIGCONT');
    await expect.poll(() => asked, { timeout: PATIENCE_MS }).toEqual([['bot', 1]]);
    await expect.poll(() => supervisor.status('bot')?.beat?.fenced, { timeout: PATIENCE_MS }).toBe(true);
    answer(true);
    await expect.poll(() => supervisor.status('bot')?.beat?.fenced, { timeout: PATIENCE_MS }).toBe(false);
    const before = words(1).length;
    await expect.poll(() => words(1).length, { timeout: PATIENCE_MS }).toBeGreaterThan(before);
    expect(attempts.map(({ kind }) => kind)).toEqual(['started']);
  });

  it('stood still and has lost its claim ends, and nobody starts it again', async () => {
    const { supervisor, until, speaks, pid, attempts, ends } = await setUp({
      confirmEpoch: () => Promise.resolve(false),
    });
    supervisor.start(requestOf('bot'));
    await until('active');
    await speaks();
    kill(pid(), 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 8_500));
    kill(pid(), 'SIGCONT');
    await expect
      .poll(() => ends, { timeout: PATIENCE_MS })
      .toMatchObject([{ reason: 'fenced', exitCode: 75 }]);
    expect(attempts[1]).toMatchObject({ kind: 'ended', exit: { code: 75 } });
    expect(supervisor.list()).toEqual([]);
  });

  it('was put out by its successor ends with 75, and nobody starts it again', async () => {
    const { supervisor, until, speaks, pid, attempts, ends } = await setUp();
    supervisor.start(requestOf('bot'));
    await until('active');
    await speaks();
    kill(pid(), 'SIGVTALRM'); // somebody joins with its id
    await expect
      .poll(() => ends, { timeout: PATIENCE_MS })
      .toMatchObject([{ reason: 'fenced', exitCode: 75 }]);
    expect(attempts.map(({ kind }) => kind)).toEqual(['started', 'ended']);
    expect(attempts[1]).toMatchObject({ exit: { code: 75 } });
  });

  it('crashes again and again is given up', async () => {
    const { supervisor, attempts, ends } = await setUp({
      program: { path: '/nowhere/parley.mjs', execArgv: [] },
    });
    const crashes = supervisor.events.on('attempt', () => undefined);
    supervisor.start(requestOf('bot'));
    await expect
      .poll(() => attempts.filter(({ kind }) => kind === 'ended').length, { timeout: PATIENCE_MS })
      .toBe(3);
    crashes();
    expect((attempts[1] as { log: string }).log).toContain("Cannot find module '/nowhere/parley.mjs'");
    await supervisor.command('bot', { kind: 'stop' });
    expect(ends).toEqual([{ reason: 'asked', exitCode: 0 }]);
  });
});

describe('a supervisor', () => {
  it('has the folder for itself', async () => {
    const { runFolder } = await setUp();
    await expect(setUp({ runFolder })).rejects.toMatchObject({
      code: 'service_unavailable',
      message: `another supervisor runs in ${runFolder}`,
    });
  });

  it('that is replaced hands its meetings on: not a word is lost', async () => {
    const first = await setUp();
    first.supervisor.start(requestOf('bot'));
    await first.until('active');
    await first.speaks();
    const pid = first.pid();
    await first.supervisor.close({ meetings: 'keep' });
    expect(isAlive(pid)).toBe(true);
    const second = await setUp({ runFolder: first.runFolder });
    await second.until('active');
    expect(second.pid()).toBe(pid);
    const known = new Set(first.words(1));
    await expect
      .poll(() => second.words(1).filter((word) => !known.has(word)).length, { timeout: PATIENCE_MS })
      .toBeGreaterThan(10);
    const all = numbersOf([...new Set([...first.words(1), ...second.words(1)])]).sort((a, b) => a - b);
    expect(all).toEqual(all.map((_, index) => index + 1));
    kill(pid, 'SIGKILL'); // one that was found is looked after as one of our own
    await second.speaks(2);
    await second.supervisor.command('bot', { kind: 'stop' });
    expect(second.ends).toMatchObject([{ reason: 'asked' }]);
  });

  it('that is killed leaves its meetings to the next one, which takes those whose claim holds', async () => {
    const runFolder = join(root, String(folders++));
    const owner = await startOwner(runFolder);
    const pid = await owner.active;
    pids.add(pid);
    owner.process.kill('SIGKILL');
    await new Promise((resolve) => owner.process.once('exit', resolve));
    expect(isAlive(pid)).toBe(true);
    const second = await setUp({ runFolder });
    await second.until('active');
    expect(second.pid()).toBe(pid);
    await second.speaks();
    await second.supervisor.command('bot', { kind: 'stop' });
    expect(second.ends).toMatchObject([{ reason: 'asked' }]);
  });

  it('does not take a meeting whose claim was lost meanwhile', async () => {
    const first = await setUp();
    first.supervisor.start(requestOf('bot'));
    await first.until('active');
    const pid = first.pid();
    await first.supervisor.close({ meetings: 'keep' });
    const second = await setUp({ runFolder: first.runFolder, confirmEpoch: () => Promise.resolve(false) });
    await expect.poll(() => isAlive(pid), { timeout: PATIENCE_MS }).toBe(false);
    expect(second.attempts).toEqual([]);
  });

  it('keeps a spare process, which has the next meeting', async () => {
    const before = new Set(children());
    const { supervisor, until, pid } = await setUp({ spares: 1 });
    const [spare, ...others] = children().filter((each) => !before.has(each));
    expect(others).toEqual([]);
    supervisor.start(requestOf('bot'));
    await until('active');
    expect(pid()).toBe(spare);
    await supervisor.command('bot', { kind: 'stop' });
  });

  it('a meeting that is to be joined later waits staged, and joins when it is told to', async () => {
    const { supervisor, states, ends, until } = await setUp();
    supervisor.start({ ...requestOf('bot'), prepareOnly: true });
    await until('staged');
    await supervisor.command('bot', { kind: 'update', patch: { voice: 'cedar' } });
    supervisor.join('bot');
    await until('active');
    expect(await supervisor.command('bot', { kind: 'status' })).toMatchObject({
      settings: { voice: 'cedar' },
    });
    await supervisor.command('bot', { kind: 'stop' });
    supervisor.start({ ...requestOf('late'), prepareOnly: true });
    await until('staged', states.length);
    await supervisor.command('late', { kind: 'stop' });
    expect(ends.map(({ reason }) => reason)).toEqual(['asked', 'asked']);
  });
});

/** A supervisor in another process, with one meeting. `active` resolves with the meeting's process. */
async function startOwner(runFolder: string): Promise<{ process: ChildProcess; active: Promise<number> }> {
  const owner = spawn(process.execPath, ['--import', REGISTER, OWNER, runFolder, child.program.path], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const lines = createInterface({ input: owner.stdout! });
  return Promise.resolve({
    process: owner,
    active: new Promise<number>((resolve) => lines.once('line', (line) => resolve(Number(line)))),
  });
}
