/** The agent of a running meeting by the API: asked, let do what waits for a yes, hushed; and who said so. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ParleyError } from '../../src/errors.js';
import { findBotById } from '../../src/records/store/bots.js';
import { hostWordOf } from '../../src/service/meetings/bot-life.js';
import { describeDatabase } from '../database/test-databases.js';
import { type Answer, type ServiceWorld, serviceWorld, until } from './service-world.js';

let world: ServiceWorld;

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open());
  });
  afterAll(() => world.close());

  const invited = async (meetingId: string): Promise<string> => {
    const { json } = await world.api('POST', '/v1/bots', { meetingId, agent: 'addressed' });
    const { id } = json as { id: string };
    await until(
      () => world.supervisor.status(id),
      (status) => status !== undefined,
    );
    for (const state of ['joining', 'active'] as const) world.supervisor.state(id, state);
    await until(
      async () => ((await world.api('GET', `/v1/bots/${id}`)).json as { state: string }).state,
      (state) => state === 'active',
    );
    return id;
  };
  const call = (id: string, what: string, more: object = {}): void =>
    world.supervisor.happens(id, {
      ...{ type: 'tool', what, callId: 'call_1', tool: 'send_mail', arguments: '{"to":"ben"}' },
      ...{ level: 'confirm', askedBy: 'ana', atMs: 4_200, ...more },
    } as never);
  const approvals = async (id: string): Promise<unknown> =>
    (await world.api('GET', `/v1/bots/${id}/agent/approvals`)).json;
  const keyWith = async (
    scopes: string[],
  ): Promise<(method: string, path: string, body?: unknown) => Promise<Answer>> => {
    const { json } = await world.api('POST', '/v1/keys', { name: 'k', scopes });
    const { key } = json as { key: string };
    return (method, path, body) => world.api(method, path, body, { authorization: `Bearer ${key}` });
  };

  it('is asked in the name of the host or of somebody there, and answers in time, or later by an event', async () => {
    const id = await invited('asks');
    const { answer } = world.supervisor;
    world.supervisor.answer = () => ({
      askId: 'ask-1',
      outcome: 'answered',
      text: 'At nine.',
      language: 'en',
    });
    const asked = await world.api('POST', `/v1/bots/${id}/agent/ask`, {
      text: 'When do we start?',
      from: 'ana',
      language: 'English',
    });
    expect(asked).toMatchObject({
      status: 200,
      json: { state: 'answered', askId: 'ask-1', text: 'At nine.', language: 'en' },
    });
    expect(world.supervisor.commands.at(-1)).toEqual([
      id,
      { kind: 'ask', text: 'When do we start?', from: 'ana', language: 'English' },
    ]);
    world.supervisor.answer = () => ({ askId: 'ask-2', outcome: 'passed', text: '', language: 'en' });
    expect((await world.api('POST', `/v1/bots/${id}/agent/ask`, { text: 'Hm.' })).json).toEqual({
      ...{ state: 'passed', askId: 'ask-2', language: 'en' },
    });
    world.supervisor.answer = () => new Promise(() => undefined);
    expect(
      await world.api('POST', `/v1/bots/${id}/agent/ask`, { text: 'And then?', waitS: 0.05 }),
    ).toMatchObject({
      status: 200,
      json: { state: 'waiting' },
    });
    world.supervisor.answer = () =>
      Promise.reject(new ParleyError('usage', 'the agent is off in this meeting'));
    expect(await world.api('POST', `/v1/bots/${id}/agent/ask`, { text: 'Hello?' })).toMatchObject({
      status: 422,
      json: { detail: 'the agent is off in this meeting' },
    });
    world.supervisor.answer = answer;
    for (const body of [{ text: ' ' }, { text: 'a', language: 'klingonese' }, { text: 'a', waitS: 46 }])
      expect((await world.api('POST', `/v1/bots/${id}/agent/ask`, body)).status).toBe(422);
  });

  it('takes messages: answered at once, or kept for what is asked later, by whichever process has the meeting then', async () => {
    const id = await invited('messages');
    const path = `/v1/bots/${id}/messages`;
    const { answer } = world.supervisor;
    const content = [
      { type: 'input_text', text: 'The order is 4711.' },
      { type: 'input_text', text: 'Where is it?' },
    ];
    world.supervisor.answer = () => ({
      askId: 'ask-1',
      outcome: 'answered',
      text: 'In Ulm.',
      language: 'en',
    });
    expect(await world.api('POST', path, { content, from: 'ana', waitS: 20 })).toMatchObject({
      status: 202,
      json: { state: 'answered', askId: 'ask-1', text: 'In Ulm.', language: 'en' },
    });
    expect(world.supervisor.commands.at(-1)).toEqual([
      id,
      { kind: 'ask', text: 'The order is 4711.\nWhere is it?', from: 'ana' },
    ]);
    world.supervisor.answer = () => new Promise(() => undefined);
    expect((await world.api('POST', path, { content })).json).toEqual({ state: 'waiting' });

    world.supervisor.answer = () => ({ told: ['The order is 4711.'] });
    const told = await world.api('POST', path, { content: content.slice(0, 1), respond: false });
    expect(told).toMatchObject({ status: 202, json: { state: 'kept' } });
    expect(world.supervisor.commands.at(-1)).toEqual([id, { kind: 'inform', text: 'The order is 4711.' }]);
    const row = await findBotById(world.database.orm, id);
    expect(hostWordOf(row!)).toEqual({ told: ['The order is 4711.'] });
    world.supervisor.answer = answer;
    for (const body of [
      {},
      { content: [] },
      { content: 'Hello' },
      { content: [{ type: 'input_audio', audio: 'AAAA' }] },
      {
        content: [
          { type: 'input_text', text: 'a'.repeat(2_500) },
          { type: 'input_text', text: 'a'.repeat(2_500) },
        ],
      },
    ])
      expect((await world.api('POST', path, body)).status).toBe(422);
    const reader = await keyWith(['bots:read', 'bots:write']);
    expect((await reader('POST', path, { content })).status).toBe(403);
  });

  it('what waits for a yes is shown until somebody says so; who did is told to the meeting and stands in the audit', async () => {
    const id = await invited('approves');
    expect(await approvals(id)).toEqual({ data: [] });
    call(id, 'called');
    call(id, 'asking');
    const waiting = {
      ...{ callId: 'call_1', tool: 'send_mail', arguments: '{"to":"ben"}', level: 'confirm' },
      ...{ askedBy: 'ana', atMs: 4_200 },
    };
    expect(await approvals(id)).toEqual({ data: [waiting] });
    expect((await world.api('GET', `/v1/bots/${id}`)).json).toMatchObject({ live: { approvals: [waiting] } });

    const viewer = await keyWith(['bots:read', 'bots:write']);
    const path = `/v1/bots/${id}/agent/approvals/call_1`;
    expect((await viewer('POST', path, { approve: true })).status).toBe(403);
    const { answer } = world.supervisor;
    world.supervisor.answer = () => ({ waited: true });
    const host = await keyWith(['agent:write']);
    expect((await host('POST', path, { approve: true, remember: true })).status).toBe(204);
    const [, command] = world.supervisor.commands.at(-1)!;
    const { by } = command as { by: string };
    expect(command).toEqual({ kind: 'approve', callId: 'call_1', yes: true, remember: true, by });
    expect(by).toMatch(/^key:/);
    call(id, 'approved', { decidedBy: by });
    expect(await approvals(id)).toEqual({ data: [] });
    const audit = (await world.api('GET', '/v1/audit')).json as { data: object[] };
    expect(audit.data[0]).toMatchObject({
      ...{ action: 'agent.approve', target: id, actorKind: 'key', actorId: by.slice(4) },
      detail: { callId: 'call_1', tool: 'send_mail', remember: true },
    });
    world.supervisor.answer = () => ({ waited: false });
    expect(await host('POST', path, { approve: false })).toMatchObject({
      status: 409,
      json: { code: 'conflict', reason: 'not_waiting' },
    });
    world.supervisor.answer = answer;
  });

  it('what it called is listed page by page, and is lost where its process ended before it was over', async () => {
    const id = await invited('calls');
    call(id, 'called', { tool: 'find_room', level: 'read', callId: 'call_0', arguments: '{}' });
    call(id, 'over', {
      tool: 'find_room',
      callId: 'call_0',
      outcome: 'done',
      result: 'Room 7',
      durationMs: 40,
    });
    call(id, 'called');
    call(id, 'asking');
    const listed = async (query = ''): Promise<{ data: { state: string }[]; nextCursor?: string }> =>
      (await world.api('GET', `/v1/bots/${id}/tool-calls${query}`)).json;
    const { data } = await until(listed, (page) => page.data.at(-1)?.state === 'asking');
    const at = expect.stringMatching(/^2\d{3}-.*Z$/) as string;
    expect(data).toEqual([
      {
        ...{ callId: 'call_0', tool: 'find_room', level: 'read', askedBy: 'ana', arguments: '{}' },
        ...{ result: 'Room 7', state: 'done', durationMs: 40, wasLate: false, at },
      },
      {
        ...{ callId: 'call_1', tool: 'send_mail', level: 'confirm', askedBy: 'ana' },
        ...{ arguments: '{"to":"ben"}', state: 'asking', wasLate: false, at },
      },
    ]);
    const first = await listed('?limit=1');
    expect(first.data).toEqual(data.slice(0, 1));
    expect(await listed(`?limit=1&cursor=${first.nextCursor!}`)).toEqual({ data: data.slice(1) });
    const host = await keyWith(['bots:read', 'agent:write']);
    expect((await host('GET', `/v1/bots/${id}/tool-calls`)).status).toBe(403);
    world.supervisor.end(id, 'meeting_ended');
    await until(listed, (page) => page.data.at(-1)?.state === 'lost');
    expect((await world.api('POST', `/v1/bots/${id}/erase`)).status).toBe(204);
    expect(await listed()).toEqual({ data: [] });
  });

  it('where nothing that is said is kept, what it called stands there without the words, and hooks hear of it', async () => {
    await world.api('POST', '/v1/webhooks', { url: 'http://127.0.0.1:1/' });
    const { json } = await world.api('POST', '/v1/bots', {
      meetingId: 'quiet',
      agent: 'silent',
      record: false,
    });
    const { id } = json as { id: string };
    await until(
      () => world.supervisor.status(id),
      (status) => status !== undefined,
    );
    call(id, 'called', { callId: 'call_0', tool: 'whisper', level: undefined });
    call(id, 'called');
    call(id, 'asking');
    call(id, 'denied', { decidedBy: 'ana' });
    call(id, 'over', { outcome: 'denied', result: 'ana said so' });
    const { data } = await until(
      async () => (await world.api('GET', `/v1/bots/${id}/tool-calls`)).json as { data: { state: string }[] },
      (page) => page.data.at(-1)?.state === 'denied',
    );
    expect(data).toMatchObject([
      { callId: 'call_0', tool: '', arguments: '' },
      { callId: 'call_1', tool: 'send_mail', level: 'confirm', arguments: '', state: 'denied' },
    ]);
    expect(JSON.stringify(data)).not.toMatch(/ana|ben|whisper/);
    const [told] = await world.database.query<{ body: object }>(
      `select body from outbox where bot_id = '${id}' and type = 'tool.approval_needed'`,
    );
    expect(told?.body).toMatchObject({
      data: { call: { callId: 'call_1', tool: 'send_mail', arguments: '' } },
    });
  });

  it('falls silent; and there is nobody to ask once the meeting is over', async () => {
    const id = await invited('hushes');
    expect((await world.api('POST', `/v1/bots/${id}/agent/hush`)).status).toBe(204);
    expect(world.supervisor.commands.at(-1)).toEqual([id, { kind: 'hush' }]);
    call(id, 'asking');
    world.supervisor.end(id, 'meeting_ended');
    await until(
      async () => ((await world.api('GET', `/v1/bots/${id}`)).json as { state: string }).state,
      (state) => state === 'ended',
    );
    expect(await approvals(id)).toEqual({ data: [] });
    for (const [path, body] of [
      ['ask', { text: 'Hello?' }],
      ['hush', undefined],
      ['../messages', { content: [{ type: 'input_text', text: 'a' }], respond: false }],
      ['approvals/call_1', { approve: true }],
    ] as const)
      expect(await world.api('POST', `/v1/bots/${id}/agent/${path}`, body)).toMatchObject({
        status: 409,
        json: { reason: 'bot_not_in_meeting' },
      });
  });
});
