/** Machines of one service: live events of a meeting go from the one that has it to the others. */
import { request } from 'node:https';
import { get } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BotEvent } from '../../src/bot/event-log.js';
import { systemClock } from '../../src/clock.js';
import { createLogger } from '../../src/log.js';
import { claim, changeState, findBotById, insertBot } from '../../src/records/store/bots.js';
import { keepEvents } from '../../src/records/store/keep-events.js';
import { beginWorker } from '../../src/records/store/workers.js';
import { insertWorkspace } from '../../src/records/store/workspaces.js';
import { LiveFeeds } from '../../src/service/events/live-feeds.js';
import { FollowedBots } from '../../src/service/peers/followed-bots.js';
import { parsePeerAddress } from '../../src/service/peers/peer-connection.js';
import { peerFeeds, type PeerMessage } from '../../src/service/peers/peer-feed.js';
import { listenToPeers, type PeerServer } from '../../src/service/peers/peer-server.js';
import { describeDatabase } from '../database/test-databases.js';

const log = createLogger({ level: 'silent' });
const SECRET = 'a secret of the service';
const event = (seq: number, more: object): BotEvent => ({ v: 1, atMs: seq, seq, ...more }) as BotEvent;
const joined = (seq: number, name: string) =>
  event(seq, { type: 'joined', person: { id: name.toLowerCase(), name, isBot: false, speaks: ['es'] } });
const caption = (seq: number, segmentId: string, text: string) =>
  event(seq, {
    ...{ type: 'caption', kind: 'speech', segmentId, turnId: segmentId, part: 0 },
    ...{ speakerId: 'ana', speakerName: 'Ana', sourceLanguage: 'es', targetLanguage: 'en' },
    ...{ sourceText: text, translatedText: text, original: true, final: true, startMs: 0, endMs: 1 },
  });

/** Machines may be busy. */
const eventually = (read: () => unknown) => expect.poll(read, { timeout: 60_000 });

/** The machine that has the meeting. */
let feeds: LiveFeeds;
let server: PeerServer;
let runs: Set<string>;
beforeEach(async () => {
  feeds = new LiveFeeds(systemClock);
  runs = new Set();
  const address = parsePeerAddress('127.0.0.1:0');
  server = await listenToPeers({
    ...{ address, serviceSecret: SECRET, feeds, log },
    runs: (botId) => runs.has(botId),
  });
});
afterEach(async () => {
  feeds.close();
  await server.close();
});

describe('the connection', () => {
  it('gives a copy first, then what happens, and ends with the feed', async () => {
    runs.add('bot_1');
    feeds.push('bot_1', 1, joined(1, 'Ana'));
    feeds.push('bot_1', 1, caption(2, 's1', 'uno'));
    const messages: PeerMessage[] = [];
    for await (const message of peerFeeds(SECRET)(server.address, 'bot_1', new AbortController().signal)) {
      messages.push(message);
      if (message.type === 'copy') {
        feeds.push('bot_1', 1, caption(3, 's2', 'dos'));
        feeds.find('bot_1')!.tell('change', { revision: 2 });
        feeds.finish('bot_1');
      }
    }
    expect(messages).toMatchObject([
      {
        type: 'copy',
        copy: {
          snapshot: { people: [{ name: 'Ana' }], captions: [{ sourceText: 'uno' }] },
          last: { epoch: 1, seq: 2 },
          kept: [
            { epoch: 1, seq: 1 },
            { epoch: 1, seq: 2 },
          ],
        },
      },
      { type: 'event', at: { epoch: 1, seq: 3 }, event: { type: 'caption', sourceText: 'dos', seq: 3 } },
      { type: 'change', data: { revision: 2 } },
    ]);
    expect(messages[1]).not.toHaveProperty('event.epoch');
  });

  it('is refused to whoever has not the secret, and to who speaks no TLS', async () => {
    runs.add('bot_1');
    const read = async (secret: string): Promise<void> => {
      const feed = peerFeeds(secret)(server.address, 'bot_1', new AbortController().signal);
      expect(await feed[Symbol.asyncIterator]().next()).toMatchObject({ value: { type: 'copy' } });
    };
    await read(SECRET);
    await expect(read('another secret')).rejects.toThrow();
    const [host, port] = server.address.split(':');
    await expect(
      new Promise((resolve, reject) =>
        get({ host, port, path: '/feeds/bot_1' }, resolve).once('error', reject),
      ),
    ).rejects.toThrow();
    await expect(
      new Promise((resolve, reject) =>
        request({ host, port, path: '/feeds/bot_1', rejectUnauthorized: false }, resolve)
          .once('error', reject)
          .end(),
      ),
    ).rejects.toThrow();
  });

  it('tells nothing of a bot that does not run there', async () => {
    const feed = peerFeeds(SECRET)(server.address, 'bot_2', new AbortController().signal);
    await expect(feed[Symbol.asyncIterator]().next()).rejects.toThrow('404');
  });

  it.each(['0.0.0.0:1', '[::]:1', 'host', 'host:99999', 'host:1/path'])(
    '%s is no address of a machine',
    (text) => {
      expect(() => parsePeerAddress(text)).toThrow('--peer-address');
    },
  );
});

describeDatabase('embedded', ({ open }) => {
  const readers: { stop(): Promise<void> }[] = [];
  let followed: FollowedBots;
  let here: LiveFeeds;
  beforeEach(() => {
    here = new LiveFeeds(systemClock);
    followed = new FollowedBots({
      ...{ database: open(), feeds: here, workerId: 'wrk_here', runsHere: () => false, log },
      ...{ openFeed: peerFeeds(SECRET), clock: systemClock },
    });
  });
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((each) => each.stop()));
    await followed.close();
    here.close();
  });

  /** A bot that a worker has claimed; the worker is reached at `address`. */
  async function running(meetingId: string, workerId: string, address: string | null): Promise<string> {
    const { orm } = open();
    const workspace = await insertWorkspace(orm, { name: meetingId });
    const added = await insertBot(orm, {
      ...{ workspaceId: workspace.id, place: 'embedded', meetingId, name: 'Parley', settings: {} },
      ...{ options: {}, metadata: {}, createdBy: 'key:1', participantId: 'parley-bot' },
    });
    const { id } = 'bot' in added ? added.bot : added.existing;
    await worker(workerId, address);
    await takes(workerId, id);
    await changeState(orm, { botId: id, to: 'starting' });
    await changeState(orm, { botId: id, to: 'joining' });
    await changeState(orm, { botId: id, to: 'active' });
    return id;
  }
  const worker = (id: string, address: string | null) =>
    beginWorker(open().orm, {
      ...{ id, address, version: '1', slots: 4, used: 1, load: 0, rssMib: 1, state: 'running' },
    });
  const takes = (workerId: string, botId: string) => open().transaction((tx) => claim(tx, botId, workerId));
  async function reads(botId: string, lastId?: { epoch: number; seq: number }) {
    const bot = (await findBotById(open().orm, botId))!;
    await followed.follow(bot);
    const stream = here.open(botId, { caller: 'key:1', after: lastId, about: { id: botId } }).getReader();
    const events: { type: string; id: string | undefined; data: Record<string, unknown> }[] = [];
    const over = (async () => {
      for (;;) {
        const { done, value } = await stream.read();
        if (done) return;
        for (const block of new TextDecoder().decode(value).split('\n\n').filter(Boolean)) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
          events.push({
            type: field('event')!,
            id: field('id'),
            data: JSON.parse(field('data') ?? '{}') as never,
          });
        }
      }
    })();
    readers.push({ stop: () => stream.cancel() });
    const typesOf = () => events.map(({ type }) => type);
    return { events, over, typesOf, last: () => events.at(-1) };
  }

  it('a reader here gets what happens there, and the end', async () => {
    const id = await running('elsewhere', 'wrk_there', server.address);
    runs.add(id);
    feeds.push(id, 1, joined(1, 'Ana'));
    feeds.push(id, 1, caption(2, 's1', 'uno'));
    const first = await reads(id);
    await eventually(() => first.events[0]).toMatchObject({
      ...{ type: 'snapshot', id: '1-2' },
      data: { people: [{ name: 'Ana' }], captions: [{ sourceText: 'uno' }], lastId: '1-2' },
    });
    feeds.push(id, 1, caption(3, 's2', 'dos'));
    await eventually(first.last).toMatchObject({
      type: 'caption',
      id: '1-3',
      data: { sourceText: 'dos', epoch: 1 },
    });
    // Who comes again behind an event gets what it missed, as from the machine itself.
    const again = await reads(id, { epoch: 1, seq: 2 });
    await eventually(again.last).toMatchObject({ id: '1-3' });
    expect(again.typesOf()).toEqual(['snapshot', 'caption']);
    expect(await followed.snapshotOf((await findBotById(open().orm, id))!)).toMatchObject({ lastId: '1-3' });
    await open().transaction((tx) => changeState(tx, { botId: id, to: 'ended', reason: 'asked' }));
    feeds.finish(id);
    await Promise.all([first.over, again.over]);
    expect(first.last()).toMatchObject({ type: 'bot', data: { state: 'ended' } });
    await eventually(() => followed.count).toBe(0);
    expect(here.find(id)).toBeUndefined();
  });

  it('goes on with the machine that takes the meeting over', async () => {
    const id = await running('handed-over', 'wrk_there', server.address);
    runs.add(id);
    feeds.push(id, 1, joined(1, 'Ana'));
    const reader = await reads(id);
    const others = new LiveFeeds(systemClock);
    const other = await listenToPeers({
      ...{
        address: parsePeerAddress('127.0.0.1:0'),
        serviceSecret: SECRET,
        feeds: others,
        log,
        runs: () => true,
      },
    });
    others.push(id, 2, joined(1, 'Ben'));
    await worker('wrk_other', other.address);
    await takes('wrk_other', id);
    await eventually(() => reader.typesOf()).toContain('lost');
    await eventually(reader.last).toMatchObject({ type: 'snapshot', data: { people: [{ name: 'Ben' }] } });
    others.push(id, 2, caption(2, 's1', 'tres'));
    await eventually(reader.last).toMatchObject({ type: 'caption', id: '2-2' });
    feeds.push(id, 1, caption(9, 's9', 'of the machine before'));
    others.push(id, 2, caption(3, 's2', 'cuatro'));
    await eventually(reader.last).toMatchObject({ id: '2-3' });
    expect(JSON.stringify(reader.events)).not.toContain('of the machine before');
    others.close();
    await other.close();
  });

  it('a machine that cannot be reached costs the live events: the reader gets what the database keeps', async () => {
    const id = await running('unreachable', 'wrk_dead', '127.0.0.1:9');
    const keep = (events: BotEvent[]) =>
      open().transaction((tx) => keepEvents(tx, { botId: id, epoch: 1 }, events));
    const begun = event(1, {
      ...{
        type: 'started',
        time: new Date().toISOString(),
        meetingId: 'unreachable',
        participantId: 'parley-bot',
      },
      ...{ name: 'Parley', place: 'a room', interpreter: 'a script' },
    });
    await keep([begun, joined(2, 'Ana'), caption(3, 's1', 'uno')]);
    const reader = await reads(id);
    await eventually(() => reader.events[0]).toMatchObject({
      type: 'snapshot',
      data: {
        people: [{ id: 'ana', name: 'Ana' }],
        captions: [{ segmentId: 's1', translatedText: 'uno' }],
      },
    });
    expect(await followed.snapshotOf((await findBotById(open().orm, id))!)).toMatchObject({
      people: [{ name: 'Ana' }],
    });
    await keep([caption(4, 's2', 'dos')]);
    await eventually(reader.last).toMatchObject({
      type: 'snapshot',
      data: { captions: [{ translatedText: 'uno' }, { translatedText: 'dos' }] },
    });
    // It is there again.
    runs.add(id);
    feeds.push(id, 1, begun);
    for (const each of [joined(2, 'Ana'), caption(3, 's1', 'uno'), caption(4, 's2', 'dos')])
      feeds.push(id, 1, each);
    await worker('wrk_dead', server.address);
    await eventually(() => feeds.find(id)?.readers).toBe(1);
    feeds.push(id, 1, caption(5, 's3', 'tres'));
    await eventually(reader.last).toMatchObject({ type: 'caption', id: '1-5' });
    expect(reader.typesOf()).not.toContain('lost');
    await open().transaction((tx) => changeState(tx, { botId: id, to: 'ended', reason: 'asked' }));
    await reader.over;
  });
});
