/** What the meeting page asks for beside tokens: where to start, languages, sample phrases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchRoom, type HttpAnswer, postJson, SignallingClient, startTestRoom } from '../harness.js';

let room: Awaited<ReturnType<typeof startTestRoom>>;
beforeAll(async () => {
  room = await startTestRoom();
});
afterAll(() => room.close());

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const json = (answer: HttpAnswer) => JSON.parse(answer.text) as Record<string, unknown>;

describe('a browser', () => {
  it.each([
    ['/', 200],
    ['/test-room', 200],
    ['/no-such-meeting', 404],
    ['/no-such-meeting/token', 404],
    ['/v2/rooms', 404],
  ])('gets the page at %s, with its security policy', async (path, status) => {
    const answer = await fetchRoom(room, path, { headers: BROWSER });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/^<!doctype html>/);
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
  });

  it('gets no page in place of a file', async () => {
    const answer = await fetchRoom(room, '/assets/nothing.js', { headers: BROWSER });
    expect(answer.status).toBe(404);
    expect(json(answer)['error']).toEqual(expect.any(String));
  });
});

it('a program gets text and JSON', async () => {
  expect((await fetchRoom(room, '/')).headers['content-type']).toMatch(/^text\/plain/);
  for (const path of ['/no-such-meeting', '/no-such-meeting/token', '/v2/rooms']) {
    const none = await fetchRoom(room, path);
    expect([none.status, json(none)['code']]).toEqual([404, 404]);
  }
});

describe('a new meeting', () => {
  const make = (headers: Record<string, string>) => postJson(room, '/new', {}, headers);

  it('is made for the page', async () => {
    const made = await make({ origin: room.origin });
    expect(made.status).toBe(200);
    const id = json(made)['meetingId'] as string;
    expect(id).toMatch(/^\w{4}-\w{4}-\w{4}$/);
    expect((await fetchRoom(room, `/${id}`)).status).toBe(200);
  });

  it.each<Record<string, string>>([
    {},
    { origin: 'https://evil.example' },
    { origin: '', 'sec-fetch-site': 'cross-site' },
  ])('is made for nobody else: %j', async (headers) => {
    expect((await make(headers)).status).toBe(403);
  });

  it('cannot be made without end', async () => {
    const statuses = new Set<number>();
    for (let count = 0; count < 205; count++) statuses.add((await make({ origin: room.origin })).status);
    expect([...statuses]).toEqual([200, 400]);
    room.createRoom('one-more'); // other rooms can be made all the same
  });
});

describe('languages', () => {
  const languages = async () => json(await fetchRoom(room, '/test-room/languages'))['languages'];

  it('of a meeting are those of its interpreter, then those of its people; what is none is left out', async () => {
    expect(await languages()).toEqual([]);
    const people = ['Portuguese (Brazil)', 'es', '<b>x</b>', 7].map(
      (preferredLanguage, index) =>
        [new SignallingClient(room, `guest-${index}`), { preferredLanguage }] as const,
    );
    for (const [client, metaData] of people) await client.join({ metaData });
    expect(await languages()).toEqual(['pt-BR', 'es']);
    const impostor = new SignallingClient(room, 'guest-9');
    await impostor.join({ metaData: { parley: { languages: ['fr'] } } });
    expect(await languages()).toEqual(['pt-BR', 'es']);
    const bot = new SignallingClient(room, 'parley-1');
    await bot.join({ metaData: { parley: { languages: ['en', 'es', 'nonsense'] } } });
    expect(await languages()).toEqual(['en', 'es', 'pt-BR']);
    for (const client of [bot, impostor, ...people.map(([each]) => each)]) client.close();
  });

  it('to choose from have every name by which they may be looked for', async () => {
    const catalogue = json(await fetchRoom(room, '/assets/catalogue.json')) as {
      texts: string[];
      languages: { tag: string; name: string; names: string[] }[];
    };
    expect(catalogue.texts.length).toBeGreaterThanOrEqual(12);
    const german = catalogue.languages.find(({ tag }) => tag === 'de');
    expect(german?.name).toBe('Deutsch');
    expect(german?.names).toEqual(expect.arrayContaining(['German', 'alemán', 'allemand', 'ドイツ語']));
    const texts = json(await fetchRoom(room, '/assets/texts-es.json'));
    expect(texts['join.button']).toBe('Entrar en la reunión');
  });
});

describe('sample phrases', () => {
  it('are recordings of the phrasebook', async () => {
    const answer = await fetchRoom(room, '/phrases/es/where-is-the-station');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'audio/wav']);
    expect(answer.text).toMatch(/^RIFF/);
  });

  it.each([
    '/phrases/es/none',
    '/phrases/xx/where-is-the-station',
    '/phrases/__proto__/toString',
    '/phrases/es/..%2f..',
  ])('are nothing else: %s', async (path) => {
    expect((await fetchRoom(room, path)).status).toBe(404);
  });
});
