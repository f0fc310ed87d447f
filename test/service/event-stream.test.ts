import { expect, it } from 'vitest';
import type { BotEvent } from '../../src/bot/event-log.js';
import { VirtualClock } from '../../src/clock.js';
import { LiveFeed, positionOf } from '../../src/service/events/live-feed.js';
import { LiveFeeds } from '../../src/service/events/live-feeds.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ABOUT = { id: 'bot_1', state: 'active' };

function caption(seq: number, segmentId: string, text: string, final: boolean): BotEvent {
  return {
    ...{ v: 1, type: 'caption', seq, atMs: seq, kind: 'speech', segmentId, turnId: segmentId, part: 0 },
    ...{ speakerId: 'ana', speakerName: 'Ana', sourceLanguage: 'es', targetLanguage: 'en', sourceText: text },
    ...{ translatedText: text, original: true, final, startMs: 0, endMs: 1 },
  };
}
const joined = (seq: number, id: string): BotEvent => ({
  v: 1,
  type: 'joined',
  seq,
  atMs: seq,
  person: { id, name: id, isBot: false, speaks: [] },
});

/** A stream's events as far as they came; each read takes what there is. */
function reading(body: ReadableStream<Uint8Array>): {
  events: { type: string; id?: string; data: unknown }[];
  isOver: () => boolean;
  stop(): Promise<void>;
} {
  const events: { type: string; id?: string; data: unknown }[] = [];
  const reader = body.getReader();
  let isOver = false;
  void (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (const block of new TextDecoder().decode(value).split('\n\n').filter(Boolean)) {
        const field = (name: string): string | undefined =>
          new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        const id = field('id');
        events.push({
          type: field('event') ?? 'comment',
          ...(id === undefined ? {} : { id }),
          data: field('data') === undefined ? block : JSON.parse(field('data')!),
        });
      }
    }
    isOver = true;
  })();
  return { events, isOver: () => isOver, stop: () => reader.cancel() };
}

function feedWithCounts(clock = new VirtualClock()): {
  feed: LiveFeed;
  ends: (string | undefined)[];
  clock: VirtualClock;
} {
  const ends: (string | undefined)[] = [];
  return { feed: new LiveFeed(clock, (change, end) => change === -1 && ends.push(end)), ends, clock };
}

it('a snapshot comes first, then events under their ids', async () => {
  const { feed } = feedWithCounts();
  feed.push(1, joined(1, 'ana'));
  feed.push(1, caption(2, 's1', 'hola', false));
  const { events } = reading(feed.open({ about: ABOUT }));
  feed.push(1, caption(3, 's1', 'hola Ana', true));
  await settled();
  expect(events.map(({ type, id }) => [type, id])).toEqual([
    ['snapshot', '1-2'],
    ['caption', '1-3'],
  ]);
  expect(events[0]!.data).toMatchObject({
    bot: { id: 'bot_1' },
    people: [{ id: 'ana' }],
    captions: [{ segmentId: 's1', sourceText: 'hola' }],
    lastId: '1-2',
  });
  expect(events[1]!.data).toMatchObject({ type: 'caption', epoch: 1, seq: 3, sourceText: 'hola Ana' });
});

it('a reader that comes again gets what it missed, across processes of the meeting', async () => {
  const { feed } = feedWithCounts();
  for (let seq = 1; seq <= 5; seq++) feed.push(1, joined(seq, `p${seq}`));
  feed.push(2, joined(1, 'again'));
  const { events } = reading(feed.open({ about: ABOUT, after: positionOf('1-4')! }));
  await settled();
  expect(events.map(({ type, id }) => [type, id])).toEqual([
    ['snapshot', undefined],
    ['joined', '1-5'],
    ['joined', '2-1'],
  ]);
});

it('what is not kept any more is told as lost', async () => {
  const { feed } = feedWithCounts();
  for (let seq = 1; seq <= 1_500; seq++) feed.push(1, joined(seq, 'ana'));
  const { events } = reading(feed.open({ about: ABOUT, after: positionOf('1-2')! }));
  await settled();
  expect(events[1]).toMatchObject({ type: 'lost', data: { after: '1-2' } });
  expect(events.at(-1)).toMatchObject({ id: '1-1500' });
  expect(events.length).toBeGreaterThan(700);
});

it('an event that was told before is not told again', async () => {
  const { feed } = feedWithCounts();
  feed.push(2, joined(7, 'ana'));
  const { events } = reading(feed.open({ about: ABOUT }));
  feed.push(2, joined(7, 'ana'));
  feed.push(1, joined(9, 'bea'));
  await settled();
  expect(events.map(({ type }) => type)).toEqual(['snapshot']);
});

it('types narrow a stream; the snapshot comes all the same', async () => {
  const { feed } = feedWithCounts();
  const { events } = reading(feed.open({ about: ABOUT, types: ['joined'] }));
  feed.push(1, caption(1, 's1', 'hola', true));
  feed.push(1, joined(2, 'ana'));
  await settled();
  expect(events.map(({ type }) => type)).toEqual(['snapshot', 'joined']);
});

it('what sessions are told about people goes to no reader', async () => {
  const { feed } = feedWithCounts();
  const { events } = reading(feed.open({ about: ABOUT }));
  feed.push(1, {
    v: 1,
    type: 'instructions',
    seq: 1,
    atMs: 1,
    speakerId: 'a',
    to: 'en',
    text: 'private',
  });
  await settled();
  expect(JSON.stringify(events)).not.toContain('private');
});

it('a slow reader gets the last wording of captions, and is closed when too much waits; others notice nothing', async () => {
  const { feed, ends } = feedWithCounts();
  const slow = feed.open({ about: ABOUT }); // nobody reads it
  const quick = reading(feed.open({ about: ABOUT }));
  for (let seq = 1; seq <= 200; seq++) {
    feed.push(1, caption(seq, 's1', 'x'.repeat(500), false));
    await settled();
  }
  expect(quick.events).toHaveLength(201);
  const late = reading(slow);
  await settled();
  expect(late.events.length).toBeLessThan(120);
  expect(late.events.at(-1)).toMatchObject({ id: '1-200' });
  await late.stop();
  const stuck = feed.open({ about: ABOUT });
  for (let seq = 201; seq <= 600; seq++) {
    feed.push(1, caption(seq, `s${seq}`, 'x'.repeat(2_000), true));
    await settled();
  }
  expect(ends).toEqual(['left', 'slow']);
  const end = reading(stuck);
  await settled();
  expect(end.events.at(-1)!.type).toBe('slow');
  expect(end.isOver()).toBe(true);
  expect(quick.events).toHaveLength(601);
});

it('pings where nothing happens, every fifteen seconds', async () => {
  const { feed, clock } = feedWithCounts();
  const { events } = reading(feed.open({ about: ABOUT }));
  await settled();
  clock.advanceBy(14_999);
  await settled();
  expect(events).toHaveLength(1);
  clock.advanceBy(1);
  await settled();
  clock.advanceBy(15_000);
  await settled();
  expect(events.map(({ data }) => data).slice(1)).toEqual([': ping', ': ping']);
});

it('when the meeting is over, streams end after what waits', async () => {
  const feeds = new LiveFeeds(new VirtualClock());
  const { events, isOver } = reading(feeds.open('bot_1', { caller: 'me', about: ABOUT }));
  feeds.push('bot_1', 1, joined(1, 'ana'));
  feeds.finish('bot_1');
  await settled();
  expect(events.map(({ type }) => type)).toEqual(['snapshot', 'joined']);
  expect(isOver()).toBe(true);
  expect(feeds.counts).toEqual({ open: 0, closedSlow: 0, coalesced: 0, refused: 0 });
});

it('one caller can have 500 streams', () => {
  const feeds = new LiveFeeds(new VirtualClock());
  for (let n = 0; n < 500; n++) feeds.open('bot_1', { caller: 'me', about: ABOUT });
  expect(() => feeds.open('bot_1', { caller: 'me', about: ABOUT })).toThrow('too many event streams');
  feeds.open('bot_1', { caller: 'you', about: ABOUT });
  expect(feeds.counts).toMatchObject({ open: 501, refused: 1 });
});
