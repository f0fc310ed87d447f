/** The client against the embedded server, over loopback: neither knows the other's code. */
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { ParleyError } from '../../src/errors.js';
import {
  type FastinoFaults,
  type FastinoServer,
  type FastinoServerOptions,
  startFastinoServer,
} from '../../src/embedded/fastino-server/index.js';
import { FastinoClient } from '../../src/profiles/fastino/client.js';
import { FastinoConnection } from './fastino-connection.js';

const KEY = 'pio_sk_0123456789';
const NOT_GIVEN_UP = { signal: new AbortController().signal };

const servers: FastinoServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

class Pair {
  readonly clock: VirtualClock;
  readonly server: FastinoServer;
  readonly connection: FastinoConnection;
  readonly client: FastinoClient;
  readonly notices: string[] = [];

  private constructor(clock: VirtualClock, server: FastinoServer, path: string) {
    this.clock = clock;
    this.server = server;
    this.connection = new FastinoConnection(server);
    this.client = new FastinoClient({
      apiKey: KEY,
      baseUrl: `${server.baseUrl}${path}`,
      clock,
      fetch: this.connection.fetch,
      onNotice: (message) => this.notices.push(message),
    });
  }

  static async open(options: FastinoServerOptions = {}, path = ''): Promise<Pair> {
    const clock = new VirtualClock();
    const server = await startFastinoServer({ clock, ...options });
    servers.push(server);
    return new Pair(clock, server, path);
  }

  until<T>(promise: Promise<T>): Promise<T> {
    return this.connection.until(promise, this.clock);
  }

  async person(): Promise<string> {
    const registered = this.client.register(
      { email: 'ana@example.com', traits: { name: 'Ana Ruiz', notes: 'Leads the Andromeda project.' } },
      NOT_GIVEN_UP,
    );
    return (await this.until(registered)).user_id;
  }

  learn(userId: string, content: string) {
    const said = [{ role: 'user' as const, content, timestamp: '2026-01-01T00:00:00.000Z' }];
    const request = { user_id: userId, source: 'test', message_history: said, options: { dedupe: true } };
    return this.until(this.client.ingest(request, NOT_GIVEN_UP));
  }

  summary(userId: string) {
    return this.until(
      this.client.summary({ user_id: userId, max_chars: 400, purpose: 'conversation' }, NOT_GIVEN_UP),
    );
  }

  /** How a request for a summary fails: code and message, and how long that took. */
  async failure(userId: string): Promise<{ code: string; message: string; tookMs: number }> {
    const startMs = this.clock.nowMs();
    try {
      await this.summary(userId);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      const { code, message } = error;
      return { code, message: message.replace(/:\d+/, ''), tookMs: this.clock.nowMs() - startMs };
    }
    throw new Error('it did not fail');
  }
}

describe('the five calls', () => {
  it.each(['', '/personalization', '/'])('work at %j', async (path) => {
    const pair = await Pair.open({ key: KEY }, path);
    const userId = await pair.person();
    expect(await pair.learn(userId, 'I report to Marta Vidal.')).toBeDefined();
    expect(await pair.learn(userId, 'I report to Marta Vidal.')).toBeDefined();
    expect(pair.server.memoriesOf(userId)).toEqual(['I report to Marta Vidal.']); // once
    expect(await pair.summary(userId)).toMatchObject({
      user_id: userId,
      summary: 'The user is Ana Ruiz. Leads the Andromeda project. I report to Marta Vidal.',
    });
    const history = [{ role: 'user' as const, content: 'Marta?' }];
    const chunks = await pair.until(pair.client.chunks({ user_id: userId, history, k: 3 }, NOT_GIVEN_UP));
    expect(chunks).toEqual([
      { id: expect.stringMatching(/^mem_/) as string, text: 'I report to Marta Vidal.' },
    ]);
    const excluded = { user_id: userId, history, exclude_chunk_ids: [chunks![0]!.id] };
    expect(await pair.until(pair.client.chunks(excluded, NOT_GIVEN_UP))).toEqual([]);
    const question = { user_id: userId, question: 'Who is Marta?', use_cache: true };
    const answer = await pair.until(pair.client.query(question, NOT_GIVEN_UP));
    expect(answer).toMatchObject({ answer: 'I report to Marta Vidal.', cached: false });
    expect(await pair.until(pair.client.query(question, NOT_GIVEN_UP))).toMatchObject({ cached: true });
    expect(pair.notices).toEqual([]);
  });

  it('read chunks in the other shape', async () => {
    const pair = await Pair.open({ chunksShape: 'results' });
    const userId = await pair.person();
    await pair.learn(userId, 'Calls the release train el tren.');
    const history = [{ role: 'user' as const, content: 'Start' }];
    expect(await pair.until(pair.client.chunks({ user_id: userId, history }, NOT_GIVEN_UP))).toEqual([
      { id: expect.any(String) as string, text: 'Calls the release train el tren.' },
    ]);
  });

  it('know no user quietly', async () => {
    const pair = await Pair.open();
    expect(await pair.summary('usr_nobody')).toBeUndefined();
    expect(pair.notices).toEqual([]);
    expect(pair.server.callCounts.summary).toBe(1);
  });
});

describe('the key', () => {
  it('goes into the other header when the first is refused, said once, and there from then on', async () => {
    const pair = await Pair.open({ key: KEY, keyHeaders: ['authorization'] });
    const userId = await pair.person();
    await pair.summary(userId);
    expect(pair.notices).toEqual([expect.stringContaining('Authorization: x-api-key') as string]);
    expect(pair.connection.sentHeaders.map((headers) => headers['authorization'] !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('that is wrong is tried in both forms once, said once, and not sent again for a while', async () => {
    const pair = await Pair.open({ key: 'another' });
    for (let round = 0; round < 3; round++)
      expect(await pair.failure('usr_1')).toMatchObject({
        code: 'key_refused',
        message: 'Fastino at 127.0.0.1 refused the key: check FASTINO_API_KEY',
      });
    expect(pair.server.callCounts.summary).toBe(2);
    expect(pair.notices).toHaveLength(1);
    expect(pair.notices.join()).not.toContain(KEY);
  });

  it('does not go to a wrong address unnoticed', async () => {
    const pair = await Pair.open({}, '/wrong');
    expect(await pair.failure('usr_1')).toMatchObject({
      code: 'config',
      message: expect.stringMatching(/correct FASTINO_BASE_URL$/) as string,
    });
  });

  it('does not follow a redirect', async () => {
    const thief = await Pair.open();
    const pair = await Pair.open();
    const userId = await pair.person();
    const location = `${thief.server.baseUrl}/summary?user_id=${userId}`;
    pair.server.faults.set({ redirect: { location } });
    expect(await pair.failure(userId)).toMatchObject({ code: 'config' });
    expect(thief.server.callCounts.summary).toBe(0);
  });
});

describe('a bad day', () => {
  const ONE_LINE = /^Fastino at 127\.0\.0\.1 [^\n]{5,120}$/;
  /** What fails, how it is told, and how long a call may take at most. */
  const DAYS: readonly (readonly [name: string, faults: FastinoFaults, code: string, mostMs: number])[] = [
    ['slow, 30 s', { slow: { delayMs: 30_000 } }, 'service_unavailable', 20_000],
    ['silent', { hang: {} }, 'service_unavailable', 20_000],
    ['dripping', { drip: { everyMs: 1_000 } }, 'service_unavailable', 20_000],
    ['dropping', { drop: { when: 'before_answer' } }, 'service_unavailable', 5_000],
    ['dropping midway', { drop: { when: 'mid_answer' } }, 'service_unavailable', 5_000],
    ['500', { refuse: { status: 500 } }, 'service_unavailable', 5_000],
    ['503', { refuse: { status: 503 } }, 'service_unavailable', 5_000],
    ['429', { refuse: { status: 429 } }, 'service_unavailable', 5_000],
    ['429 for an hour', { refuse: { status: 429, retryAfter: '3600' } }, 'service_unavailable', 0],
    ['403', { refuse: { status: 403 } }, 'key_refused', 0],
    ['400', { refuse: { status: 400 } }, 'protocol', 0],
    ['empty', { garble: { kind: 'empty' } }, 'protocol', 0],
    ['not JSON', { garble: { kind: 'not_json' } }, 'protocol', 0],
    ['without fields', { garble: { kind: 'missing_fields' } }, 'protocol', 0],
    ['with wrong types', { garble: { kind: 'wrong_types' } }, 'protocol', 0],
    ['cut off', { garble: { kind: 'cut_off' } }, 'protocol', 0],
    ['binary', { garble: { kind: 'binary' } }, 'protocol', 0],
    ['endless', { garble: { kind: 'endless' } }, 'protocol', 0],
  ];

  it.each(DAYS)(
    '%s: fails in one line and in time, and is over when it is over',
    async (_name, faults, code, mostMs) => {
      const pair = await Pair.open();
      const userId = await pair.person();
      pair.server.faults.set(faults);
      const failure = await pair.failure(userId);
      expect(failure).toMatchObject({ code, message: expect.stringMatching(ONE_LINE) as string });
      expect(failure.tookMs).toBeLessThanOrEqual(mostMs);
      pair.server.faults.set({});
      pair.clock.advanceBy(3_600_000);
      expect(await pair.summary(userId)).toMatchObject({ user_id: userId });
    },
  );

  it('that passes is not noticed', async () => {
    const pair = await Pair.open();
    const userId = await pair.person();
    for (const faults of [
      { refuse: { status: 503, count: 2 } },
      { refuse: { status: 429, retryAfter: '2', count: 1 } },
      { drop: { when: 'mid_answer', count: 1 } },
      { slow: { delayMs: 30_000, count: 1 } },
    ] satisfies FastinoFaults[]) {
      pair.server.faults.set(faults);
      expect(await pair.summary(userId)).toMatchObject({ user_id: userId });
    }
    expect(pair.notices).toEqual([]);
  });

  it('waits as long as Retry-After says', async () => {
    const pair = await Pair.open();
    const userId = await pair.person();
    for (const retryAfter of ['7', new Date(pair.clock.epochMs() + 14_000).toUTCString()]) {
      const startMs = pair.clock.nowMs();
      pair.server.faults.set({ refuse: { status: 429, retryAfter, count: 1 } });
      await pair.summary(userId);
      expect(pair.clock.nowMs() - startMs).toBe(7_000);
    }
  });

  it('leaves a service that is gone alone', async () => {
    const pair = await Pair.open();
    await pair.server.close();
    const started = pair.connection.sentHeaders.length;
    for (let round = 0; round < 10; round++)
      expect(await pair.failure('usr_1')).toMatchObject({ code: 'service_unavailable' });
    expect(pair.connection.sentHeaders.length - started).toBeLessThanOrEqual(6);
    expect(pair.notices).toHaveLength(1);
  });
});
