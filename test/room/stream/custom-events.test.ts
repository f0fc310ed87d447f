import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { CustomEventReader, eventsOf, MAX_EVENT_BYTES } from '../../../src/room/stream/custom-events.js';

const bytesOf = (custom: object): number => Buffer.byteLength(JSON.stringify({ custom }));
const readAll = (
  events: readonly object[],
  sender = 'ana',
  reader = new CustomEventReader(new VirtualClock()),
) => events.map((event) => reader.read(sender, JSON.parse(JSON.stringify(event))));

describe('eventsOf', () => {
  it('a short message is one event that any program can read', () => {
    expect(eventsOf({ topic: 'TALK', text: 'hola', payload: { n: 1 } }, 'a')).toEqual([
      { parley: 'TALK', text: 'hola', payload: { n: 1 } },
    ]);
  });

  it('5,000 bytes of UTF-8 are the limit: one more and it goes out in two parts', () => {
    const fits = MAX_EVENT_BYTES - bytesOf({ parley: 'TALK', text: '', payload: {} });
    expect(eventsOf({ topic: 'TALK', text: 'x'.repeat(fits), payload: {} }, 'a')).toHaveLength(1);
    const parts = eventsOf({ topic: 'TALK', text: 'x'.repeat(fits + 1), payload: {} }, 'a');
    expect(parts).toHaveLength(2);
    expect(parts[0]).toMatchObject({ parley: 'TALK', part: { id: 'a', index: 0, count: 2 } });
    expect(eventsOf({ topic: 'TALK', text: 'ñ'.repeat(fits / 2 + 1), payload: {} }, 'a')).toHaveLength(2);
  });

  it('whatever is written, no event is too large, and what is read is what was written', () => {
    const message = fc.record({
      topic: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
      text: fc.string({ maxLength: 6_000, unit: 'grapheme' }),
      payload: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 200 })),
    });
    fc.assert(
      fc.property(message, (sent) => {
        const events = eventsOf(sent, 'abc');
        for (const event of events) expect(bytesOf(event)).toBeLessThanOrEqual(5_000);
        const read = readAll(events);
        expect(read.slice(0, -1).every((each) => each === undefined)).toBe(true);
        expect(read.at(-1)).toEqual({ ...sent, payload: { ...sent.payload } });
      }),
      { numRuns: 100, seed: 13 },
    );
  });

  it('what 16 events cannot hold is refused, and a topic that is too long', () => {
    expect(() => eventsOf({ topic: 'TALK', text: 'x'.repeat(60_000), payload: {} }, 'a')).toThrow(
      'a message on TALK is too long for a call of Stream: about 55 KB can be sent',
    );
    expect(() => eventsOf({ topic: 'T'.repeat(129), text: '', payload: {} }, 'a')).toThrow(/128 characters/);
  });
});

describe('CustomEventReader', () => {
  const long = eventsOf({ topic: 'TALK', text: 'y'.repeat(12_000), payload: {} }, 'a');

  it('puts parts together in any order, of several senders at once', () => {
    const reader = new CustomEventReader(new VirtualClock());
    const [first, ...rest] = long;
    expect(readAll([...rest].reverse(), 'ana', reader).every((each) => each === undefined)).toBe(true);
    expect(readAll([first!], 'ben', reader)).toEqual([undefined]);
    expect(readAll([first!], 'ana', reader)).toEqual([
      { topic: 'TALK', text: 'y'.repeat(12_000), payload: {} },
    ]);
    expect(reader.givenUp).toBe(0);
  });

  it('leaves events of other programs alone, and counts what is no message', () => {
    const reader = new CustomEventReader(new VirtualClock());
    const others: unknown[] = [{ type: 'draw', x: 1 }, 'text', null, 3, { toString: 1 }];
    expect(others.map((each) => reader.read('ana', each))).toEqual(others.map(() => undefined));
    expect(reader.unreadable).toBe(0);
    const broken = [
      { parley: 7, text: '' },
      { parley: '', text: '' },
      { parley: 'TALK', text: 7 },
      { parley: 'TALK', payload: [] },
    ];
    expect(broken.map((each) => reader.read('ana', each))).toEqual(broken.map(() => undefined));
    expect(reader.unreadable).toBe(4);
    const parts = [0, 1].map((index) => ({ parley: 'T', part: { id: 'x', index, count: 2, data: '!!' } }));
    expect(parts.map((each) => reader.read('ana', each))).toEqual([undefined, undefined]);
    expect(reader.unreadable).toBe(5);
  });

  it('what a person writes by hand needs neither text nor payload', () => {
    const reader = new CustomEventReader(new VirtualClock());
    expect(reader.read('ana', { parley: 'PARLEY_LANGUAGE', payload: { preferredLanguage: 'fr' } })).toEqual({
      topic: 'PARLEY_LANGUAGE',
      text: '',
      payload: { preferredLanguage: 'fr' },
    });
  });

  it('keeps parts of 32 messages at most, and for half a minute', () => {
    const clock = new VirtualClock();
    const reader = new CustomEventReader(clock);
    const part = (id: string, index: number) => ({
      parley: 'T',
      part: { id, index, count: 2, data: 'e30=' },
    });
    for (let n = 0; n < 40; n++) reader.read('ana', part(String(n), 0));
    expect(reader.givenUp).toBe(8);
    expect(reader.read('ana', part('7', 1))).toBeUndefined();
    clock.advanceBy(31_000);
    expect(reader.read('ana', part('39', 1))).toBeUndefined();
    expect(reader.givenUp).toBe(10);
  });
});
