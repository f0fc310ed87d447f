/** What is erased is nowhere any more, looked for in the files themselves. */
import { readFile } from 'node:fs/promises';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { bots } from '../../../src/database/schema.js';
import { findBotById, listBotEvents } from '../../../src/records/store/bots.js';
import {
  applyRetention,
  eraseMeeting,
  erasePersonsWords,
  listDueForErasure,
  scrub,
} from '../../../src/records/store/erasure.js';
import { DatabaseDocuments } from '../../../src/records/store/documents.js';
import { insertNote, listNotes } from '../../../src/records/store/notes.js';
import { listAttempts, updateAttempt } from '../../../src/records/store/attempts.js';
import { listPeople } from '../../../src/records/store/people.js';
import { search } from '../../../src/records/store/search.js';
import { listSegments } from '../../../src/records/store/segments.js';
import { listToolCalls } from '../../../src/records/store/tool-calls.js';
import { usageOfBot } from '../../../src/records/store/usage.js';
import { insertWebhook } from '../../../src/records/store/webhooks.js';
import { updateWorkspace } from '../../../src/records/store/workspaces.js';
import type { TestDatabase } from '../test-databases.js';
import { brought, newWorkspace } from './bots.js';
import { caption, joined, kept, running, started, toolCall } from './record.js';

export function erasureTests({ open, kind, files }: TestDatabase): void {
  /** Those of the words that stand in a file of the database once everything is written out. */
  async function onDisk(...words: string[]): Promise<string[]> {
    await open().query('checkpoint');
    const found = new Set<string>();
    for (const file of await files()) {
      const bytes = await readFile(file).catch(() => Buffer.alloc(0)); // gone meanwhile
      for (const word of words) if (bytes.includes(word)) found.add(word);
    }
    return words.filter((word) => found.has(word));
  }

  async function meetingWith(words: { ana: string; ben: string; note: string; name: string; call: string }) {
    const meeting = await running(open(), `about-${words.ana.length}`);
    const { workspaceId, bot, epoch } = meeting;
    const url = 'https://a.test/';
    await insertWebhook(open().orm, { workspaceId, url, events: ['caption.final'], secret: 's' });
    await kept(open(), meeting, [
      started(1),
      joined(2, 'ana', words.name),
      joined(3, 'ben', 'Ben'),
      caption(4, ['ana', 'es', `Digo ${words.ana}`], ['en', `I say ${words.ana}`]),
      caption(5, ['ben', 'es', `Digo ${words.ben}`], ['en', `I say ${words.ben}`]),
      toolCall(6, 'called', 'call_1', { arguments: `{"text":"${words.call}"}` }),
      toolCall(7, 'called', 'call_2', { askedBy: 'ben', arguments: `{"text":"ana said ${words.call}"}` }),
      toolCall(8, 'asking', 'call_2', { askedBy: 'ben', arguments: `{"text":"ana said ${words.call}"}` }),
      toolCall(9, 'over', 'call_1', { outcome: 'done', result: `Found ${words.call}` }),
    ]);
    const note = {
      botId: bot.id,
      workspaceId,
      kind: 'note' as const,
      by: 'usr_1',
      text: `About ${words.note}`,
    };
    await open().transaction((tx) => insertNote(tx, { ...note, segmentEpoch: epoch, segmentId: 's4' }));
    await updateAttempt(open().orm, { botId: bot.id, epoch }, { log: words.note, journalPath: '/j/1' });
    return meeting;
  }

  it('a meeting: its words are in no file, and its row stays as evidence', async () => {
    const mine = {
      ana: 'xylophonquark',
      ben: 'bratwurstnebel',
      note: 'zwiebelfrost',
      name: 'Quendolina',
      call: 'lampenfieber',
    };
    const all = Object.values(mine);
    const meeting = await meetingWith(mine);
    const { bot } = meeting;
    const other = {
      ana: 'mondlaterne',
      ben: 'regenpfeifer',
      note: 'wolkenbank',
      name: 'Rosamunde',
      call: 'nordlicht',
    };
    await meetingWith(other);
    await open().script('analyze'); // the database notes frequent words, too
    expect(await onDisk(...all)).toEqual(all);

    expect(await open().transaction((tx) => eraseMeeting(tx, bot.id))).toBeUndefined(); // it runs
    await brought(open(), bot, 'ended');
    const erased = await open().transaction((tx) => eraseMeeting(tx, bot.id));
    expect(erased).toEqual({ journals: [{ workerId: 'worker', path: '/j/1' }] });
    await scrub(open());
    expect(await onDisk(...all)).toEqual([]);
    expect(await onDisk(...Object.values(other))).toEqual(Object.values(other));

    expect(await findBotById(open().orm, bot.id)).toMatchObject({
      ...{ state: 'ended', reason: 'asked', name: null, metadata: {}, settings: {} },
      erasedAt: expect.any(Date) as Date,
    });
    expect(await listPeople(open().orm, bot.id)).toEqual([]);
    expect((await listBotEvents(open().orm, bot.id)).map(({ toState }) => toState).at(-1)).toBe('ended');
    expect((await listAttempts(open().orm, bot.id)).map(({ log }) => log)).toEqual(['']);
    expect(await usageOfBot(open().orm, bot.id)).toEqual([]);
    expect(await listToolCalls(open().orm, bot.id, { limit: 9 })).toEqual([]);
    // A journal that is read late brings nothing back.
    await kept(open(), meeting, [caption(19, ['ana', 'es', mine.ana], ['en', 'x'])]);
    expect(await listSegments(open().orm, bot.id, { limit: 9 })).toEqual([]);
  });

  it("one person's words: they are in no file, and do not come back; what they say later is kept", async () => {
    const mine = {
      ana: 'kupferglocke',
      ben: 'birkenkanu',
      note: 'salzteig',
      name: 'Wilhelmine',
      call: 'taubenschlag',
    };
    const meeting = await meetingWith(mine);
    const { bot, workspaceId } = meeting;
    expect(await onDisk(...Object.values(mine))).toEqual(Object.values(mine));
    const erased = await open().transaction((tx) => erasePersonsWords(tx, bot.id, 'ana'));
    expect(erased?.journals).toEqual([{ workerId: 'worker', path: '/j/1' }]);
    await scrub(open());
    expect(await onDisk(...Object.values(mine))).toEqual(['birkenkanu']);
    expect(await listNotes(open().orm, bot.id)).toEqual([]);
    expect((await listPeople(open().orm, bot.id)).map(({ name }) => name)).toEqual(['', 'Ben']);

    const calls = async () =>
      (await listToolCalls(open().orm, bot.id, { limit: 9 })).map(
        ({ callId, askedBy, arguments: args, state }) => [callId, askedBy, args, state],
      );
    // Of what others had the agent do stays that it was done.
    expect(await calls()).toEqual([['call_2', 'ben', '', 'asking']]);

    const later = Date.now() - Date.parse('2026-03-02T10:00:00.000Z') + 60_000;
    await kept(open(), meeting, [
      caption(16, ['ana', 'es', 'kupferglocke'], ['en', '']),
      caption(17, ['ana', 'es', 'danach'], ['en', ''], { startMs: later, endMs: later }),
      toolCall(18, 'called', 'call_3', { arguments: 'kupferglocke' }),
      toolCall(19, 'called', 'call_4', { arguments: 'kupferglocke', askedBy: 'ben' }),
      toolCall(20, 'over', 'call_1', { atMs: later, arguments: 'kupferglocke' }),
      toolCall(21, 'called', 'call_5', { atMs: later, arguments: 'danach' }),
    ]);
    expect(await calls()).toEqual([
      ['call_2', 'ben', '', 'asking'],
      ['call_4', 'ben', '', 'running'],
      ['call_5', 'ana', 'danach', 'running'],
    ]);
    const rows = await listSegments(open().orm, bot.id, { limit: 9 });
    expect(rows.map(({ sourceText }) => sourceText)).toEqual(['Digo birkenkanu', 'danach']);
    expect(await search(open().orm, workspaceId, { text: 'kupferglocke' })).toEqual([]);
    expect(await open().transaction((tx) => erasePersonsWords(tx, bot.id, 'nobody'))).toBeUndefined();
  });

  it('deleted documents are in no file, nor what the database knew of tables that have become empty', async () => {
    await open().query('delete from documents');
    const store = new DatabaseDocuments(open(), await newWorkspace(open()));
    const words = ['zwetschgenhaus', 'lindenorgel', 'nelkenturm', 'distelboot'];
    for (const [index, word] of words.entries())
      await store.add({
        ...{ name: `${word}.txt`, format: 'text', bytes: 9, sha256: `${index}`, warnings: [] },
        chunks: [{ index: 0, text: `${word} ${word}`, headings: [word], tokens: word }],
      });
    await open().query('analyze documents');
    await open().query('analyze document_chunks');
    expect(await onDisk(...words)).toEqual(words);
    for (const { id } of await store.list()) await store.remove(id);
    await scrub(open());
    const known = "select 1 from pg_stats where tablename in ('documents', 'document_chunks')";
    expect(await open().query(known)).toEqual([]);
    expect(await onDisk(...words)).toEqual([]);
    // The tables are as they were.
    await store.add({
      ...{ name: 'a.txt', format: 'text', bytes: 9, sha256: 'again', warnings: [] },
      chunks: [{ index: 0, text: 'again', headings: [], tokens: 'again' }],
    });
    expect((await store.list()).map(({ name }) => name)).toEqual(['a.txt']);
  });

  it('meetings are due when their days are over: their own, else those of the workspace', async () => {
    const workspaceId = await newWorkspace(open());
    await updateWorkspace(open().orm, workspaceId, { retentionDays: 30 });
    const ended = async (meetingId: string, retentionDays: number | null) => {
      const { bot } = await running(open(), meetingId, workspaceId);
      await open().orm.update(bots).set({ retentionDays }).where(eq(bots.id, bot.id));
      await brought(open(), bot, 'ended');
      return (await findBotById(open().orm, bot.id))!;
    };
    const days = ({ eraseAfter, endedAt }: Awaited<ReturnType<typeof ended>>) =>
      Math.round((eraseAfter!.getTime() - endedAt!.getTime()) / 86_400_000);
    const own = await ended('own-days', 7);
    const general = await ended('general-days', null);
    expect([days(own), days(general)]).toEqual([7, 30]);
    const now = await ended('at-once', 0);
    expect(await listDueForErasure(open().orm, 100)).toEqual([now.id]);
    await open().transaction((tx) => eraseMeeting(tx, now.id));
    expect(await listDueForErasure(open().orm, 100)).toEqual([]);
    await updateWorkspace(open().orm, workspaceId, { retentionDays: 3 });
    await applyRetention(open().orm, workspaceId);
    expect(days((await findBotById(open().orm, own.id))!)).toBe(7);
    expect(days((await findBotById(open().orm, general.id))!)).toBe(3);
    await updateWorkspace(open().orm, workspaceId, { retentionDays: null });
    await applyRetention(open().orm, workspaceId);
    expect((await findBotById(open().orm, general.id))?.eraseAfter).toBeNull();
  });

  it.runIf(kind === 'embedded')('the log stays small, however much is written', async () => {
    const { bot, workspaceId } = await running(open(), 'much');
    const text = 'lorem '.repeat(600);
    for (let round = 0; round < 300; round++) {
      const note = { botId: bot.id, workspaceId, kind: 'note' as const, by: 'usr_1', text };
      await open().transaction((tx) => insertNote(tx, note));
      await open().orm.update(bots).set({ metadata: { text } }).where(eq(bots.id, bot.id));
    }
    const [log] = await open().query<{ mib: number }>(
      'select (sum(size) / 1024 / 1024)::float8 as mib from pg_ls_waldir()',
    );
    expect(log!.mib).toBeLessThanOrEqual(64);
  });
}
