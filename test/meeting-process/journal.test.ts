import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { BotEvent } from '../../src/bot/event-log.js';
import { systemClock } from '../../src/clock.js';
import { Journal } from '../../src/meeting-process/journal.js';
import { readJournal } from '../../src/meeting-process/read-journal.js';

const root = mkdtempSync(join(tmpdir(), 'parley-journal-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;

function setUp(epoch = 1, folder = join(root, String(folders++))) {
  const told: [boolean, string | undefined][] = [];
  const journal = new Journal({
    folder,
    epoch,
    clock: systemClock,
    onState: (...state) => told.push(state as never),
  });
  return { folder, journal, told };
}

function notice(seq: number, message = `notice ${seq}`): BotEvent {
  return { v: 1, type: 'notice', atMs: seq, kind: 'room', message, seq };
}

const seqs = async (folder: string, epoch?: number) =>
  (await readJournal(folder, epoch)).events.map(({ event }) => event.seq);

it('keeps events in order, with their times, for its owner alone', async () => {
  const { folder, journal } = setUp(7);
  for (let seq = 1; seq <= 100; seq++) journal.append(notice(seq), 1_000 + seq);
  await journal.close();
  const { events, unreadableLines } = await readJournal(folder);
  expect(events.map(({ event }) => event.seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  expect(events[4]).toEqual({ epoch: 7, at: 1_005, event: notice(5) });
  expect(unreadableLines).toBe(0);
  const [file] = readdirSync(folder);
  expect(file).toBe('000007-000000.jsonl');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, file!)).mode & 0o777).toBe(0o600);
});

it('keeps no events of the moment, and of captions the final ones', async () => {
  const { folder, journal } = setUp();
  const speaking: BotEvent = {
    v: 1,
    type: 'speaking',
    atMs: 0,
    participantId: 'ana',
    speaking: true,
    seq: 1,
  };
  const caption = {
    ...{
      v: 1,
      type: 'caption',
      atMs: 0,
      kind: 'speech',
      segmentId: 's',
      turnId: 't',
      part: 0,
      speakerId: 'ana',
    },
    ...{
      speakerName: 'Ana',
      sourceLanguage: 'es',
      targetLanguage: 'en',
      sourceText: 'hola',
      translatedText: 'hello',
    },
    ...{ original: false, startMs: 0, endMs: 1 },
  } as const;
  journal.append(speaking, 0);
  journal.append({ ...caption, final: false, seq: 2 } as BotEvent, 0);
  journal.append({ ...caption, final: true, seq: 3 } as BotEvent, 0);
  await journal.close();
  expect(await seqs(folder)).toEqual([3]);
});

it('removes what is acknowledged, file by file', async () => {
  const { folder, journal } = setUp();
  const text = 'x'.repeat(60_000);
  for (let seq = 1; seq <= 40; seq++) {
    journal.append(notice(seq, text), 0);
    if (seq % 10 === 0) await expect.poll(() => seqs(folder).then((all) => all.at(-1))).toBe(seq);
  }
  const before = readdirSync(folder).length;
  expect(before).toBeGreaterThan(2);
  journal.acknowledge(20);
  await expect.poll(() => readdirSync(folder).length).toBeLessThan(before);
  expect((await seqs(folder)).filter((seq) => seq > 20)).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 21),
  );
  journal.acknowledge(40);
  await expect.poll(() => readdirSync(folder)).toEqual([]);
  journal.append(notice(41), 0);
  await journal.close();
  expect(await seqs(folder)).toEqual([41]);
});

it('the last line of a process that was killed may be torn: the others are read', async () => {
  const { folder, journal } = setUp();
  for (let seq = 1; seq <= 3; seq++) journal.append(notice(seq), 0);
  await journal.close();
  const [file] = readdirSync(folder);
  const whole = readFileSync(join(folder, file!), 'utf8');
  const line = whole.split('\n')[0]!;
  for (let cut = 1; cut < line.length; cut += 7) {
    writeFileSync(join(folder, file!), whole + line.slice(0, cut));
    const read = await readJournal(folder);
    expect(read.events.map(({ event }) => event.seq)).toEqual([1, 2, 3]);
    expect(read.unreadableLines).toBe(1);
  }
});

it('tells processes of one meeting apart by their epoch, and leaves other files alone', async () => {
  const first = setUp(1);
  first.journal.append(notice(1), 0);
  await first.journal.close();
  const second = setUp(2, first.folder);
  second.journal.append(notice(1), 0);
  second.journal.append(notice(2), 0);
  await second.journal.close();
  appendFileSync(join(first.folder, 'notes.txt'), 'mine');
  expect(await seqs(first.folder, 1)).toEqual([1]);
  expect(await seqs(first.folder, 2)).toEqual([1, 2]);
  expect((await readJournal(first.folder)).events.map(({ epoch }) => epoch)).toEqual([1, 2, 2]);
});

it('a folder that is not there holds nothing', async () => {
  expect(await readJournal(join(root, 'none'))).toEqual({ events: [], unreadableLines: 0 });
});

it('a disk that takes nothing is told of once, counted, and costs nobody the meeting', async () => {
  const path = join(root, 'in-the-way');
  writeFileSync(path, ''); // a file where the folder would be
  const { journal, told } = setUp(1, join(path, 'journal'));
  for (let seq = 1; seq <= 5; seq++) journal.append(notice(seq), 0);
  await expect.poll(() => journal.lost).toBe(5);
  journal.append(notice(6), 0);
  await journal.close();
  expect(journal.lost).toBe(6);
  expect(told).toEqual([[true, expect.stringMatching(/^the journal cannot be written: ENOTDIR/)]]);
  expect(existsSync(join(path, 'journal'))).toBe(false);
});
