import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ParleyError } from '../../../src/errors.js';
import { FastinoProfiles } from '../../../src/profiles/fastino/fastino-profiles.js';
import { ProfileCopies } from '../../../src/profiles/fastino/profile-copies.js';
import { KEY, NOT_FOUND, NOT_GIVEN_UP, ScriptedService, summaryOf, type Answer } from './service.js';

const DAY_MS = 86_400_000;
const DOWN: Answer = { status: 503 };
const ANA = summaryOf('usr_1', 'Ana builds bridges.');

let home: string;
let folder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'profiles-'));
  folder = join(home, 'cache', 'profiles');
});
afterEach(() => rm(home, { recursive: true }));

function open(...answers: Answer[]) {
  const service = new ScriptedService(...answers);
  const of = (apiKey = KEY): FastinoProfiles =>
    new FastinoProfiles({
      client: service.client({ apiKey }),
      copies: new ProfileCopies({ folder, apiKey, service: 'Fastino at api.fastino.ai' }),
      clock: service.clock,
      onNotice: (message) => service.notices.push(message),
    });
  const profiles = of();
  const ask = (userId = 'usr_1', source = profiles) => service.settle(source.profileOf(userId, NOT_GIVEN_UP));
  return { service, profiles, ask, of };
}

describe('profiles from Fastino', () => {
  it('come once a day', async () => {
    const { service, ask } = open(ANA, summaryOf('usr_1', 'Ana builds tunnels.'));
    expect(await ask()).toEqual({
      userId: 'usr_1',
      summary: 'Ana builds bridges.',
      terms: [],
      fetchedAtMs: service.clock.epochMs(),
    });
    expect(service.requests[0]!.url.search).toBe('?user_id=usr_1&max_chars=400&purpose=conversation');
    service.clock.advanceBy(DAY_MS - 1);
    expect((await ask())?.summary).toBe('Ana builds bridges.');
    expect(service.requests).toHaveLength(1);
    service.clock.advanceBy(1);
    expect((await ask())?.summary).toBe('Ana builds tunnels.');
    expect(service.requests).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['is down', DOWN],
    ['is unreachable', { broken: 'ENOTFOUND' }],
    ['never answers', 'never'],
    ['talks garbage', { status: 200, body: '<html>' }],
    ['takes no more', { status: 429, headers: { 'retry-after': '3600' } }],
  ])('are copies of a day ago when it %s', async (_, trouble) => {
    const { service, ask } = open(ANA, trouble);
    const profile = await ask();
    service.clock.advanceBy(2 * DAY_MS);
    expect(await ask()).toEqual(profile);
    expect(service.notices.at(-1)).toMatch(/; a copy of 2 days ago is used$/);
    service.clock.advanceBy(30 * DAY_MS);
    await expect(ask()).rejects.toThrow(/^Fastino at api.fastino.ai /);
    expect(await readdir(folder)).toEqual([]); // not kept any longer
  });

  it('are no copies when the key is refused, or another one is used', async () => {
    const { service, ask, of } = open(ANA, { status: 401 });
    await ask();
    expect(await ask('usr_1', of())).toMatchObject({ summary: 'Ana builds bridges.' }); // today's, by the same key
    await expect(ask('usr_1', of('pio_sk_another'))).rejects.toMatchObject({ code: 'key_refused' });
    service.clock.advanceBy(2 * DAY_MS);
    await expect(ask()).rejects.toMatchObject({ code: 'key_refused' });
  });

  it('are forgotten with the user', async () => {
    const { service, ask } = open(ANA, NOT_FOUND);
    await ask();
    service.clock.advanceBy(2 * DAY_MS);
    expect(await ask()).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
    expect(service.notices).toEqual([]);
  });

  it('are used without a copy where none can be kept', async () => {
    await mkdir(join(home, 'cache'));
    await writeFile(folder, 'a file where the folder should be');
    const { service, ask } = open(ANA);
    expect((await ask())?.summary).toBe('Ana builds bridges.');
    expect((await ask())?.summary).toBe('Ana builds bridges.');
    expect(service.notices).toEqual([expect.stringMatching(/^no copy of a profile can be kept: /)]);
  });
});

describe('a copy', () => {
  const onlyFile = async (): Promise<string> => {
    const names = await readdir(folder);
    expect(names).toHaveLength(1);
    return join(folder, names[0]!);
  };

  it('is its owner’s alone, and its name tells nothing', async () => {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    await open(summaryOf('../../usr_1', 'Ana.')).ask('../../usr_1');
    const path = await onlyFile();
    expect(path).toMatch(/[\da-f]{64}\.json$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readFile(path, 'utf8')).not.toContain(KEY);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, 20)],
    ['somebody else’s', (text: string) => text.replace('usr_1', 'usr_2')],
    ['of another version', (text: string) => text.replace('"v":1', '"v":2')],
    ['without a time', (text: string) => text.replace(/"fetchedAtMs":\d+/, '"fetchedAtMs":null')],
    ['empty', () => ''],
    ['not JSON', () => 'hello'],
  ])('that is %s is fetched anew', async (_, spoil) => {
    const { service, ask } = open(ANA, summaryOf('usr_1', 'Ana builds tunnels.'));
    await ask();
    const path = await onlyFile();
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    expect((await ask())?.summary).toBe('Ana builds tunnels.');
    expect(service.requests).toHaveLength(2);
  });

  it('from the future, by a clock that was wrong, is fetched anew', async () => {
    const { service, ask } = open(ANA);
    await ask();
    const path = await onlyFile();
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/\d{13}/, String(service.clock.epochMs() + DAY_MS)));
    await ask();
    expect(service.requests).toHaveLength(2);
  });

  it('goes when there are a thousand newer ones', async () => {
    await mkdir(folder, { recursive: true });
    for (let n = 0; n < 1_001; n++) {
      const path = join(folder, `${n}.json`);
      await writeFile(path, '{}');
      await utimes(path, n, n);
    }
    await open(ANA).ask();
    const names = await readdir(folder);
    expect(names).toHaveLength(1_000);
    expect(names).not.toContain('0.json');
    expect(names).not.toContain('1.json');
    expect(names).toContain('2.json');
  });
});

describe('chunks', () => {
  const query = { recentTexts: ['Hola', 'El puente'], excludeIds: ['mem_1'], maxChunks: 2 };

  it('are asked for by what was said, without those that were used', async () => {
    const chunks = ['mem_1', 'mem_2', 'mem_3', 'mem_4'].map((id) => ({ id, text: `about ${id}` }));
    const { service, profiles } = open({ status: 200, body: { chunks } });
    expect(await service.settle(profiles.chunks('usr_1', query, NOT_GIVEN_UP))).toEqual([
      { id: 'mem_2', text: 'about mem_2' },
      { id: 'mem_3', text: 'about mem_3' },
    ]);
    expect(service.requests[0]!.body).toEqual({
      user_id: 'usr_1',
      history: [
        { role: 'user', content: 'Hola' },
        { role: 'user', content: 'El puente' },
      ],
      k: 2,
      max_context_turns: 2,
      similarity_threshold: 0.25,
      exclude_chunk_ids: ['mem_1'],
    });
  });

  it('of nobody are none', async () => {
    const { service, profiles } = open(NOT_FOUND);
    expect(await service.settle(profiles.chunks('usr_1', query, NOT_GIVEN_UP))).toEqual([]);
  });
});

describe('learning', () => {
  const said = Array.from({ length: 250 }, (_, n) => ({ text: `turn ${n}`, saidAtMs: n * 1_000 }));
  const SAVED: Answer = { status: 200, body: { saved: { documents: 0, message_history: 100 } } };

  it('sends one’s own words in pieces, without doubles, again where that can help', async () => {
    const { service, profiles } = open(SAVED, DOWN, SAVED);
    await service.settle(profiles.ingest('usr_1', said, NOT_GIVEN_UP));
    type Body = { message_history: { role: string; content: string; timestamp: string }[] };
    const bodies = service.requests.map(({ body }) => body as Body);
    expect(bodies.map((body) => body.message_history.length)).toEqual([100, 100, 100, 50]);
    expect(bodies[0]).toEqual({
      user_id: 'usr_1',
      source: 'parley',
      message_history: bodies[0]!.message_history,
      options: { dedupe: true },
    });
    expect(bodies[0]!.message_history[1]).toEqual({
      role: 'user',
      content: 'turn 1',
      timestamp: '1970-01-01T00:00:01.000Z',
    });
    expect(bodies[2]).toEqual(bodies[1]); // the piece that failed
  });

  it('stops at a failure', async () => {
    const { service, profiles } = open(SAVED, DOWN);
    const error: unknown = await service
      .settle(profiles.ingest('usr_1', said, NOT_GIVEN_UP))
      .catch((reason: unknown) => reason);
    expect((error as ParleyError).code).toBe('service_unavailable');
    expect(service.requests).toHaveLength(4);
  });
});
