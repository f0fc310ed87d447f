import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FastinoFaults, Garbage } from '../../../src/embedded/fastino-server/index.js';
import { type Answer, TestFastino } from './harness.js';

let fastino: TestFastino;
let userId: string;
beforeEach(async () => {
  fastino = await TestFastino.start();
  userId = await fastino.person(['Likes tea.']);
});
afterEach(() => fastino.close());

const summary = (): Promise<Answer> => fastino.get(`/summary?user_id=${userId}`);
const chunks = (): Promise<Answer> =>
  fastino.post('/chunks', { user_id: userId, history: [{ role: 'user', content: 'tea' }] });

/** What became of a promise so far. */
function watch(promise: Promise<Answer>): () => string {
  let state = 'waiting';
  promise.then(
    ({ status }) => (state = String(status)),
    () => (state = 'broken'),
  );
  return () => state;
}

describe('a fault', () => {
  it('strikes as often as it is told, the calls that it is meant for, and is counted', async () => {
    fastino.server.faults.set({ refuse: { status: 503, count: 2, calls: ['summary'] } });
    const statuses: number[] = [];
    for (const ask of [summary, chunks, summary, summary]) statuses.push((await ask()).status);
    expect(statuses).toEqual([503, 200, 503, 200]);
    expect(fastino.server.faults.counts).toMatchObject({ refuse: 2, slow: 0 });
    fastino.server.faults.set({ refuse: { status: 500, count: 1 } });
    expect([(await summary()).status, (await summary()).status]).toEqual([500, 200]);
    fastino.server.faults.set({ refuse: { status: 500 } });
    expect([(await summary()).status, (await chunks()).status]).toEqual([500, 500]);
    fastino.server.faults.set({});
    expect((await summary()).status).toBe(200);
    expect(fastino.server.faults.counts.refuse).toBe(5);
  });
});

describe('refuse', () => {
  it.each(['7', 'Thu, 01 Jan 2026 00:01:00 GMT', 'soon'])('says Retry-After: %s', async (retryAfter) => {
    fastino.server.faults.set({ refuse: { status: 429, code: 'RATE_LIMITED', retryAfter } });
    const { status, headers, text } = await summary();
    expect([status, headers['retry-after'], JSON.parse(text)]).toEqual([
      429,
      retryAfter,
      { error: { code: 'RATE_LIMITED', message: 'Refused on request.' } },
    ]);
  });

  it('stands before the key', async () => {
    fastino.server.faults.set({ refuse: { status: 500 } });
    expect((await fastino.get('/summary?user_id=x', {})).status).toBe(500);
  });
});

describe('slow', () => {
  it('answers on the clock, not before', async () => {
    fastino.server.faults.set({ slow: { delayMs: 30_000, count: 1 } });
    const state = watch(summary());
    await fastino.until(() => fastino.clock.nextDueMs() !== undefined);
    fastino.clock.advanceBy(29_999);
    await summary();
    expect(state()).toBe('waiting');
    fastino.clock.advanceBy(1);
    await fastino.until(() => state() !== 'waiting');
    expect(state()).toBe('200');
  });

  it('forgets whoever does not wait', async () => {
    fastino.server.faults.set({ slow: { delayMs: 30_000 } });
    const giveUp = new AbortController();
    const asked = fastino.ask({ path: '/summary', signal: giveUp.signal });
    await fastino.until(() => fastino.clock.nextDueMs() !== undefined);
    giveUp.abort();
    await expect(asked).rejects.toThrow();
    await fastino.until(() => fastino.clock.nextDueMs() === undefined);
  });
});

describe('hang', () => {
  it('never answers, and holds up neither others nor the end', async () => {
    fastino.server.faults.set({ hang: { calls: ['summary'] } });
    const state = watch(summary());
    await fastino.until(() => fastino.server.faults.counts.hang === 1);
    expect((await chunks()).status).toBe(200);
    fastino.clock.advanceBy(3_600_000);
    expect((await chunks()).status).toBe(200);
    expect(state()).toBe('waiting');
    await fastino.close();
    await fastino.until(() => state() === 'broken');
  });
});

describe('drop', () => {
  it.each(['before_answer', 'mid_answer'] as const)('%s breaks the connection', async (when) => {
    fastino.server.faults.set({ drop: { when, count: 1 } });
    await expect(summary()).rejects.toThrow(/hang up|ECONNRESET|aborted/);
    expect((await summary()).status).toBe(200);
  });
});

describe('redirect', () => {
  it('points elsewhere', async () => {
    const location = 'http://127.0.0.1:1/summary';
    fastino.server.faults.set({ redirect: { location } });
    const { status, headers } = await summary();
    expect([status, headers.location]).toEqual([307, location]);
  });
});

describe('drip', () => {
  it('sends the whole answer, a byte at a time', async () => {
    const whole = await chunks();
    fastino.server.faults.set({ drip: { everyMs: 100 } });
    const asked = chunks();
    const state = watch(asked);
    for (let steps = 0; state() === 'waiting' && steps < 10_000; steps++) {
      await fastino.until(() => fastino.clock.nextDueMs() !== undefined || state() !== 'waiting');
      fastino.clock.advanceBy(100);
    }
    expect((await asked).text).toBe(whole.text);
    expect(fastino.clock.nowMs()).toBeGreaterThanOrEqual(whole.bytes.length * 100);
  });
});

describe('garble', () => {
  const isWhole = (text: string): boolean => {
    try {
      const { summary: said } = JSON.parse(text) as { summary?: unknown };
      return typeof said === 'string';
    } catch {
      return false;
    }
  };

  it.each<Garbage>(['empty', 'not_json', 'missing_fields', 'wrong_types', 'cut_off', 'binary'])(
    '%s is 200 and no answer',
    async (kind) => {
      fastino.server.faults.set({ garble: { kind, count: 1 } });
      const { status, headers, text } = await summary();
      expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(isWhole(text)).toBe(false);
      expect(isWhole((await summary()).text)).toBe(true);
    },
  );

  it('endless goes on until nobody listens', async () => {
    fastino.server.faults.set({ garble: { kind: 'endless', count: 1 } });
    const response = await fetch(`${fastino.server.baseUrl}/summary?user_id=${userId}`, {
      headers: { 'x-api-key': 'any' },
    });
    const reader = response.body!.getReader();
    let byteCount = 0;
    while (byteCount < 4 * 1024 * 1024) {
      const { value } = (await reader.read()) as { value?: Uint8Array };
      byteCount += value!.length;
    }
    await reader.cancel();
    expect((await summary()).status).toBe(200);
  });
});

describe('several at once', () => {
  it('come in the order of a request: slow, then refused', async () => {
    const faults: FastinoFaults = { slow: { delayMs: 1_000, count: 1 }, refuse: { status: 502, count: 1 } };
    fastino.server.faults.set(faults);
    const state = watch(summary());
    await fastino.until(() => fastino.clock.nextDueMs() !== undefined);
    expect(fastino.server.faults.counts).toMatchObject({ slow: 1, refuse: 0 });
    fastino.clock.advanceBy(1_000);
    await fastino.until(() => state() !== 'waiting');
    expect(state()).toBe('502');
  });
});
