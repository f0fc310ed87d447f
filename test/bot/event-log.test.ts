import { describe, expect, it } from 'vitest';
import { EventLog } from '../../src/bot/event-log.js';

const notice = (message: string) => ({ v: 1, atMs: 0, type: 'notice', kind: 'room', message }) as const;

function open() {
  const errors: unknown[] = [];
  const log = new EventLog((error) => errors.push(error));
  const show = (count: number) => {
    for (let number = 0; number < count; number++) log.show(notice('x'));
  };
  return { log, errors, show };
}

describe('consumers of events', () => {
  it('that are slow lose the oldest, are told how many, and take nothing from others', async () => {
    const { log, show } = open();
    const slow = log.after(0);
    const swift = log.after(0);
    show(1);
    expect(await slow.next()).toMatchObject({ value: { seq: 1 } });
    for (let number = 1; number <= 1_500; number++) {
      if (number > 1) show(1);
      expect((await swift.next()).value).toMatchObject({ seq: number });
    }
    expect(await slow.next()).toEqual({
      done: false,
      value: { v: 1, type: 'lost', seq: 500, count: 499 },
    });
    expect(await slow.next()).toMatchObject({ value: { seq: 501 } });
    expect(log.metrics).toContainEqual(
      expect.objectContaining({ name: 'events_lost', kind: 'counter', value: 499 }),
    );
  });

  it('wait for what comes, and end with it', async () => {
    const { log, show } = open();
    const consumer = log.after(0);
    const waiting = consumer.next();
    show(1);
    expect(await waiting).toMatchObject({ done: false, value: { seq: 1 } });
    const last = consumer.next();
    log.end();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  it('can leave while they wait', async () => {
    const { log } = open();
    const consumer = log.after(0);
    const waiting = consumer.next();
    await consumer.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('that go on after an event get what followed it', async () => {
    const { log, show } = open();
    show(5);
    log.end();
    const seqs: number[] = [];
    for await (const { seq } of log.after(3)) seqs.push(seq);
    expect(seqs).toEqual([4, 5]);
  });
});

it('listeners get each event under its type and all of them as events; one that throws harms nobody', () => {
  const { log, errors } = open();
  const heard: string[] = [];
  log.events.on('notice', () => {
    throw new Error('a bug');
  });
  log.events.on('notice', ({ message, seq }) => heard.push(`${seq} ${message}`));
  log.events.on('event', ({ type }) => heard.push(type));
  log.show(notice('hello'));
  expect(heard).toEqual(['1 hello', 'notice']);
  expect(errors).toHaveLength(1);
  expect(log.metrics).toContainEqual(expect.objectContaining({ name: 'event_listener_errors', value: 1 }));
});

describe('keys that services quote', () => {
  it('get into no event, whoever shows or keeps it', async () => {
    const { log } = open();
    const reason = { kind: 'lost', message: 'refused Bearer abcdefgh' };
    const latency = { turns: 0 };
    log.show(notice('Incorrect API key provided: sk-test-0123456789'));
    log.show({ v: 1, atMs: 0, type: 'state', state: 'left', reason });
    const error = { code: 'key_refused', message: 'https://user:word@proxy.test refused' };
    log.show({ v: 1, atMs: 0, type: 'ended', reason, error, latency });
    log.end();
    const events: unknown[] = [];
    for await (const event of log.after(0)) events.push(event);
    expect(events).toMatchObject([
      { message: 'Incorrect API key provided: [redacted]' },
      { reason: { message: 'refused Bearer [redacted]' } },
      {
        reason: { message: 'refused Bearer [redacted]' },
        error: { code: 'key_refused', message: 'https://[redacted]@proxy.test refused' },
      },
    ]);
  });
});
