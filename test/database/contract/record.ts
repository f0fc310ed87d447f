/** What was said, by whom, at what cost: kept once, read in any language, found in any writing. */
import { expect, it } from 'vitest';
import type { BotEvent } from '../../../src/bot/event-log.js';
import { writeTranscript } from '../../../src/captions/transcript-formats.js';
import type { Database } from '../../../src/database/database.js';
import { parseLanguage } from '../../../src/languages/languages.js';
import { type BotRow, claim, listBotEvents } from '../../../src/records/store/bots.js';
import { keepEvents } from '../../../src/records/store/keep-events.js';
import { deleteNote, insertNote, listNotes, updateNote } from '../../../src/records/store/notes.js';
import { takeFromOutbox } from '../../../src/records/store/outbox.js';
import { listPeople } from '../../../src/records/store/people.js';
import { search, type SearchQuery } from '../../../src/records/store/search.js';
import { listSegments } from '../../../src/records/store/segments.js';
import { readMeetingRecord } from '../../../src/records/store/transcript.js';
import { listToolCalls } from '../../../src/records/store/tool-calls.js';
import { usageOfBot, usageOfWorkspace } from '../../../src/records/store/usage.js';
import { insertWebhook } from '../../../src/records/store/webhooks.js';
import { brought, invited, newBot, newWorkspace } from './bots.js';

const START = '2026-03-02T10:00:00.000Z';

/** A meeting that runs, with its first claim. */
export async function running(
  database: Database,
  meetingId: string,
  workspaceId?: string,
): Promise<{ workspaceId: string; bot: BotRow; epoch: number }> {
  workspaceId ??= await newWorkspace(database);
  const bot = await invited(database, newBot(workspaceId, meetingId));
  const epoch = (await database.transaction((tx) => claim(tx, bot.id, 'worker')))!;
  await brought(database, bot, 'starting', 'joining', 'active');
  return { workspaceId, bot, epoch };
}

export const started = (seq: number, time = START): BotEvent => ({
  ...{ v: 1, seq, atMs: 0, type: 'started', time, meetingId: 'm', participantId: 'p', name: 'Parley' },
  ...{ place: 'VideoSDK', interpreter: 'OpenAI' },
});

export const joined = (seq: number, id: string, name: string, more = {}): BotEvent => ({
  ...{ v: 1, seq, atMs: seq * 100, type: 'joined' },
  person: { id, name, isBot: false, speaks: ['es'], prefers: 'es', ...more },
});

type Caption = Extract<BotEvent, { type: 'caption' }>;
export const caption = (
  seq: number,
  [speakerId, from, sourceText]: [string, string, string],
  [to, translatedText]: [string, string],
  more: Partial<Caption> = {},
): BotEvent => ({
  ...{
    v: 1,
    seq,
    atMs: seq * 1_000,
    type: 'caption',
    kind: 'speech',
    segmentId: `s${seq}`,
    turnId: `t${seq}`,
  },
  ...{ part: 0, speakerId, speakerName: speakerId.toUpperCase(), sourceLanguage: from, targetLanguage: to },
  ...{ sourceText, translatedText, original: true, final: true },
  ...{ startMs: seq * 1_000, endMs: seq * 1_000 + 900, ...more },
});

type ToolEvent = Extract<BotEvent, { type: 'tool' }>;
export const toolCall = (
  seq: number,
  what: ToolEvent['what'],
  callId: string,
  more: Partial<ToolEvent> = {},
): BotEvent => ({
  ...{ v: 1, seq, atMs: seq * 1_000, type: 'tool', what, callId, tool: 'send_mail' },
  ...{ arguments: '{"to":"ben"}', level: 'confirm', askedBy: 'ana', ...more },
});

export const kept = (
  database: Database,
  { bot, epoch }: { bot: BotRow; epoch: number },
  events: BotEvent[],
) => database.transaction((tx) => keepEvents(tx, { botId: bot.id, epoch }, events));

export function recordTests(open: () => Database): void {
  it('people come, change, leave and come back; bots are none', async () => {
    const meeting = await running(open(), 'people');
    await kept(open(), meeting, [
      started(1),
      joined(2, 'ana', 'Ana'),
      joined(3, 'parley-de', 'Parley', { isBot: true }),
      { ...joined(4, 'ana', 'Ana María'), type: 'changed' } as BotEvent,
      {
        v: 1,
        seq: 5,
        atMs: 60_000,
        type: 'left',
        person: { id: 'ana', name: 'Ana', isBot: false, speaks: [] },
      },
    ]);
    const [ana, ...others] = await listPeople(open().orm, meeting.bot.id);
    expect(others).toEqual([]);
    expect(ana).toMatchObject({ participantId: 'ana', name: 'Ana María', speaks: ['es'], prefers: 'es' });
    expect(ana?.joinedAt.toISOString()).toBe('2026-03-02T10:00:00.200Z');
    expect(ana?.leftAt?.toISOString()).toBe('2026-03-02T10:01:00.000Z');
    await kept(open(), meeting, [joined(6, 'ana', 'Ana')]);
    const [again] = await listPeople(open().orm, meeting.bot.id);
    expect(again).toMatchObject({ leftAt: null, consent: {} });
  });

  it('who is told that a record is kept is kept with it: when they came first', async () => {
    const meeting = await running(open(), 'consent');
    await kept(open(), meeting, [{ ...started(1), recorded: true } as BotEvent, joined(2, 'ana', 'Ana')]);
    await kept(open(), meeting, [joined(3, 'ana', 'Ana'), joined(4, 'ben', 'Ben')]);
    const people = await listPeople(open().orm, meeting.bot.id);
    expect(people.map(({ name, consent }) => [name, consent])).toEqual([
      ['Ana', { recorded: '2026-03-02T10:00:00.200Z' }],
      ['Ben', { recorded: '2026-03-02T10:00:00.400Z' }],
    ]);
    const history = await listBotEvents(open().orm, meeting.bot.id);
    expect(history.at(-1)).toMatchObject({ kind: 'recorded', detail: { epoch: 1 } });
  });

  it('events are kept once, however often they are given', async () => {
    const meeting = await running(open(), 'once');
    const events = [
      started(1),
      joined(2, 'ana', 'Ana'),
      caption(3, ['ana', 'es', 'Hola'], ['en', 'Hello']),
      caption(4, ['ana', 'es', 'Hola a to'], ['en', 'Hi'], { final: false }),
      caption(5, ['ana', 'es', 'Adiós'], ['en', 'Bye']),
    ];
    expect(await kept(open(), meeting, events.slice(0, 3))).toBe(3);
    expect(await kept(open(), meeting, events)).toBe(5);
    expect(await kept(open(), meeting, events)).toBe(5);
    expect(await kept(open(), { ...meeting, epoch: 9 }, events)).toBeUndefined();
    const rows = await listSegments(open().orm, meeting.bot.id, { limit: 10 });
    expect(rows.map(({ seq, sourceText, translatedText }) => [seq, sourceText, translatedText])).toEqual([
      [3, 'Hola', 'Hello'],
      [5, 'Adiós', 'Bye'],
    ]);
    const after = await listSegments(open().orm, meeting.bot.id, { limit: 10, after: { epoch: 1, seq: 3 } });
    expect(after.map(({ seq }) => seq)).toEqual([5]);
    const told = await open().transaction((tx) => takeFromOutbox(tx, 1_000));
    const ofPeople = told.filter(
      ({ type, botId }) => type.startsWith('participant') && botId === meeting.bot.id,
    );
    expect(ofPeople).toHaveLength(1);
  });

  it('calls of tools are kept with what became of them, once, and who has to say yes is told', async () => {
    const meeting = await running(open(), 'calls');
    const events = [
      started(1),
      toolCall(2, 'called', 'call_1'),
      toolCall(3, 'called', 'call_2', { tool: 'find_room', level: 'read', arguments: '{}' }),
      toolCall(4, 'asking', 'call_1'),
      toolCall(5, 'over', 'call_2', { outcome: 'done', result: 'Room 7\0', durationMs: 12.4 }),
      toolCall(6, 'approved', 'call_1', { decidedBy: 'key:1' }),
    ];
    await kept(open(), meeting, events);
    await kept(open(), meeting, events);
    const listed = async (page: Parameters<typeof listToolCalls>[2] = { limit: 10 }) =>
      (await listToolCalls(open().orm, meeting.bot.id, page)).map(
        ({ callId, tool, state, result, decidedBy, durationMs, wasLate, at }) => [
          ...[callId, tool, state, result, decidedBy, durationMs, wasLate],
          at.toISOString().slice(11),
        ],
      );
    const second = ['call_2', 'find_room', 'done', 'Room 7', null, 12, false, '10:00:03.000Z'];
    expect(await listed()).toEqual([
      ['call_1', 'send_mail', 'approved', null, 'key:1', null, false, '10:00:02.000Z'],
      second,
    ]);
    await kept(open(), meeting, [
      toolCall(7, 'over', 'call_1', {
        outcome: 'failed',
        result: 'no route',
        durationMs: 900,
        wasLate: true,
      }),
      toolCall(8, 'called', 'call_1', { level: undefined, tool: 'sing', arguments: '{', askedBy: undefined }),
      toolCall(9, 'over', 'call_1', { outcome: 'unknown_tool', durationMs: 0 }),
      toolCall(10, 'over', 'call_1', { outcome: 'done', durationMs: 0 }), // of no call
    ]);
    expect(await listed()).toEqual([
      ['call_1', 'send_mail', 'failed', 'no route', 'key:1', 900, true, '10:00:02.000Z'],
      second,
      ['call_1', 'sing', 'unknown_tool', null, null, 0, false, '10:00:08.000Z'],
    ]);
    expect((await listed({ limit: 1, after: { epoch: 1, seq: 3 } })).map(([, tool]) => tool)).toEqual([
      'sing',
    ]);
    const told = await open().transaction((tx) => takeFromOutbox(tx, 1_000));
    const ours = told.filter(({ type, botId }) => type.startsWith('tool') && botId === meeting.bot.id);
    expect(ours).toHaveLength(1);
    expect(ours[0]).toMatchObject({
      type: 'tool.approval_needed',
      body: {
        type: 'tool.approval_needed',
        data: { call: { callId: 'call_1', tool: 'send_mail', arguments: '{"to":"ben"}', askedBy: 'ana' } },
      },
    });
  });

  it('a correction replaces its segment, within a batch and later, and an older one does not', async () => {
    const meeting = await running(open(), 'corrected');
    const version = (seq: number, text: string) =>
      caption(seq, ['ana', 'es', text], ['en', text], { segmentId: 'one' });
    await kept(open(), meeting, [started(1), version(2, 'zwei'), version(3, 'drei')]);
    await kept(open(), meeting, [version(4, 'vier')]);
    const rows = await listSegments(open().orm, meeting.bot.id, { limit: 10 });
    expect(rows.map(({ seq, sourceText }) => [seq, sourceText])).toEqual([[4, 'vier']]);
    expect(await search(open().orm, meeting.workspaceId, { text: 'drei' })).toEqual([]);
    expect(await search(open().orm, meeting.workspaceId, { text: 'vier' })).toHaveLength(1);
  });

  it('a transcript goes over all processes of a meeting, in any language that was read', async () => {
    const meeting = await running(open(), 'transcript');
    await kept(open(), meeting, [
      started(1),
      joined(2, 'ana', 'Ana'),
      caption(3, ['ana', 'es', 'Hola'], ['en', 'Hello']),
      caption(4, ['ana', 'es', ''], ['de', 'Hallo'], { original: false, startMs: 3_000, endMs: 3_900 }),
    ]);
    const epoch = (await open().transaction((tx) => claim(tx, meeting.bot.id, 'another')))!;
    await kept(open(), { ...meeting, epoch }, [
      started(1, '2026-03-02T10:01:00.000Z'),
      // Processes count from the beginning.
      caption(3, ['ana', 'es', 'Sigo aquí'], ['en', 'Still here'], {
        mark: 'cut',
        cutReason: 'barge_in',
      }),
    ]);
    const record = await readMeetingRecord(open().orm, meeting.bot);
    expect(record).toMatchObject({ meetingId: 'transcript', startedAt: START });
    expect(writeTranscript(record, 'srt', parseLanguage('en'))).toBe(
      '1\n00:00:03,000 --> 00:00:03,900\nANA: Hello\n\n2\n00:01:03,000 --> 00:01:03,900\nANA: Still here\n',
    );
    expect(writeTranscript(record, 'srt', parseLanguage('de'))).toContain('ANA: Hallo');
    expect(writeTranscript(record, 'md', undefined)).toContain(
      '- English (spoken only in part: somebody else spoke): Still here',
    );
    expect(record.captions.at(-1)).toMatchObject({ mark: 'cut', cutReason: 'barge_in' });
    expect(record.captions[0]).not.toHaveProperty('cutReason');
    expect(JSON.parse(writeTranscript(record, 'json', parseLanguage('en')))).toMatchObject({
      speeches: [{ text: 'Hello' }, { text: 'Still here', mark: 'cut', cutReason: 'barge_in' }],
    });
    // What a correction says of it replaces it, too.
    await kept(open(), { ...meeting, epoch }, [
      caption(4, ['ana', 'es', 'Sigo aquí'], ['en', 'Still here'], {
        segmentId: 's3',
        mark: 'cut',
        cutReason: 'gone',
      }),
    ]);
    const rows = await listSegments(open().orm, meeting.bot.id, { limit: 10 });
    expect(rows.map(({ mark, cutReason }) => [mark, cutReason])).toEqual([
      [null, null],
      [null, null],
      ['cut', 'gone'],
    ]);
  });

  it('cost is what processes say last, added up over them, and by workspace', async () => {
    const meeting = await running(open(), 'cost');
    const status = (seq: number, usd: number): BotEvent => ({
      ...{ v: 1, seq, atMs: seq, type: 'status', levelsDbfs: {}, latency: { turns: 0 } },
      cost: { usd, responses: seq, audioMs: seq * 1_000, unpriced: 0 },
    });
    await kept(open(), meeting, [status(1, 0.5), status(2, 1.25)]);
    await kept(open(), meeting, [status(3, 1.5)]);
    const epoch = (await open().transaction((tx) => claim(tx, meeting.bot.id, 'another')))!;
    await kept(open(), { ...meeting, epoch }, [status(1, 0.25)]);
    expect(await usageOfBot(open().orm, meeting.bot.id)).toEqual([
      { model: 'interpretation', kind: 'audio_ms', units: 4_000, usd: 1.75 },
    ]);
    const span = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000) };
    const [sum] = await usageOfWorkspace(open().orm, meeting.workspaceId, { ...span, by: 'bot' });
    expect(sum).toEqual({ of: meeting.bot.id, bots: 1, units: 4_000, usd: 1.75 });
    const days = await usageOfWorkspace(open().orm, meeting.workspaceId, { ...span, by: 'day' });
    expect(days.map(({ of }) => of)).toEqual([new Date().toISOString().slice(0, 10)]);
  });

  it('captions are told to others only where a webhook asks for them', async () => {
    const meeting = await running(open(), 'told');
    await kept(open(), meeting, [started(1), caption(2, ['ana', 'es', 'uno'], ['en', 'one'])]);
    const { workspaceId } = meeting;
    await insertWebhook(open().orm, {
      workspaceId,
      url: 'https://a.test',
      events: ['caption.final'],
      secret: 's',
    });
    await kept(open(), meeting, [caption(3, ['ana', 'es', 'dos'], ['en', 'two'])]);
    const told = await open().transaction((tx) => takeFromOutbox(tx, 1_000));
    const captions = told.filter(({ type, botId }) => type === 'caption.final' && botId === meeting.bot.id);
    expect(captions.map(({ body }) => body['data'])).toEqual([
      {
        bot: { id: meeting.bot.id, meetingId: 'told', state: 'active', metadata: {} },
        caption: {
          ...{ segmentId: 's3', turnId: 't3', speakerId: 'ana', speakerName: 'ANA' },
          ...{ sourceLanguage: 'es', sourceText: 'dos', targetLanguage: 'en', translatedText: 'two' },
        },
      },
    ]);
  });

  it('search finds words of every writing, whatever their accents, and says where', async () => {
    const meeting = await running(open(), 'languages');
    await kept(open(), meeting, [
      started(1),
      caption(2, ['ana', 'es', 'La reunión empezó tarde'], ['en', 'The meeting began late']),
      caption(3, ['yuki', 'ja', '会議は来週の月曜日です'], ['zh', '会议纪要将于下周一发布']),
      caption(4, ['nok', 'th', 'การประชุมเริ่มตอนเก้าโมง'], ['en', 'It starts at nine']),
      caption(5, ['omar', 'ar', 'الاِجْتِمَاعُ غداً'], ['de', 'Die Straße ist gesperrt']),
      caption(6, ['ivan', 'ru', 'ПРОТОКОЛ готов'], ['fr', "L'été s'achève"]),
    ]);
    const found = async (text: string, more: Partial<SearchQuery> = {}) =>
      (await search(open().orm, meeting.workspaceId, { text, ...more })).map(
        ({ segment }) => segment?.segmentId,
      );
    expect(await found('reunion')).toEqual(['s2']);
    expect(await found('REUNIÓN tarde')).toEqual(['s2']);
    expect(await found('会議')).toEqual(['s3']);
    expect(await found('会议纪要')).toEqual(['s3']);
    expect(await found('ประชุม')).toEqual(['s4']);
    expect(await found('الاجتماع')).toEqual(['s5']);
    expect(await found('strasse')).toEqual(['s5']);
    expect(await found('протокол')).toEqual(['s6']);
    expect(await found('meetin')).toEqual(['s2']); // the beginning of a word
    expect(await found('nine late')).toHaveLength(2); // some of the words
    expect(await found('late', { language: 'ja' })).toEqual([]);
    expect(await found('late', { language: 'en-GB' })).toEqual(['s2']);
    expect(await found('late', { to: new Date('2026-03-02T10:00:00Z') })).toEqual([]);
    expect(await found('?!')).toEqual([]);
    for (const text of ["'", "a'b | !c", '\\', ':*', '" & (', 'nul\0', 'x'.repeat(5_000), '﷽ '.repeat(200)])
      expect(Array.isArray(await found(text)), text).toBe(true);
    const [hit] = await search(open().orm, meeting.workspaceId, { text: 'tarde' });
    expect(hit).toMatchObject({
      meetingId: 'languages',
      by: 'ANA',
      quote: { text: 'La reunión empezó tarde' },
    });
    expect(hit?.quote.matches).toEqual([[18, 23]]);
    expect(hit?.at.toISOString()).toBe('2026-03-02T10:00:02.000Z');
    expect(await search(open().orm, await newWorkspace(open()), { text: 'tarde' })).toEqual([]);
  });

  it('what has all words stands before what has some, and rare words count more', async () => {
    const meeting = await running(open(), 'ranking');
    const say = (seq: number, text: string) => caption(seq, ['ana', 'en', text], ['es', '']);
    await kept(open(), meeting, [
      started(1),
      say(2, 'the plan'),
      say(3, 'the zebra'),
      say(4, 'the plan of the zebra'),
      say(5, 'the weather'),
      say(6, 'a plan'),
    ]);
    const hits = await search(open().orm, meeting.workspaceId, { text: 'the zebra plan' });
    expect(hits.map(({ segment }) => segment?.segmentId)).toEqual(['s4', 's3', 's2', 's6', 's5']);
    expect(await search(open().orm, meeting.workspaceId, { text: 'the', limit: 2 })).toHaveLength(2);
  });

  it('notes are written, changed, found and deleted', async () => {
    const meeting = await running(open(), 'notes');
    const { workspaceId, bot } = meeting;
    const at = new Date('2026-03-02T10:05:00.000Z');
    const note = await open().transaction((tx) =>
      insertNote(tx, { botId: bot.id, workspaceId, kind: 'action', text: 'Besorgt Kekse', by: 'usr_1', at }),
    );
    const found = async (text: string) =>
      (await search(open().orm, workspaceId, { text, in: ['notes'] })).map(({ noteId, by }) => [noteId, by]);
    expect(await found('kekse')).toEqual([[note.id, 'usr_1']]);
    await updateNote(open().orm, workspaceId, note.id, { text: 'Besorgt Brot' });
    expect(await found('kekse')).toEqual([]);
    expect((await listNotes(open().orm, bot.id)).map(({ text }) => text)).toEqual(['Besorgt Brot']);
    expect(await deleteNote(open().orm, 'ws_other', note.id)).toBe(false);
    expect(await deleteNote(open().orm, workspaceId, note.id)).toBe(true);
    expect(await listNotes(open().orm, bot.id)).toEqual([]);
  });
}
