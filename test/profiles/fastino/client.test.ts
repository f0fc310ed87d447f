import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { FastinoClient } from '../../../src/profiles/fastino/client.js';
import { KEY, NOT_FOUND, NOT_GIVEN_UP, ScriptedService, SUMMARY, summaryOf, turns } from './service.js';

const OK = summaryOf('usr_1', 'Ana builds bridges.');
const UNAVAILABLE = { status: 503, body: 'upstream is down' };

/** What a call ended with: its answer, or the error's code and message. */
async function endOf(service: ScriptedService, promise: Promise<unknown>): Promise<unknown> {
  try {
    return await service.settle(promise);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}
const summaryEnd = (service: ScriptedService, client = service.client()) =>
  endOf(service, client.summary(SUMMARY, NOT_GIVEN_UP));

describe('the five calls', () => {
  it('GET /summary', async () => {
    const service = new ScriptedService(OK);
    const answer = await service.settle(service.client().summary(SUMMARY, NOT_GIVEN_UP));
    expect(answer).toMatchObject({ user_id: 'usr_1', summary: 'Ana builds bridges.' });
    const [{ method, url, headers, body }] = service.requests as [(typeof service.requests)[0]];
    expect(method).toBe('GET');
    expect(url.href).toBe('https://api.fastino.ai/summary?user_id=usr_1&max_chars=400&purpose=conversation');
    expect(headers.get('x-api-key')).toBe(KEY);
    expect(headers.has('authorization')).toBe(false);
    expect(body).toBeUndefined();
  });

  it('an id is data in the address', async () => {
    const service = new ScriptedService(summaryOf('a&purpose=x#/../', ''));
    await service.settle(service.client().summary({ ...SUMMARY, user_id: 'a&purpose=x#/../' }, NOT_GIVEN_UP));
    expect(service.requests[0]!.url.searchParams.get('user_id')).toBe('a&purpose=x#/../');
    expect(service.requests[0]!.url.pathname).toBe('/summary');
  });

  it('POST /chunks, in both shapes of the answer', async () => {
    const service = new ScriptedService(
      { status: 200, body: { chunks: [{ id: 'mem_1', text: 'Likes sushi', score: 0.8, source: 'memory' }] } },
      {
        status: 200,
        body: {
          results: [
            { excerpt: 'Likes tea', score: 0.7 },
            { id: 'x', excerpt: 'Sails' },
          ],
        },
      },
    );
    const client = service.client();
    const request = { user_id: 'usr_1', history: [{ role: 'user' as const, content: 'Hello' }], k: 3 };
    expect(await service.settle(client.chunks(request, NOT_GIVEN_UP))).toEqual([
      { id: 'mem_1', text: 'Likes sushi' },
    ]);
    expect(await service.settle(client.chunks(request, NOT_GIVEN_UP))).toEqual([
      { id: expect.stringMatching(/^[\da-f]{32}$/) as string, text: 'Likes tea' },
      { id: 'x', text: 'Sails' },
    ]);
    expect(service.requests[0]).toMatchObject({ method: 'POST', body: request });
    expect(service.requests[0]!.headers.get('content-type')).toBe('application/json');
  });

  it('POST /register, /ingest and /query', async () => {
    const service = new ScriptedService(
      { status: 200, body: { user_id: 'usr_9', created_at: '2025-11-11T16:05:00Z', status: 'active' } },
      { status: 200, body: { saved: { documents: 0, message_history: 1 }, skipped: [] } },
      { status: 200, body: { user_id: 'usr_9', question: 'Who?', answer: 'Ana', cached: false } },
    );
    const client = service.client({ baseUrl: 'https://fastino.test/personalization/' });
    const register = { email: 'a@b.example', traits: { name: 'Ana' } };
    const ingest = {
      user_id: 'usr_9',
      source: 'parley',
      message_history: [{ role: 'user' as const, content: 'Hi', timestamp: '2026-01-01T00:00:00Z' }],
      options: { dedupe: true },
    };
    const query = { user_id: 'usr_9', question: 'Who?', use_cache: false };
    expect((await service.settle(client.register(register, NOT_GIVEN_UP))).user_id).toBe('usr_9');
    expect((await service.settle(client.ingest(ingest, NOT_GIVEN_UP)))?.saved?.message_history).toBe(1);
    expect((await service.settle(client.query(query, NOT_GIVEN_UP)))?.answer).toBe('Ana');
    expect(service.requests.map(({ method, url, body }) => [method, url.href, body])).toEqual([
      ['POST', 'https://fastino.test/personalization/register', register],
      ['POST', 'https://fastino.test/personalization/ingest', ingest],
      ['POST', 'https://fastino.test/personalization/query', query],
    ]);
  });

  it('an unknown user is no error', async () => {
    const service = new ScriptedService(NOT_FOUND);
    const client = service.client();
    expect(await summaryEnd(service, client)).toBeUndefined();
    const request = { user_id: 'usr_1', history: [{ role: 'user' as const, content: 'Hello' }] };
    expect(await endOf(service, client.chunks(request, NOT_GIVEN_UP))).toBeUndefined();
    expect(service.requests).toHaveLength(2);
    expect(service.notices).toEqual([]);
  });
});

describe('the key', () => {
  const only = (header: 'x-api-key' | 'authorization', value: string) =>
    new ScriptedService(({ headers }) => (headers.get(header) === value ? OK : { status: 401 }));

  it('goes in the other header where the first is refused, and stays there', async () => {
    const service = only('authorization', `x-api-key ${KEY}`);
    const client = service.client();
    expect(await summaryEnd(service, client)).toMatchObject({ user_id: 'usr_1' });
    expect(await summaryEnd(service, client)).toMatchObject({ user_id: 'usr_1' });
    expect(
      service.requests.map(({ headers }) => [headers.has('x-api-key'), headers.has('authorization')]),
    ).toEqual(
      [[true, false], [false, true], [false, true]], // prettier-ignore
    );
    expect(service.notices).toEqual([
      'Fastino at api.fastino.ai takes its key in the header Authorization: x-api-key',
    ]);
  });

  it('that is wrong is told once, without it, and not tried again for ten minutes', async () => {
    const service = new ScriptedService({ status: 401, body: { error: { code: 'UNAUTHORIZED' } } });
    const client = service.client();
    const refused = 'key_refused: Fastino at api.fastino.ai refused the key: check FASTINO_API_KEY';
    for (let call = 0; call < 3; call++) expect(await summaryEnd(service, client)).toBe(refused);
    expect(service.requests).toHaveLength(2); // a header each
    service.clock.advanceBy(600_000);
    expect(await summaryEnd(service, client)).toBe(refused);
    expect(service.requests).toHaveLength(4);
    expect(service.notices).toHaveLength(1);
  });

  it('that was accepted once is not tried in another header', async () => {
    const service = new ScriptedService(OK, { status: 401 });
    const client = service.client();
    await summaryEnd(service, client);
    expect(await summaryEnd(service, client)).toMatch(/^key_refused/);
    expect(service.requests).toHaveLength(2);
  });

  it('that is forbidden something costs that call only', async () => {
    const service = new ScriptedService({ status: 403 }, OK);
    const client = service.client();
    expect(await summaryEnd(service, client)).toMatch(/^key_refused: .*does not allow this/);
    expect(await summaryEnd(service, client)).toMatchObject({ user_id: 'usr_1' });
  });

  it('must be one that a header can carry', () => {
    const { clock } = new ScriptedService();
    expect(() => new FastinoClient({ apiKey: ' ', clock })).toThrow(/set FASTINO_API_KEY/);
    expect(() => new FastinoClient({ apiKey: 'a\r\nb: c', clock })).toThrow(/FASTINO_API_KEY is no key/);
    expect(() => new FastinoClient({ apiKey: 'schlüssel', clock })).toThrow(/FASTINO_API_KEY is no key/);
  });

  it('is not taken elsewhere by a redirect', async () => {
    const service = new ScriptedService({ status: 302, headers: { location: 'https://evil.example/' } });
    expect(await summaryEnd(service)).toMatch(/^config: .*correct FASTINO_BASE_URL/);
    expect(service.requests).toHaveLength(1);
  });
});

describe('a service in trouble', () => {
  it.each([
    ['a 503', UNAVAILABLE],
    ['a 500 with JSON', { status: 500, body: { error: { code: 'INTERNAL', message: 'x' } } }],
    ['a broken connection', { broken: 'ECONNRESET' }],
    ['no answer', 'never'],
    ['an answer that stalls', 'stalls'],
    ['too many requests', { status: 429 }],
  ] as const)('%s is asked again, later and later', async (_, trouble) => {
    const service = new ScriptedService(trouble, trouble, OK);
    expect(await summaryEnd(service)).toMatchObject({ user_id: 'usr_1' });
    const [first, second, third] = service.requests.map(({ atMs }) => atMs) as [number, number, number];
    const timeoutMs = typeof trouble === 'string' ? 5_000 : 0;
    expect(second - first - timeoutMs).toBeGreaterThanOrEqual(400);
    expect(second - first - timeoutMs).toBeLessThanOrEqual(600);
    expect(third - second - timeoutMs).toBeGreaterThanOrEqual(800);
    expect(third - second - timeoutMs).toBeLessThanOrEqual(1_200);
    expect(service.clock.nextDueMs()).toBeUndefined();
  });

  it.each([
    [UNAVAILABLE, 'service_unavailable: Fastino at api.fastino.ai has a problem of its own (HTTP 503)'],
    ['never', 'service_unavailable: Fastino at api.fastino.ai did not answer in time'],
    [
      { broken: 'ECONNREFUSED' },
      'service_unavailable: Fastino at api.fastino.ai cannot be reached (ECONNREFUSED): check the network, or FASTINO_BASE_URL',
    ],
    [{ status: 429 }, 'service_unavailable: Fastino at api.fastino.ai takes no more requests just now'],
  ] as const)('three times %j is the end of a call', async (trouble, message) => {
    const service = new ScriptedService(trouble);
    expect(await summaryEnd(service)).toBe(message);
    expect(service.requests).toHaveLength(3);
  });

  it.each([
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:09 GMT', 9_000],
    ['nonsense', 'soon', 500],
    ['a negative number', '-5', 500],
  ])('Retry-After in %s is kept to, by every call', async (_, header, waitMs) => {
    const service = new ScriptedService({ status: 429, headers: { 'retry-after': header } }, OK);
    const client = service.client();
    const both = [summaryEnd(service, client)];
    await turns();
    both.push(summaryEnd(service, client));
    await Promise.all(both);
    const [, ...later] = service.requests.map(({ atMs }) => atMs);
    expect(later.at(-1)).toBeGreaterThanOrEqual(waitMs * 0.8);
    expect(later.at(-1)).toBeLessThanOrEqual(waitMs * 1.2);
    if (waitMs > 1_000) expect(Math.min(...later)).toBeGreaterThanOrEqual(waitMs);
  });

  it('a longer Retry-After than half a minute ends the call and keeps others back', async () => {
    const service = new ScriptedService({ status: 429, headers: { 'retry-after': '120' } }, OK);
    const client = service.client();
    expect(await summaryEnd(service, client)).toMatch(/takes no more requests/);
    expect(service.clock.nowMs()).toBe(0);
    expect(await summaryEnd(service, client)).toMatchObject({ user_id: 'usr_1' });
    expect(service.requests[1]!.atMs).toBe(120_000);
  });

  it.each([
    ['HTML', { status: 200, body: '<html>Welcome</html>' }, /^protocol: .*not JSON/],
    ['another shape', { status: 200, body: { summary: 7 } }, /^protocol: .*something unexpected/],
    ['a list', { status: 200, body: [] }, /^protocol: .*something unexpected/],
    ['no body', { status: 204 }, /^protocol: .*not JSON/],
    ['2 MiB', { status: 200, body: 'x'.repeat(2 * 1024 * 1024) }, /^protocol: .*far too much/],
    ['a summary of 100,000 characters', summaryOf('usr_1', 'x'.repeat(100_000)), /^protocol/],
    ['somebody else', summaryOf('usr_2', 'Bob'), /^protocol: .*about somebody else$/],
    [
      'a refusal',
      { status: 422, body: { error: { code: 'BAD_K', message: 'my secret' } } },
      /HTTP 422, BAD_K\)$/,
    ],
    ['a 404 page', { status: 404, body: '<html>nothing here</html>' }, /^config: .*correct FASTINO_BASE_URL/],
  ])('%s is said to be wrong, and not asked for again', async (_, answer, message) => {
    const service = new ScriptedService(answer);
    expect(await summaryEnd(service)).toMatch(message);
    expect(service.requests).toHaveLength(1);
  });

  it('that fails five times in a row is left alone for a minute, then asked once', async () => {
    const service = new ScriptedService(UNAVAILABLE);
    const client = service.client();
    await summaryEnd(service, client);
    await summaryEnd(service, client);
    expect(service.requests).toHaveLength(5); // the fifth opened the circuit
    expect(service.notices).toEqual([
      'Fastino at api.fastino.ai has a problem of its own (HTTP 503); it is asked again in 60 s',
    ]);
    expect(await summaryEnd(service, client)).toMatch(/^service_unavailable: .*left alone for a while/);
    expect(service.requests).toHaveLength(5);
    service.clock.advanceBy(60_000);
    const both = [summaryEnd(service, client), summaryEnd(service, client)];
    expect(await Promise.all(both)).toEqual([
      expect.stringContaining('left alone') as string,
      expect.stringContaining('left alone') as string,
    ]);
    expect(service.requests).toHaveLength(6);
    service.answers = [OK];
    service.clock.advanceBy(60_000);
    expect(await summaryEnd(service, client)).toMatchObject({ user_id: 'usr_1' });
    expect(await summaryEnd(service, client)).toMatchObject({ user_id: 'usr_1' });
    expect(service.notices).toHaveLength(1);
  });
});

describe('a call that is given up', () => {
  it('ends at once, whatever it waits for', async () => {
    for (const answer of ['never', 'stalls', UNAVAILABLE] as const) {
      const service = new ScriptedService(answer);
      const stop = new AbortController();
      const end = service.client().summary(SUMMARY, { signal: stop.signal });
      await turns();
      stop.abort();
      await expect(end).rejects.toThrow(/was not waited for$/);
      expect(service.clock.nowMs()).toBe(0);
      expect(service.clock.nextDueMs()).toBeUndefined();
      expect(service.requests).toHaveLength(1);
    }
  });

  it('says nothing about the service', async () => {
    const service = new ScriptedService('never');
    const client = service.client();
    for (let call = 0; call < 10; call++) {
      const stop = new AbortController();
      const end = client.summary(SUMMARY, { signal: stop.signal });
      await turns();
      stop.abort();
      await expect(end).rejects.toThrow(ParleyError);
    }
    service.answers = [OK];
    expect(await summaryEnd(service, client)).toMatchObject({ user_id: 'usr_1' });
    expect(service.notices).toEqual([]);
  });
});

it('sixty requests go out in the first minute, however many are asked for', async () => {
  const service = new ScriptedService(OK);
  const client = service.client();
  await service.settle(Promise.all(Array.from({ length: 90 }, () => client.summary(SUMMARY, NOT_GIVEN_UP))));
  const times = service.requests.map(({ atMs }) => atMs);
  expect(times).toHaveLength(90);
  expect(times.filter((atMs) => atMs === 0)).toHaveLength(20);
  expect(times.filter((atMs) => atMs < 60_000).length).toBeLessThanOrEqual(60);
  for (const atMs of times.slice(60)) {
    const minute = times.filter((other) => other > atMs - 60_000 && other <= atMs);
    expect(minute.length).toBeLessThanOrEqual(60);
  }
});
