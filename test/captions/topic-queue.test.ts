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
  const line: { answer: () => Promise<void> } = { answer: () => Promise.resolve() };
  const lane = new TopicQueue({
    clock,
    send: (text, { payload }) => {
      sent.push(
        `${clock.nowMs()} ${String(payload?.['key'])} ${text}${payload?.['final'] === true ? ' .' : ''}`,
      );
      return line.answer();
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
  return { clock, sent, troubles, counters, line, lane, pass };
}

describe('TopicLane', () => {
  it('sends at most four partials a second, each the newest of its turn, all turns in their turn', async () => {
    const { counters, lane, sent, pass } = open();
    for (let n = 0; n < 100; n++) {
      lane.publish(caption('a', `a${n}`));
      lane.publish(caption('b', `b${n}`));
      await pass(10);
    }
    await pass(1_000);
    expect(sent).toEqual(['0 a a0', '250 b b24', '500 a a49', '750 b b74', '1000 a a99', '1250 b b99']);
    expect(counters).toEqual({ sent: 6, failed: 0, dropped: 0 });
  });

  it('sends finals at once and in order, and no partial of their turn after them', async () => {
    const { lane, sent, pass } = open();
    lane.publish(caption('a', 'part'));
    await turn();
    lane.publish(caption('a', 'more'));
    lane.publish(caption('a', 'whole', true));
    lane.publish(caption('b', 'other', true));
    await turn();
    await pass(PARTIAL_INTERVAL_MS * 4);
    expect(sent).toEqual(['0 a part', '0 a whole .', '0 b other .']);
  });

  it('keeps finals while nothing can be sent, tells its trouble once, and tries until it works', async () => {
    const { counters, lane, sent, troubles, line, pass } = open();
    line.answer = () => Promise.reject(new ParleyError('service_unavailable', 'no line'));
    lane.publish(caption('a', 'one', true));
    lane.publish(caption('b', 'two', true));
    await pass(RETRY_MS * 3 + 100);
    expect(sent.every((text) => text.endsWith('a one .'))).toBe(true);
    expect(sent).toHaveLength(4);
    expect(troubles).toEqual(['no line']);
    line.answer = () => Promise.resolve();
    await pass(RETRY_MS);
    expect(sent.slice(-2).map((text) => text.replace(/^\d+ /, ''))).toEqual(['a one .', 'b two .']);
    line.answer = () => Promise.reject(new Error('again'));
    lane.publish(caption('c', 'three', true));
    await pass(10);
    expect(troubles).toEqual(['no line', undefined, 'again']);
    expect(counters).toEqual({ sent: 2, failed: 5, dropped: 0 });
  });

  it('a final that is refused again and again holds up the others for two minutes only', async () => {
    const { counters, lane, sent, troubles, line, pass } = open();
    line.answer = () =>
      sent.at(-1)!.includes('refused') ? Promise.reject(new Error('too long')) : Promise.resolve();
    lane.publish(caption('a', 'refused', true));
    lane.publish(caption('b', 'fine', true));
    await pass(RETRY_MS * (MAX_ATTEMPTS - 1) - 100);
    expect(sent.some((text) => text.includes('fine'))).toBe(false);
    await pass(RETRY_MS * 2);
    expect(sent.at(-1)).toMatch(/ b fine \.$/);
    expect(counters).toEqual({ sent: 1, failed: MAX_ATTEMPTS, dropped: 1 });
    expect(troubles).toEqual(['too long', undefined]);
    expect(lane.idle).toBe(true);
  });

  it('gives up a partial that could not be sent', async () => {
    const { lane, sent, line, pass } = open();
    line.answer = () => Promise.reject(new Error('no'));
    lane.publish(caption('a', 'part'));
    await pass(5_000);
    expect(sent).toHaveLength(1);
  });

  it('a message that is never answered holds up the others for a while only', async () => {
    const { lane, sent, troubles, line, pass } = open();
    line.answer = () => new Promise(() => undefined);
    lane.publish(caption('a', 'one', true));
    await pass(SEND_TIMEOUT_MS - 10);
    expect(sent).toHaveLength(1);
    line.answer = () => Promise.resolve();
    await pass(RETRY_MS + 20);
    expect(sent).toHaveLength(2);
    expect(troubles).toEqual(['the meeting does not answer', undefined]);
  });

  it('drops the oldest of too many finals, and counts them', async () => {
    const { counters, lane, sent, line, pass } = open();
    line.answer = () => Promise.reject(new Error('no'));
    for (let n = 0; n < MAX_WAITING_FINALS + 50; n++) lane.publish(caption(`t${n}`, 'x', true));
    for (let n = 0; n < 1_000; n++) lane.publish(caption(`p${n}`, 'x'));
    await pass(20);
    line.answer = () => Promise.resolve();
    sent.length = 0;
    await pass(RETRY_MS * 10);
    const finals = sent.filter((text) => text.endsWith('.'));
    expect(finals.length + counters.dropped).toBe(MAX_WAITING_FINALS + 50);
    expect(finals.length).toBeGreaterThanOrEqual(MAX_WAITING_FINALS - 1);
    expect(sent.length - finals.length).toBeLessThanOrEqual(40); // of partials the newest turns only
    expect(sent.at(-1)).toContain('p999');
  });

  it('flushes: resolves when the finals are out, or when the time is over', async () => {
    const { lane, line, pass } = open();
    await lane.flush(1_000);
    lane.publish(caption('a', 'one', true));
    let flushed = false;
    void lane.flush(1_000).then(() => (flushed = true));
    await pass(10);
    expect(flushed).toBe(true);
    line.answer = () => Promise.reject(new Error('no'));
    lane.publish(caption('b', 'two', true));
    flushed = false;
    void lane.flush(500).then(() => (flushed = true));
    await pass(490);
    expect(flushed).toBe(false);
    await pass(20);
    expect(flushed).toBe(true);
  });

  it('once closed sends nothing, leaves no timer, and lets go of whoever waits', async () => {
    const { counters, lane, sent, line, pass, clock } = open();
    line.answer = () => Promise.reject(new Error('no'));
    lane.publish(caption('a', 'one', true));
    await pass(20);
    let flushed = false;
    void lane.flush(60_000).then(() => (flushed = true));
    lane.close();
    await turn();
    expect(flushed).toBe(true);
    lane.publish(caption('b', 'two', true));
    await pass(5_000);
    expect(sent).toHaveLength(1);
    expect(counters.dropped).toBe(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
