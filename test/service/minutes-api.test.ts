/** Notes of the agent and minutes of a meeting in the service: kept, made when it is over, told by webhook, read by the API. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { outbox } from '../../src/database/schema.js';
import { describeDatabase } from '../database/test-databases.js';
import { PlayedMeetings } from './played-meeting.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

let world: ServiceWorld;
let meetings: PlayedMeetings;
/** What the text model answers; undefined: it fails. */
let answer: object | undefined;

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open(), {
      openAi: {
        apiKey: 'sk-test',
        fetch: () => Promise.resolve(answer ? Response.json(answer) : new Response('', { status: 500 })),
      },
    });
    meetings = new PlayedMeetings(world);
  });
  afterAll(() => world.close());

  const noted = (id: string, note: object): void =>
    world.supervisor.happens(id, {
      type: 'note',
      what: 'taken',
      kind: 'note',
      noteAtMs: 5_000,
      ...note,
    } as never);
  const over = async (id: string): Promise<void> => {
    world.supervisor.end(id, 'meeting_ended');
    await until(
      async () => ((await world.api('GET', `/v1/bots/${id}`)).json as { state: string }).state,
      (state) => state === 'ended',
    );
  };
  const minutesOf = async (id: string): Promise<{ language: string }[]> =>
    ((await world.api('GET', `/v1/bots/${id}/minutes`)).json as { data: { language: string }[] }).data;

  it('minutes come by themselves where they were asked for, without the words of those who do not agree', async () => {
    const { id } = await meetings.invited('weekly', { minutes: true });
    meetings.joined(id, 'ana');
    meetings.joined(id, 'cyd', { agent: false });
    meetings.joined(id, 'dan', { prefers: 'de' });
    meetings.said(id, 1, 'ana', 'We decided to ship on Friday.');
    meetings.said(id, 2, 'cyd', 'We decided that my salary doubles.');
    noted(id, {
      id: `note_${'a'.repeat(32)}`,
      kind: 'action',
      text: 'Book the room.',
      who: 'Ana',
      due: 'Monday',
      turnId: 't1',
    });
    noted(id, { id: `note_${'b'.repeat(32)}`, text: 'wrong' });
    noted(id, { id: `note_${'b'.repeat(32)}`, text: 'Ten people are coming.', what: 'changed' });
    noted(id, { id: `note_${'c'.repeat(32)}`, text: 'gone' });
    noted(id, { id: `note_${'c'.repeat(32)}`, text: 'gone', what: 'removed' });
    expect((await world.api('POST', `/v1/bots/${id}/minutes`, {})).status).toBe(409);
    await over(id);

    const notes = (await world.api('GET', `/v1/bots/${id}/notes`)).json as { data: object[] };
    expect(notes.data).toMatchObject([
      {
        kind: 'action',
        text: 'Book the room.',
        who: 'Ana',
        due: 'Monday',
        by: 'agent',
        at: '2026-03-02T10:00:05.000Z',
      },
      { kind: 'note', text: 'Ten people are coming.', by: 'agent' },
    ]);
    const found = (await world.api('GET', '/v1/search?q=ana%20monday&in=notes')).json as { data: object[] };
    expect(found.data).toMatchObject([{ note: `note_${'a'.repeat(32)}` }]);

    const all = await until(
      () => minutesOf(id),
      ({ length }) => length > 0,
    );
    // What was translated into, and what whoever only listened reads.
    expect(all.map(({ language }) => language)).toEqual(['de', 'en', 'es']);
    const minutes = all.at(-1);
    const place = {
      segment: '1.s1',
      speaker: 'ANA',
      atMs: 30_000,
      text: '(es) We decided to ship on Friday.',
    };
    expect(minutes).toMatchObject({
      ...{ v: 1, language: 'es', madeBy: 'extract', meetingId: 'weekly', leftOut: 0 },
      decisions: [{ text: place.text, places: [place] }],
      tasks: [{ text: 'Book the room.', who: 'Ana', due: 'Monday', places: [place] }],
      notes: [{ text: 'Ten people are coming.' }],
      people: [
        { name: 'ANA', spokeMs: 2_000 },
        { name: 'DAN', spokeMs: 0 },
      ],
    });
    expect(JSON.stringify(minutes)).not.toMatch(/salary|CYD/);
    const told = (await world.database.orm.select().from(outbox))
      .filter(({ botId }) => botId === id)
      .map(({ type, body }) => [type, body['data']]);
    expect(told.filter(([type]) => type === 'minutes.ready')).toMatchObject([
      [
        'minutes.ready',
        { bot: { id, meetingId: 'weekly' }, minutes: { languages: ['es', 'en', 'de'], madeBy: 'extract' } },
      ],
    ]);
    expect(told.filter(([type]) => type === 'note.created').length).toBe(3);

    const markdown = await world.api('GET', `/v1/bots/${id}/minutes?format=md&language=es`);
    expect(markdown.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(markdown.json).toContain('# Acta: weekly');
    expect((await world.api('GET', `/v1/bots/${id}/minutes?format=md&language=fr`)).status).toBe(404);
  });

  it('what a text model uses counts as the meeting’s, and once its budget is spent it is asked no more', async () => {
    const { id } = await meetings.invited('costly', { budgetUsd: 0.01 });
    meetings.joined(id, 'ana', { prefers: 'es' });
    meetings.joined(id, 'bob', { prefers: 'fr' });
    meetings.said(id, 1, 'ana', 'We decided to ship on Friday.');
    await over(id);
    const findings = {
      ...{ decisions: [{ text: 'Friday', lines: [1] }], tasks: [], questions: [] },
    };
    answer = {
      status: 'completed',
      usage: { input_tokens: 8_000, input_tokens_details: { cached_tokens: 0 }, output_tokens: 0 },
      output: [{ type: 'message', content: [{ type: 'output_text', text: JSON.stringify(findings) }] }],
    };
    const { json } = await world.api('POST', `/v1/bots/${id}/minutes`, {});
    answer = undefined;
    // Two answers of $0.006 each: the parts, and Spanish.
    expect((json as { data: object[] }).data).toMatchObject([
      { language: 'es', madeBy: 'gpt-5.4-mini', decisions: [{ text: 'Friday' }] },
      { language: 'fr', madeBy: 'extract' },
    ]);
    const cost = (await world.api('GET', `/v1/bots/${id}/cost`)).json as { data: object[] };
    expect(cost.data).toEqual([{ model: 'gpt-5.4-mini', kind: 'minutes_tokens', units: 16_000, usd: 0.012 }]);
    expect((await world.api('POST', `/v1/bots/${id}/minutes`, { languages: ['es'] })).json).toMatchObject({
      data: [{ language: 'es', madeBy: 'extract' }],
    });
  });

  it('and when they are asked for; an erased meeting has none any more', async () => {
    const { id } = await meetings.invited('asked');
    meetings.joined(id, 'ana');
    meetings.said(id, 1, 'ana', 'Who pays for the venue?');
    await over(id);
    expect(await minutesOf(id)).toEqual([]);
    const made = await world.api('POST', `/v1/bots/${id}/minutes`, { languages: ['English', 'es'] });
    expect(made).toMatchObject({
      status: 200,
      json: {
        data: [{ language: 'en', questions: [{ text: 'Who pays for the venue?' }] }, { language: 'es' }],
      },
    });
    expect((await minutesOf(id)).map(({ language }) => language)).toEqual(['en', 'es']);
    await world.api('POST', `/v1/bots/${id}/erase`, {});
    expect((await world.api('GET', `/v1/bots/${id}/minutes`)).status).toBe(410);
    expect((await world.api('POST', `/v1/bots/${id}/minutes`, {})).status).toBe(410);
  });
});
