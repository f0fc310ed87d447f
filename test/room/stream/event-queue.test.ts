import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { EventQueue, MAX_WAITING_EVENTS } from '../../../src/room/stream/event-queue.js';

const tooMany = (): Error => Object.assign(new Error('Too many requests'), { code: 9, status: 429 });

function setUp(answer: (n: number) => Promise<unknown> = () => Promise.resolve()) {
  const clock = new VirtualClock();
  const queue = new EventQueue(clock);
  const sent: { atMs: number; event: unknown }[] = [];
  queue.open((event) => {
    sent.push({ atMs: clock.nowMs(), event });
    return answer(sent.length);
  });
  const pass = async (durationMs: number): Promise<void> => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 50) {
      await turn();
      clock.advanceBy(50);
    }
    await turn();
  };
  const outcomes: string[] = [];
  const add = (topic: string, count = 1): void => {
    const events = Array.from({ length: count }, (_, n) => ({ [topic]: n }));
    queue.add(topic, events).then(
      () => outcomes.push(`${topic} sent`),
      (error: unknown) => outcomes.push((error as Error).message),
    );
  };
  return { clock, queue, sent, pass, add, outcomes };
}

describe('EventQueue', () => {
  it('sends ten at once after a pause, then five a second, one after the other', async () => {
    const { sent, pass, add, outcomes } = setUp();
    for (let n = 0; n < 20; n++) add(`t${n}`);
    await pass(5_000);
    expect(sent.map(({ atMs }) => atMs).slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(sent.map(({ atMs }) => atMs).slice(10)).toEqual([
      200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000,
    ]);
    expect(outcomes).toHaveLength(20);
  });

  it('nothing comes between the parts of a message', async () => {
    const { sent, pass, add } = setUp();
    add('a', 3);
    add('b', 2);
    await pass(100);
    expect(sent.map(({ event }) => event)).toEqual([{ a: 0 }, { a: 1 }, { a: 2 }, { b: 0 }, { b: 1 }]);
  });

  it('is slower where the service says so, and sends the same event again', async () => {
    const { sent, pass, add, outcomes, queue } = setUp((n) =>
      n <= 2 ? Promise.reject(tooMany()) : Promise.resolve(),
    );
    add('a');
    add('b');
    await pass(5_000);
    expect(sent.map(({ atMs, event }) => [atMs, event])).toEqual([
      [0, { a: 0 }],
      [1_000, { a: 0 }],
      [3_000, { a: 0 }],
      [3_000, { b: 0 }],
    ]);
    expect(outcomes).toEqual(['a sent', 'b sent']);
    expect(queue.counters).toEqual({ sent: 2, failed: 0, refused: 0, slowedDown: 2 });
  });

  it('gives one up after four times, and goes on', async () => {
    const { pass, add, outcomes, sent } = setUp((n) =>
      n <= 4 ? Promise.reject(tooMany()) : Promise.resolve(),
    );
    add('a');
    add('b');
    await pass(10_000);
    expect(sent).toHaveLength(5);
    expect(outcomes).toEqual(['nothing could be sent on a: Too many requests', 'b sent']);
  });

  it('any other failure is that message alone, and whoever sent it may try again', async () => {
    const { pass, queue, outcomes, add } = setUp((n) =>
      n === 1 ? Promise.reject(new Error('Network Error')) : Promise.resolve(),
    );
    const failed = queue.add('a', [{}, {}]).catch((error: unknown) => error);
    add('b');
    await pass(100);
    expect(await failed).toMatchObject({ code: 'service_unavailable', retryable: true });
    expect(outcomes).toEqual(['b sent']);
    expect(queue.counters.failed).toBe(1);
  });

  it('holds 48 events, refuses more, and counts them', async () => {
    const { add, pass, outcomes, queue } = setUp(() => new Promise(() => undefined));
    for (let n = 0; n < MAX_WAITING_EVENTS + 2; n++) add(`t${n}`);
    await pass(100);
    expect(outcomes).toEqual([
      'nothing could be sent on t48: 48 events wait already',
      'nothing could be sent on t49: 48 events wait already',
    ]);
    expect(queue.counters.refused).toBe(2);
  });

  it('an event that nobody answers for is given up, and the next one goes out', async () => {
    const { add, pass, outcomes } = setUp((n) =>
      n === 1 ? new Promise(() => undefined) : Promise.resolve(),
    );
    add('a');
    add('b');
    await pass(10_100);
    expect(outcomes).toEqual(['nothing could be sent on a: no answer within 10 s', 'b sent']);
  });

  it('a line that goes takes what waits with it, and a new one begins anew', async () => {
    const { add, pass, outcomes, queue, sent } = setUp(() => new Promise(() => undefined));
    add('a');
    add('b');
    await pass(100);
    queue.close();
    await pass(100);
    expect(outcomes).toEqual([
      'nothing could be sent on a: the connection to the call is down',
      'nothing could be sent on b: the connection to the call is down',
    ]);
    queue.open((event) => {
      sent.push({ atMs: 0, event });
      return Promise.resolve();
    });
    add('c');
    await pass(100);
    expect(outcomes.at(-1)).toBe('c sent');
  });
});
