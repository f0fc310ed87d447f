import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBotById } from '../../src/records/store/bots.js';
import { hostWordOf } from '../../src/service/meetings/bot-life.js';
import { describeDatabase } from '../database/test-databases.js';
import { scriptedPlace, type ServiceWorld, serviceWorld, until } from './service-world.js';

let world: ServiceWorld;

type Bot = {
  id: string;
  state: string;
  revision: number;
  meetingId: string;
  reason?: string;
  message?: string;
  settings: Record<string, unknown>;
};
const bot = async (id: string): Promise<Bot> => (await world.api('GET', `/v1/bots/${id}`)).json;
const inState = (id: string, state: string): Promise<Bot> =>
  until(
    () => bot(id),
    (each) => each.state === state,
  );
async function active(meetingId = 'abcd-efgh-ijkl', more: object = {}): Promise<Bot> {
  const { json } = await world.api('POST', '/v1/bots', { meetingId, languages: ['es', 'en'], ...more });
  const { id } = json as Bot;
  await until(
    () => world.supervisor.status(id),
    (status) => status !== undefined,
  );
  world.supervisor.state(id, 'joining');
  world.supervisor.state(id, 'active');
  return inState(id, 'active');
}

type StreamEvent = { type: string; id: string | undefined; data: unknown };
async function follow(
  id: string,
  headers: Record<string, string> = {},
): Promise<{ events: StreamEvent[]; status: number; stop(): Promise<void>; ended: Promise<void> }> {
  const abort = new AbortController();
  const response = await fetch(`${world.url}/v1/bots/${id}/events`, {
    headers: { authorization: `Bearer ${world.key}`, ...headers },
    signal: abort.signal,
  });
  const events: StreamEvent[] = [];
  const ended = (async () => {
    let rest = '';
    for await (const chunk of response.body ?? []) {
      rest += Buffer.from(chunk).toString('utf8');
      const blocks = rest.split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const field = (name: string): string | undefined =>
          new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        events.push({ type: field('event')!, id: field('id'), data: JSON.parse(field('data') ?? 'null') });
      }
    }
  })().catch(() => undefined);
  return {
    events,
    status: response.status,
    ended,
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
}

const caption = (segmentId: string, sourceText: string, translatedText: string, final = true) => ({
  ...{
    type: 'caption' as const,
    kind: 'speech' as const,
    segmentId,
    turnId: segmentId,
    part: 0,
    speakerId: 'ana',
    speakerName: 'Ana',
  },
  ...{
    sourceLanguage: 'es',
    targetLanguage: 'en',
    sourceText,
    translatedText,
    original: true,
    final,
    startMs: 1_000,
    endMs: 2_000,
  },
});

describe.each(['embedded', 'postgres'] as const)('the API', (kind) =>
  describeDatabase(kind, (test) => {
    beforeEach(async () => {
      world = await serviceWorld(test.open());
    });
    afterEach(() => world.close());

    it('a bot is invited, joins, is sent away, and ends', async () => {
      const { status, headers, json } = await world.api('POST', '/v1/bots', {
        ...{ meetingId: 'abcd-efgh-ijkl', languages: ['es', 'en'], metadata: { room: '7' } },
      });
      expect(status).toBe(201);
      const { id } = json as Bot;
      expect(id).toMatch(/^bot_[\da-f]{32}$/);
      expect(headers.get('location')).toBe(`/v1/bots/${id}`);
      expect(headers.get('etag')).toBe('"1"');
      expect(json).toMatchObject({
        state: 'queued',
        place: 'embedded',
        metadata: { room: '7' },
        record: true,
      });
      expect((json as Bot).settings).toMatchObject({ languages: ['es', 'en'], engine: 'conversation' });
      await until(
        () => world.supervisor.started.length,
        (count) => count === 1,
      );
      expect(world.supervisor.started[0]).toMatchObject({
        ...{ botId: id, epoch: 1, meetingId: 'abcd-efgh-ijkl', recorded: true },
        settings: { languages: ['es', 'en'] },
        participantId: expect.stringMatching(/^parley-[a-z2-7]{26}$/) as string,
      });
      world.supervisor.state(id, 'joining', { waitingFor: 'admission' });
      expect(await inState(id, 'joining')).toMatchObject({ waitingFor: 'admission' });
      world.supervisor.state(id, 'active');
      await inState(id, 'active');
      const left = await world.api('POST', `/v1/bots/${id}/leave`, { say: 'Goodbye.' });
      expect(left.status).toBe(202);
      expect(world.supervisor.commands.at(-1)).toEqual([
        id,
        { kind: 'stop', drainMs: 5000, say: 'Goodbye.' },
      ]);
      expect(await inState(id, 'ended')).toMatchObject({ reason: 'asked' });
      const { json: states } = await world.api('GET', `/v1/bots/${id}/states`);
      expect((states as { data: { to?: string }[] }).data.map(({ to }) => to).filter(Boolean)).toEqual(
        expect.arrayContaining(['queued', 'joining', 'active', 'ended']),
      );
    });

    it('one bot is in a meeting; the refusal says which', async () => {
      const first = await active();
      const second = await world.api('POST', '/v1/bots', { meetingId: 'abcd-efgh-ijkl' });
      expect(second.status).toBe(409);
      expect(second.json).toMatchObject({
        code: 'bot_exists',
        bot: { id: first.id, state: 'active' },
        requestId: expect.any(String) as string,
      });
      expect(second.headers.get('content-type')).toBe('application/problem+json');
    });

    it('the same deduplication key gives the same bot', async () => {
      const body = { meetingId: 'abcd-efgh-ijkl', deduplicationKey: 'lesson-7' };
      const first = await world.api('POST', '/v1/bots', body);
      const again = await world.api('POST', '/v1/bots', body);
      expect([first.status, again.status]).toEqual([201, 200]);
      expect((again.json as Bot).id).toBe((first.json as Bot).id);
    });

    it('the same Idempotency-Key gives the same answer, and another body is refused', async () => {
      const headers = { 'idempotency-key': 'a-1' };
      const first = await world.api('POST', '/v1/bots', { meetingId: 'a' }, headers);
      const again = await world.api('POST', '/v1/bots', { meetingId: 'a' }, headers);
      expect([again.status, again.json]).toEqual([201, first.json]);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      const other = await world.api('POST', '/v1/bots', { meetingId: 'b' }, headers);
      expect([other.status, (other.json as { code: string }).code]).toEqual([422, 'other_request']);
      expect((await world.api('GET', '/v1/bots')).json).toMatchObject({ data: [{ meetingId: 'a' }] });
    });

    it('of requests with the same key at the same moment one is done, and none meets a bug', async () => {
      const at = async (body: object, headers: Record<string, string> = {}) =>
        Promise.all(Array.from({ length: 12 }, () => world.api('POST', '/v1/bots', body, headers)));
      const same = await at({ meetingId: 'one-room', deduplicationKey: 'lesson-8' });
      expect(same.map(({ status }) => status).sort()).toEqual([...Array<number>(11).fill(200), 201]);
      expect(new Set(same.map(({ json }) => (json as Bot).id)).size).toBe(1);
      const repeated = await at({ meetingId: 'another-room' }, { 'idempotency-key': 'a-3' });
      for (const { status, json, headers } of repeated) {
        if (status === 201) continue;
        expect([status, (json as { code: string }).code]).toEqual([409, 'request_in_progress']);
        expect(headers.get('retry-after')).toBe('1');
      }
      const done = repeated.filter(({ status }) => status === 201);
      expect(done.length).toBeGreaterThan(0);
      expect(new Set(done.map(({ json }) => (json as Bot).id)).size).toBe(1);
      const rooms = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          world.api('POST', '/v1/bots', { meetingId: 'third-room', deduplicationKey: `lesson-${9 + index}` }),
        ),
      );
      expect(rooms.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(11).fill(409)]);
    });

    it('a request that failed can be made again with its key', async () => {
      const headers = { 'idempotency-key': 'a-2' };
      expect((await world.api('POST', '/v1/bots', { meetingId: 'unknown-1' }, headers)).status).toBe(422);
      expect((await world.api('POST', '/v1/bots', { meetingId: 'known' }, headers)).status).toBe(201);
    });

    it('limits of the workspace are counted, and nothing is left of what was one too many', async () => {
      await world.api('PATCH', '/v1/workspace', { limits: { maxBots: 2 } });
      const answers = await Promise.all(
        ['a', 'b', 'c', 'd'].map((meetingId) => world.api('POST', '/v1/bots', { meetingId })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429]);
      expect(answers.find(({ status }) => status === 429)!.json).toMatchObject({ code: 'too_many_bots' });
      const { json } = await world.api('GET', '/v1/bots');
      expect((json as { data: unknown[] }).data).toHaveLength(2);
    });

    it('all wrong fields are named at once, and nothing is done', async () => {
      const { status, json } = await world.api('POST', '/v1/bots', {
        meetingId: 'no meeting!',
        speed: 9,
        langauges: [],
      });
      expect(status).toBe(422);
      expect((json as { errors: { path: string }[] }).errors.map(({ path }) => path).sort()).toEqual([
        'langauges',
        'meetingId',
        'speed',
      ]);
      expect((await world.api('GET', '/v1/bots')).json).toMatchObject({ data: [] });
    });

    it('a meeting that nobody knows is refused before there is a bot', async () => {
      const { status, json } = await world.api('POST', '/v1/bots', { meetingId: 'unknown-meeting' });
      expect(status).toBe(422);
      expect(json).toMatchObject({
        errors: [{ path: 'meetingId', problem: 'no such meeting is known to a scripted room' }],
      });
    });

    it('defaults of the workspace hold where the invitation says nothing', async () => {
      await world.api('PATCH', '/v1/workspace', { defaults: { voice: 'cedar', speed: 1.2 } });
      const { json } = await world.api('POST', '/v1/bots', { meetingId: 'a', speed: 0.8 });
      expect((json as Bot).settings).toMatchObject({ voice: 'cedar', speed: 0.8 });
      const wrong = await world.api('PATCH', '/v1/workspace', { defaults: { speed: 9 } });
      expect(wrong.json).toMatchObject({ code: 'invalid_request' });
    });

    it('the workspace says whether a stand-in interprets', async () => {
      expect((await world.api('GET', '/v1/workspace')).json).toMatchObject({ standIn: false });
      await world.close();
      const about = { url: 'ws://127.0.0.1:1/v1/realtime', key: 'k', model: 'm', description: 'a stand-in' };
      const backend = { kind: 'embedded', ...about } as const;
      world = await serviceWorld(test.open(), {
        places: { all: [scriptedPlace()], backend, interpreter: 'a stand-in' },
      });
      expect((await world.api('GET', '/v1/workspace')).json).toMatchObject({ standIn: true });
      expect((await world.api('PATCH', '/v1/workspace', { name: 'x' })).json).toMatchObject({
        standIn: true,
      });
    });

    it('a running bot changes what can change, all or nothing; the meeting says what it made of it', async () => {
      const { id, revision } = await active();
      world.supervisor.answer = () => ({
        report: { languages: 'applied', voices: { refused: 'one voice only', code: 'no_more_voices' } },
      });
      const stream = await follow(id);
      const changed = await world.api(
        'PATCH',
        `/v1/bots/${id}`,
        { languages: ['es', 'fr'], voices: 'per-language' },
        { 'if-match': `"${revision}"` },
      );
      expect(changed.status).toBe(202);
      expect(changed.json).toMatchObject({
        revision: revision + 1,
        changes: { languages: 'applied', voices: 'applied' },
      });
      expect(world.supervisor.commands.at(-1)).toEqual([
        id,
        { kind: 'update', patch: { languages: ['es', 'fr'], voices: 'per-language' } },
      ]);
      const told = await until(() => stream.events.find(({ type }) => type === 'change'), Boolean);
      expect(told!.data).toMatchObject({
        changes: { voices: { refused: 'one voice only', code: 'no_more_voices' } },
      });
      expect(
        await until(
          () => bot(id),
          ({ settings }) => settings['voices'] === 'auto',
        ),
      ).toMatchObject({ settings: { languages: ['es', 'fr'] } });
      // That the refused one was taken back counts as a revision, which readers are told of.
      await until(
        () => stream.events.findLast(({ type }) => type === 'bot')?.data,
        (data) => (data as Bot | undefined)?.revision === revision + 2,
      );
      const stale = await world.api(
        'PATCH',
        `/v1/bots/${id}`,
        { speed: 1.1 },
        { 'if-match': `"${revision}"` },
      );
      expect([stale.status, (stale.json as { code: string }).code]).toEqual([412, 'changed_meanwhile']);
      const fixed = await world.api('PATCH', `/v1/bots/${id}`, { name: 'Other', speed: 1.1 });
      expect(fixed.status).toBe(409);
      expect(fixed.json).toMatchObject({ errors: [{ path: 'name', code: 'fixed' }] });
      expect((await bot(id)).settings).toMatchObject({ speed: 1 });
      await stream.stop();
    });

    it('a scheduled bot can be moved, changed and cancelled', async () => {
      const joinAt = new Date(Date.now() + 3_600_000).toISOString();
      const { json } = await world.api('POST', '/v1/bots', { meetingId: 'later', joinAt });
      const { id } = json as Bot;
      expect(json).toMatchObject({ state: 'scheduled', joinAt });
      const later = new Date(Date.now() + 7_200_000).toISOString();
      expect(
        (await world.api('PATCH', `/v1/bots/${id}`, { joinAt: later, name: 'Lesson', topology: 'shared' }))
          .status,
      ).toBe(202);
      expect(await bot(id)).toMatchObject({
        joinAt: later,
        settings: { name: 'Lesson', topology: 'shared' },
        name: 'Lesson',
      });
      expect((await world.api('DELETE', `/v1/bots/${id}`)).status).toBe(204);
      expect(await bot(id)).toMatchObject({ state: 'cancelled', reason: 'cancelled' });
      expect((await world.api('DELETE', `/v1/bots/${id}`)).status).toBe(409);
      expect(world.supervisor.started).toEqual([]);
    });

    it('a bot whose time has come begins', async () => {
      const joinAt = new Date(Date.now() + 19_000).toISOString();
      const { json } = await world.api('POST', '/v1/bots', { meetingId: 'soon', joinAt });
      const [request] = await until(
        () => world.supervisor.started,
        (started) => started.length === 1,
      );
      expect(request).toMatchObject({ botId: (json as Bot).id, joinAtMs: Date.parse(joinAt) });
    });

    it('a scheduled bot whose meeting still has another one joins when that is gone', async () => {
      const first = await active('back-to-back');
      const joinAt = new Date(Date.now() + 5_000).toISOString();
      const { json } = await world.api('POST', '/v1/bots', { meetingId: 'back-to-back', joinAt });
      const { id } = json as Bot;
      await until(
        () => world.logged.some((line) => line.includes('another bot is in the meeting')),
        (isSaid) => isSaid,
      );
      expect(await bot(id)).toMatchObject({ state: 'scheduled' });
      world.supervisor.end(first.id, 'meeting_ended');
      await until(
        () => world.supervisor.status(id),
        (status) => status !== undefined,
      );
      await inState(id, 'starting');
    });

    it('a scheduled bot that cannot join within ten minutes of its time has missed its meeting', async () => {
      const first = await active('overrun');
      const joinAt = new Date(Date.now() + 5_000).toISOString();
      const { json } = await world.api('POST', '/v1/bots', { meetingId: 'overrun', joinAt });
      const { id } = json as Bot;
      await until(
        () =>
          world.logged.some((line) => line.includes('another bot is in the meeting') && line.includes(id)),
        (isSaid) => isSaid,
      );
      const late = new Date(Date.now() - 601_000).toISOString();
      await world.database.query('update bots set join_at = $1 where id = $2', [late, id]);
      await inState(id, 'ended');
      expect(await bot(id)).toMatchObject({ state: 'ended', reason: 'missed' });
      expect(await bot(first.id)).toMatchObject({ state: 'active' });
    });

    it('it says a text, is silenced, and takes the word about a person', async () => {
      const { id } = await active();
      expect(
        (await world.api('POST', `/v1/bots/${id}/say`, { text: 'Welcome.', languages: ['es'] })).status,
      ).toBe(202);
      expect((await world.api('POST', `/v1/bots/${id}/mute`, { muted: true, language: 'es' })).status).toBe(
        204,
      );
      expect(
        (await world.api('PATCH', `/v1/bots/${id}/people/guest-1`, { preferredLanguage: 'fr' })).status,
      ).toBe(204);
      expect(world.supervisor.commands.map(([, command]) => command)).toEqual([
        { kind: 'say', text: 'Welcome.', languages: ['es'] },
        { kind: 'mute', muted: true, language: 'es' },
        { kind: 'setPerson', participantId: 'guest-1', settings: { preferredLanguage: 'fr' } },
      ]);
      await world.api('POST', `/v1/bots/${id}/leave`, {});
      await inState(id, 'ended');
      expect((await world.api('POST', `/v1/bots/${id}/say`, { text: 'More.' })).json).toMatchObject({
        code: 'conflict',
      });
    });

    it('what is muted is shown, and holds for whichever process carries the meeting on, as the word about people does', async () => {
      const { id } = await active('muting', { languages: ['pt-BR', 'en'] });
      const feed = await follow(id);
      let muted: 'all' | string[] = ['pt'];
      world.supervisor.answer = ({ kind }) => (kind === 'mute' ? { muted } : undefined);
      await world.api('POST', `/v1/bots/${id}/mute`, { muted: true, language: 'pt-BR' });
      expect(await bot(id)).toMatchObject({ muted: ['pt-BR'], revision: 1 });
      await until(
        () => feed.events.at(-1),
        (last) => last?.type === 'bot',
      );
      expect(feed.events.at(-1)?.data).toMatchObject({ id, muted: ['pt-BR'] });
      await world.api('PATCH', `/v1/bots/${id}/people/ana`, { preferredLanguage: 'fr' });
      await world.api('PATCH', `/v1/bots/${id}/people/ana`, { interpret: false });
      muted = 'all';
      await world.api('POST', `/v1/bots/${id}/mute`, { muted: true });
      expect(await bot(id)).toMatchObject({ muted: 'all' });
      const later = await follow(id);
      await until(
        () => later.events.length,
        (count) => count > 0,
      );
      expect(later.events[0]).toMatchObject({ type: 'snapshot', data: { bot: { muted: 'all' } } });
      await later.stop();
      expect(hostWordOf((await findBotById(world.database.orm, id))!)).toEqual({
        muted: 'all',
        people: [{ participantId: 'ana', settings: { preferredLanguage: 'fr', interpret: false } }],
      });
      muted = [];
      await world.api('POST', `/v1/bots/${id}/mute`, { muted: false });
      expect(await bot(id)).not.toHaveProperty('muted');
      await feed.stop();
    });

    it('a bot that fails says what happened; a failure is never an end', async () => {
      const { id } = await active();
      world.supervisor.end(id, 'key_refused', { code: 'key_refused', message: 'OpenAI refused the key' });
      expect(await inState(id, 'failed')).toMatchObject({
        reason: 'key_refused',
        message: 'OpenAI refused the key',
      });
    });

    it('a meeting whose process is replaced goes on under a new epoch', async () => {
      const { id } = await active();
      world.supervisor.state(id, 'recovering');
      await inState(id, 'recovering');
      await world.supervisor.restart(id);
      world.supervisor.state(id, 'active');
      expect(await inState(id, 'active')).toMatchObject({ epoch: 2 });
      const { json } = await world.api('GET', `/v1/bots/${id}/attempts`);
      expect((json as { data: { epoch: number }[] }).data.map(({ epoch }) => epoch)).toEqual([1, 2]);
    });

    it('lists page by page, and by what is asked', async () => {
      for (const meetingId of ['a', 'b', 'c', 'd', 'e']) await world.api('POST', '/v1/bots', { meetingId });
      const first = (await world.api('GET', '/v1/bots?limit=2')).json as { data: Bot[]; nextCursor: string };
      expect(first.data.map(({ meetingId }) => meetingId)).toEqual(['e', 'd']);
      const second = (await world.api('GET', `/v1/bots?limit=2&cursor=${first.nextCursor}`))
        .json as typeof first;
      const third = (await world.api('GET', `/v1/bots?limit=2&cursor=${second.nextCursor}`)).json as Partial<
        typeof first
      >;
      expect([...second.data, ...third.data!].map(({ meetingId }) => meetingId)).toEqual(['c', 'b', 'a']);
      expect(third.nextCursor).toBeUndefined();
      expect((await world.api('GET', '/v1/bots?meetingId=c')).json).toMatchObject({
        data: [{ meetingId: 'c' }],
      });
      expect((await world.api('GET', '/v1/bots?state=ended')).json).toEqual({ data: [] });
      const wrong = await world.api('GET', '/v1/bots?limit=0&state=nothing&cursor=%21&colour=red');
      expect((wrong.json as { errors: { path: string }[] }).errors.map(({ path }) => path).sort()).toEqual([
        'query.colour',
        'query.limit',
        'query.state[0]',
      ]);
      expect((await world.api('GET', '/v1/bots?cursor=bm90aGluZw')).status).toBe(422);
    });

    it('events stream to readers, who come back where they were', async () => {
      const { id } = await active();
      const stream = await follow(id);
      await until(
        () => stream.events.length,
        (count) => count === 1,
      );
      expect(stream.events[0]).toMatchObject({
        type: 'snapshot',
        id: '0-0',
        data: { bot: { id, state: 'active' } },
      });
      world.supervisor.happens(id, caption('s1', 'hola', 'hello', false));
      world.supervisor.happens(id, caption('s1', 'hola a todos', 'hello everyone'));
      await until(
        () => stream.events.length,
        (count) => count === 3,
      );
      expect(stream.events.map(({ id: at }) => at)).toEqual(['0-0', '1-1', '1-2']);
      await stream.stop();
      world.supervisor.happens(id, caption('s2', 'adiós', 'goodbye'));
      const back = await follow(id, { 'last-event-id': '1-2' });
      await until(
        () => back.events.length,
        (count) => count === 2,
      );
      expect(back.events[1]).toMatchObject({ id: '1-3', data: { translatedText: 'goodbye' } });
      world.supervisor.end(id, 'meeting_ended');
      await back.ended;
      expect(back.events.at(-1)).toMatchObject({
        type: 'bot',
        data: { state: 'ended', reason: 'meeting_ended' },
      });
      expect((await follow(id, { 'last-event-id': '1-3' })).status).toBe(204);
      const late = await follow(id);
      await late.ended;
      expect(late.events).toMatchObject([{ type: 'snapshot', data: { bot: { state: 'ended' } } }]);
      expect((await follow(id, { 'last-event-id': 'nonsense' })).status).toBe(422);
    });

    it('what was said is kept, read in several formats, found and erased', async () => {
      const { id } = await active();
      const { supervisor } = world;
      supervisor.happens(id, {
        type: 'started',
        time: new Date().toISOString(),
        meetingId: 'm',
        participantId: 'parley-1',
        name: 'Parley',
        place: 'p',
        interpreter: 'i',
      } as never);
      supervisor.happens(id, {
        type: 'joined',
        person: { id: 'ana', name: 'Ana', isBot: false, speaks: ['es'] },
      } as never);
      supervisor.happens(id, caption('s1', '¿Dónde está la estación?', 'Where is the station?'));
      supervisor.happens(id, caption('s2', '会议纪要将于下周一发布', 'Minutes come on Monday'));
      supervisor.happens(id, {
        type: 'status',
        levelsDbfs: {},
        latency: { turns: 1 },
        cost: { usd: 0.5, responses: 1, audioMs: 9, unpriced: 0 },
      } as never);
      supervisor.end(id, 'meeting_ended');
      await inState(id, 'ended');
      expect(supervisor.acknowledged.at(-1)).toEqual([id, 1, 5]);
      expect((await world.api('GET', `/v1/bots/${id}/people`)).json).toMatchObject({
        data: [{ id: 'ana', name: 'Ana', speaks: ['es'] }],
      });
      expect((await world.api('GET', `/v1/bots/${id}/captions?language=en`)).json).toMatchObject({
        data: [{ sourceText: '¿Dónde está la estación?', translatedText: 'Where is the station?' }, {}],
      });
      expect((await world.api('GET', `/v1/bots/${id}/cost`)).json).toMatchObject({ usd: 0.5 });
      for (const [format, type, text] of [
        ['txt', 'text/plain; charset=utf-8', 'Ana: Where is the station?'],
        ['md', 'text/markdown; charset=utf-8', 'Where is the station?'],
        ['srt', 'application/x-subrip; charset=utf-8', 'Where is the station?'],
        ['vtt', 'text/vtt; charset=utf-8', 'WEBVTT'],
      ] as const) {
        const { status, headers, json } = await world.api(
          'GET',
          `/v1/bots/${id}/transcript?format=${format}&language=en`,
        );
        expect([status, headers.get('content-type')]).toEqual([200, type]);
        expect(headers.get('content-disposition')).toBe(`attachment; filename="${id}-en.${format}"`);
        expect(json).toContain(text);
      }
      expect((await world.api('GET', `/v1/bots/${id}/transcript`)).json).toMatchObject({
        speeches: [{ speakerName: 'Ana' }, {}],
      });
      expect((await world.api('GET', `/v1/search?q=${encodeURIComponent('estacion')}`)).json).toMatchObject({
        data: [
          {
            in: 'transcripts',
            bot: id,
            by: 'Ana',
            quote: { text: expect.stringContaining('estación') as string },
          },
        ],
      });
      expect((await world.api('GET', `/v1/search?q=${encodeURIComponent('纪要')}`)).json).toMatchObject({
        data: [{ bot: id }],
      });
      const note = await world.api('POST', `/v1/bots/${id}/notes`, {
        text: 'Ask for the timetable',
        kind: 'action',
      });
      expect(note.status).toBe(201);
      const { id: noteId } = note.json as { id: string };
      expect(
        (await world.api('PATCH', `/v1/notes/${noteId}`, { text: 'Ask for the map' })).json,
      ).toMatchObject({
        text: 'Ask for the map',
        kind: 'action',
      });
      expect((await world.api('GET', '/v1/search?q=map&in=notes')).json).toMatchObject({
        data: [{ note: noteId }],
      });
      expect((await world.api('POST', `/v1/bots/${id}/erase`)).status).toBe(204);
      expect((await world.api('GET', '/v1/search?q=estacion')).json).toEqual({ data: [] });
      expect((await world.api('GET', `/v1/bots/${id}/transcript`)).json).toMatchObject({
        code: 'erased',
        status: 410,
      });
      expect((await world.api('DELETE', `/v1/notes/${noteId}`)).status).toBe(404);
      expect(await bot(id)).toMatchObject({ state: 'ended', erasedAt: expect.any(String) as string });
    });

    it('with record: false nothing that was said is kept', async () => {
      const { id } = await active('private', { record: false });
      expect(world.supervisor.started[0]).toMatchObject({ recorded: false });
      world.supervisor.happens(id, caption('s1', 'secreto', 'secret'));
      world.supervisor.end(id, 'meeting_ended');
      await inState(id, 'ended');
      expect((await world.api('GET', `/v1/bots/${id}/captions`)).json).toEqual({ data: [] });
    });
  }),
);
