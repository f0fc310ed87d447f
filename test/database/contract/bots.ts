/** Bots in any database: invited once, changed by rule, claimed by one. */
import { expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.js';
import {
  addBotEvent,
  askToLeave,
  type BotRow,
  changeState,
  claim,
  countLiveBots,
  findBot,
  holdsClaim,
  insertBot,
  listBotEvents,
  listBots,
  type NewBot,
  updateSettings,
} from '../../../src/records/store/bots.js';
import { listAttempts, updateAttempt } from '../../../src/records/store/attempts.js';
import { takeFromOutbox } from '../../../src/records/store/outbox.js';
import { insertWorkspace } from '../../../src/records/store/workspaces.js';

export async function newWorkspace(database: Database): Promise<string> {
  return (await insertWorkspace(database.orm, { name: 'Test' })).id;
}

export function newBot(workspaceId: string, meetingId: string, more: Partial<NewBot> = {}): NewBot {
  return { workspaceId, place: 'videosdk', meetingId, settings: {}, participantId: 'parley-x', ...more };
}

export async function invited(database: Database, bot: NewBot): Promise<BotRow> {
  const made = await database.transaction((tx) => insertBot(tx, bot));
  if (!('bot' in made)) throw new Error('it was there already');
  return made.bot;
}

/** Takes a bot through the states, up to the last one given. */
export async function brought(database: Database, bot: BotRow, ...states: BotRow['state'][]): Promise<void> {
  for (const to of states) {
    const reason = to === 'ended' ? ('asked' as const) : undefined;
    const change = await database.transaction((tx) =>
      changeState(tx, { botId: bot.id, to, ...(reason === undefined ? {} : { reason }) }),
    );
    expect(change.ok, to).toBe(true);
  }
}

export function botTests(open: () => Database): void {
  it('a meeting has one bot: a second invitation gets the first', async () => {
    const workspaceId = await newWorkspace(open());
    const bot = await invited(open(), newBot(workspaceId, 'room-1'));
    expect(bot).toMatchObject({ state: 'queued', revision: 1, epoch: 0, eventSeq: 1 });
    const again = await open().transaction((tx) => insertBot(tx, newBot(workspaceId, 'room-1')));
    expect(again).toMatchObject({ existing: { id: bot.id } });
    await invited(open(), newBot(workspaceId, 'room-1', { place: 'embedded' }));
    await brought(open(), bot, 'starting', 'joining', 'active', 'leaving', 'ended');
    await invited(open(), newBot(workspaceId, 'room-1'));
  });

  it('invitations at the same time make one bot', async () => {
    const workspaceId = await newWorkspace(open());
    const made = await Promise.all(
      Array.from({ length: 8 }, () =>
        open().transaction((tx) => insertBot(tx, newBot(workspaceId, 'room-race'))),
      ),
    );
    expect(made.filter((each) => 'bot' in each)).toHaveLength(1);
    expect(new Set(made.map((each) => ('bot' in each ? each.bot.id : each.existing.id))).size).toBe(1);
  });

  it('a key for deduplication finds its bot while it lives, scheduled ones included', async () => {
    const workspaceId = await newWorkspace(open());
    const joinAt = new Date('2030-01-01T10:00:00.000Z');
    const bot = await invited(open(), newBot(workspaceId, 'room-2', { joinAt, dedupKey: 'k' }));
    expect(bot).toMatchObject({ state: 'scheduled', joinAt });
    const again = await open().transaction((tx) =>
      insertBot(tx, newBot(workspaceId, 'another', { dedupKey: 'k' })),
    );
    expect(again).toMatchObject({ existing: { id: bot.id } });
    await open().transaction((tx) =>
      changeState(tx, { botId: bot.id, to: 'cancelled', reason: 'cancelled' }),
    );
    await invited(open(), newBot(workspaceId, 'another', { dedupKey: 'k' }));
  });

  it('several are scheduled for one meeting, and one of them gets its turn', async () => {
    const workspaceId = await newWorkspace(open());
    const joinAt = new Date('2030-01-01T10:00:00.000Z');
    const first = await invited(open(), newBot(workspaceId, 'weekly', { joinAt }));
    const second = await invited(open(), newBot(workspaceId, 'weekly', { joinAt }));
    await brought(open(), first, 'queued');
    await expect(
      open().transaction((tx) => changeState(tx, { botId: second.id, to: 'queued' })),
    ).rejects.toThrow(/Failed query/);
    expect((await findBot(open().orm, workspaceId, second.id))?.state).toBe('scheduled');
  });

  it('every change is a row of its history, numbered, and is told to others in the same transaction', async () => {
    const workspaceId = await newWorkspace(open());
    const bot = await invited(open(), newBot(workspaceId, 'room-3', { metadata: { order: 7 } }));
    await brought(open(), bot, 'starting', 'joining', 'active', 'recovering', 'active', 'ended');
    const events = await listBotEvents(open().orm, bot.id);
    expect(events.map(({ seq, fromState, toState }) => [seq, fromState, toState])).toEqual([
      [1, null, 'queued'],
      [2, 'queued', 'starting'],
      [3, 'starting', 'joining'],
      [4, 'joining', 'active'],
      [5, 'active', 'recovering'],
      [6, 'recovering', 'active'],
      [7, 'active', 'ended'],
    ]);
    const told = (await open().transaction((tx) => takeFromOutbox(tx, 1_000))).filter(
      ({ botId }) => botId === bot.id,
    );
    expect(told.map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      '1 bot.state_changed',
      '2 bot.state_changed',
      '3 bot.state_changed',
      '4 bot.state_changed',
      '4 bot.joined',
      '5 bot.state_changed',
      '5 bot.recovering',
      '6 bot.state_changed',
      '6 bot.recovered',
      '7 bot.state_changed',
      '7 bot.ended',
    ]);
    expect(told.at(-1)?.body).toMatchObject({
      type: 'bot.ended',
      data: { seq: 7, reason: 'asked', bot: { id: bot.id, state: 'ended', metadata: { order: 7 } } },
    });
    const ended = await findBot(open().orm, workspaceId, bot.id);
    expect(ended).toMatchObject({ state: 'ended', reason: 'asked' });
    expect(ended?.joinedAt).toBeInstanceOf(Date);
    expect(ended?.endedAt).toBeInstanceOf(Date);
    expect(ended?.eraseAfter).toBeNull();
  });

  it('a transaction that fails leaves neither state nor history nor anything to tell', async () => {
    const workspaceId = await newWorkspace(open());
    const bot = await invited(open(), newBot(workspaceId, 'room-4'));
    await open().transaction((tx) => takeFromOutbox(tx, 1_000));
    const failing = open().transaction(async (tx) => {
      await changeState(tx, { botId: bot.id, to: 'starting' });
      throw new Error('the engine does not take it');
    });
    await expect(failing).rejects.toThrow('the engine does not take it');
    expect((await findBot(open().orm, workspaceId, bot.id))?.state).toBe('queued');
    expect(await listBotEvents(open().orm, bot.id)).toHaveLength(1);
    expect(await open().transaction((tx) => takeFromOutbox(tx, 1_000))).toEqual([]);
  });

  it('changes that are not allowed do nothing and say why', async () => {
    const workspaceId = await newWorkspace(open());
    const bot = await invited(open(), newBot(workspaceId, 'room-5'));
    const change = (to: 'active' | 'starting', more = {}) =>
      open().transaction((tx) => changeState(tx, { botId: bot.id, to, ...more }));
    expect(await change('active')).toMatchObject({ ok: false, why: 'state', bot: { state: 'queued' } });
    expect(await change('starting', { from: 'staged' })).toMatchObject({ ok: false, why: 'state' });
    expect(await change('starting', { epoch: 4 })).toMatchObject({ ok: false, why: 'fenced' });
    const missing = open().transaction((tx) => changeState(tx, { botId: 'bot_none', to: 'starting' }));
    expect(await missing).toEqual({ ok: false, why: 'missing' });
    const failure = open().transaction((tx) =>
      changeState(tx, { botId: bot.id, to: 'ended', reason: 'key_refused' }),
    );
    await expect(failure).rejects.toThrow('key_refused is no reason to be ended');
  });

  it('a claim fences the one before, of however many at once', async () => {
    const workspaceId = await newWorkspace(open());
    const bot = await invited(open(), newBot(workspaceId, 'room-6'));
    const epochs = await Promise.all(
      ['a', 'b', 'c', 'd'].map((worker) => open().transaction((tx) => claim(tx, bot.id, worker))),
    );
    expect([...epochs].sort()).toEqual([1, 2, 3, 4]);
    expect(await holdsClaim(open().orm, bot.id, 4)).toBe(true);
    expect(await holdsClaim(open().orm, bot.id, 3)).toBe(false);
    const late = open().transaction((tx) => changeState(tx, { botId: bot.id, epoch: 3, to: 'starting' }));
    expect(await late).toMatchObject({ ok: false, why: 'fenced' });
    await updateAttempt(open().orm, { botId: bot.id, epoch: 4 }, { pid: 17, exitCode: 1, ended: true });
    const attempts = await listAttempts(open().orm, bot.id);
    expect(attempts.map(({ epoch, pid, exitCode }) => [epoch, pid, exitCode])).toEqual([
      [1, null, null],
      [2, null, null],
      [3, null, null],
      [4, 17, 1],
    ]);
    await brought(open(), bot, 'starting', 'joining', 'active', 'ended');
    expect(await open().transaction((tx) => claim(tx, bot.id, 'e'))).toBeUndefined();
  });

  it('settings are changed by who knows the revision, and what changed is in the history', async () => {
    const workspaceId = await newWorkspace(open());
    const bot = await invited(open(), newBot(workspaceId, 'room-7', { settings: { languages: ['es'] } }));
    const change = (revision: number | undefined, languages: string[]) =>
      open().transaction((tx) => updateSettings(tx, bot.id, { settings: { languages } }, revision));
    expect(await change(1, ['es', 'en'])).toMatchObject({ ok: true, bot: { revision: 2 } });
    expect(await change(1, ['de'])).toMatchObject({ ok: false, why: 'revision', bot: { revision: 2 } });
    expect(await change(undefined, ['fr'])).toMatchObject({ ok: true, bot: { revision: 3 } });
    await open().transaction((tx) => askToLeave(tx, bot.id));
    await open().transaction((tx) =>
      addBotEvent(tx, { botId: bot.id, kind: 'applied', detail: { revision: 3 } }),
    );
    const events = await listBotEvents(open().orm, bot.id, 1);
    expect(events.map(({ kind }) => kind)).toEqual(['settings', 'settings', 'leave_asked', 'applied']);
    await brought(open(), bot, 'starting', 'ended');
    expect(await change(undefined, ['it'])).toMatchObject({ ok: false, why: 'state' });
  });

  it('lists are paged, newest first, and filtered; other workspaces have their own', async () => {
    const [workspaceId, other] = [await newWorkspace(open()), await newWorkspace(open())];
    for (let index = 0; index < 7; index++)
      await invited(
        open(),
        newBot(workspaceId, `page-${index}`, { name: index === 3 ? '100%_sure' : 'Parley' }),
      );
    await invited(open(), newBot(other, 'page-0'));
    const meetings = async (filter: object) =>
      (await listBots(open().orm, workspaceId, { limit: 3, ...filter })).map(({ meetingId }) => meetingId);
    const first = await listBots(open().orm, workspaceId, { limit: 3 });
    expect(first.map(({ meetingId }) => meetingId)).toEqual(['page-6', 'page-5', 'page-4']);
    expect(await meetings({ after: first[2]!.id })).toEqual(['page-3', 'page-2', 'page-1']);
    expect(await meetings({ meetingId: 'page-2' })).toEqual(['page-2']);
    expect(await meetings({ text: 'AGE-5' })).toEqual(['page-5']);
    expect(await meetings({ text: '0%_s' })).toEqual(['page-3']);
    expect(await meetings({ text: '%' })).toEqual(['page-3']);
    expect(await meetings({ states: ['active'] })).toEqual([]);
    expect(await findBot(open().orm, other, first[0]!.id)).toBeUndefined();
    expect(await open().transaction((tx) => countLiveBots(tx, workspaceId))).toBe(7);
  });

  it('texts with U+0000 are kept without it', async () => {
    const workspaceId = await newWorkspace(open());
    const metadata = { 'a\0': ['b\0', String.raw`\u0000`, { c: 'd\\\0' }] };
    const bot = await invited(open(), newBot(workspaceId, 'nul\0', { name: 'A\0na', metadata }));
    expect(bot).toMatchObject({ meetingId: 'nul', name: 'Ana' });
    expect(bot.metadata).toEqual({ a: ['b', String.raw`\u0000`, { c: 'd\\' }] });
  });
}
