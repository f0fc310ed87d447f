import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, type Outgoing, RETRY_MS, TopicQueue } from '../../src/captions/topic-queue.js';
import { VirtualClock } from '../../src/clock.js';
import { ParleyError } from '../../src/errors.js';

const MAX_WAITING_FINALS = 200;

const SEND_TIMEOUT_MS = 10_000;

const PARTIAL_INTERVAL_MS = 250;

function caption(key: string, text: string, final = false): Outgoing {
  return { key, text, final, options: { payload: { key, final } } };
}

function open() {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const troubles: (string | undefined)[] = [];
  const counters = { sent: 0, failed: 0, dropped: 0 };
  const connection: { answer: () => Promise<void> } = { answer: () => Promise.resolve() };
  const queue = new TopicQueue({
    clock,
    send: (text, { payload }) => {
      sent.push(
        `${clock.nowMs()} ${String(payload?.['key'])} ${text}${payload?.['final'] === true ? ' .' : ''}`,
      );
      return connection.answer();
    },
    counters,
    onTrouble: (reason) => troubles.push(reason),
  });
  const pass = async (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      clock.advanceBy(10);
      await turn();
    }
  };
  return { clock, sent, troubles, counters, connection, queue, pass };
}

describe('TopicLane', () => {
  it('sends at most four partials a second, each the newest of its turn, all turns in their turn', async () => {
    const { counters, queue, sent, pass } = open();
    for (let n = 0; n < 100; n++) {
      queue.publish(caption('a', `a${n}`));
      queue.publish(caption('b', `b${n}`));
      await pass(10);
    }
    await pass(1_000);
    expect(sent).toEqual(['0 a a0', '250 b b24', '500 a a49', '750 b b74', '1000 a a99', '1250 b b99']);
    expect(counters).toEqual({ sent: 6, failed: 0, dropped: 0 });
  });

  it('sends finals at once and in order, and no partial of their turn after them', async () => {
    const { queue, sent, pass } = open();
    queue.publish(caption('a', 'part'));
    await turn();
    queue.publish(caption('a', 'more'));
    queue.publish(caption('a', 'whole', true));
    queue.publish(caption('b', 'other', true));
    await turn();
    await pass(PARTIAL_INTERVAL_MS * 4);
    expect(sent).toEqual(['0 a part', '0 a whole .', '0 b other .']);
  });

  it('keeps finals while nothing can be sent, tells its trouble once, and tries until it works', async () => {
    const { counters, queue, sent, troubles, connection, pass } = open();
    connection.answer = () => Promise.reject(new ParleyError('service_unavailable', 'no line'));
    queue.publish(caption('a', 'one', true));
    queue.publish(caption('b', 'two', true));
    await pass(RETRY_MS * 3 + 100);
    expect(sent.every((text) => text.endsWith('a one .'))).toBe(true);
    expect(sent).toHaveLength(4);
    expect(troubles).toEqual(['no line']);
    connection.answer = () => Promise.resolve();
    await pass(RETRY_MS);
    expect(sent.slice(-2).map((text) => text.replace(/^\d+ /, ''))).toEqual(['a one .', 'b two .']);
    connection.answer = () => Promise.reject(new Error('again'));
    queue.publish(caption('c', 'three', true));
    await pass(10);
    expect(troubles).toEqual(['no line', undefined, 'again']);
    expect(counters).toEqual({ sent: 2, failed: 5, dropped: 0 });
  });

  it('a final that is refused again and again holds up the others for two minutes only', async () => {
    const { counters, queue, sent, troubles, connection, pass } = open();
    connection.answer = () =>
      sent.at(-1)!.includes('refused') ? Promise.reject(new Error('too long')) : Promise.resolve();
    queue.publish(caption('a', 'refused', true));
    queue.publish(caption('b', 'fine', true));
    await pass(RETRY_MS * (MAX_ATTEMPTS - 1) - 100);
    expect(sent.some((text) => text.includes('fine'))).toBe(false);
    await pass(RETRY_MS * 2);
    expect(sent.at(-1)).toMatch(/ b fine \.$/);
    expect(counters).toEqual({ sent: 1, failed: MAX_ATTEMPTS, dropped: 1 });
    expect(troubles).toEqual(['too long', undefined]);
    expect(queue.idle).toBe(true);
  });

  it('gives up a partial that could not be sent', async () => {
    const { queue, sent, connection, pass } = open();
    connection.answer = () => Promise.reject(new Error('no'));
    queue.publish(caption('a', 'part'));
    await pass(5_000);
    expect(sent).toHaveLength(1);
  });

  it('a message that is never answered holds up the others for a while only', async () => {
    const { queue, sent, troubles, connection, pass } = open();
    connection.answer = () => new Promise(() => undefined);
    queue.publish(caption('a', 'one', true));
    await pass(SEND_TIMEOUT_MS - 10);
    expect(sent).toHaveLength(1);
    connection.answer = () => Promise.resolve();
    await pass(RETRY_MS + 20);
    expect(sent).toHaveLength(2);
    expect(troubles).toEqual(['the meeting does not answer', undefined]);
  });

  it('drops the oldest of too many finals, and counts them', async () => {
    const { counters, queue, sent, connection, pass } = open();
    connection.answer = () => Promise.reject(new Error('no'));
    for (let n = 0; n < MAX_WAITING_FINALS + 50; n++) queue.publish(caption(`t${n}`, 'x', true));
    for (let n = 0; n < 1_000; n++) queue.publish(caption(`p${n}`, 'x'));
    await pass(20);
    connection.answer = () => Promise.resolve();
    sent.length = 0;
    await pass(RETRY_MS * 10);
    const finals = sent.filter((text) => text.endsWith('.'));
    expect(finals.length + counters.dropped).toBe(MAX_WAITING_FINALS + 50);
    expect(finals.length).toBeGreaterThanOrEqual(MAX_WAITING_FINALS - 1);
    expect(sent.length - finals.length).toBeLessThanOrEqual(40); // of partials the newest turns only
    expect(sent.at(-1)).toContain('p999');
  });

  it('flushes: resolves when the finals are out, or when the time is over', async () => {
    const { queue, connection, pass } = open();
    await queue.flush(1_000);
    queue.publish(caption('a', 'one', true));
    let flushed = false;
    void queue.flush(1_000).then(() => (flushed = true));
    await pass(10);
    expect(flushed).toBe(true);
    connection.answer = () => Promise.reject(new Error('no'));
    queue.publish(caption('b', 'two', true));
    flushed = false;
    void queue.flush(500).then(() => (flushed = true));
    await pass(490);
    expect(flushed).toBe(false);
    await pass(20);
    expect(flushed).toBe(true);
  });

  it('once closed sends nothing, leaves no timer, and lets go of whoever waits', async () => {
    const { counters, queue, sent, connection, pass, clock } = open();
    connection.answer = () => Promise.reject(new Error('no'));
    queue.publish(caption('a', 'one', true));
    await pass(20);
    let flushed = false;
    void queue.flush(60_000).then(() => (flushed = true));
    queue.close();
    await turn();
    expect(flushed).toBe(true);
    queue.publish(caption('b', 'two', true));
    await pass(5_000);
    expect(sent).toHaveLength(1);
    expect(counters.dropped).toBe(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
