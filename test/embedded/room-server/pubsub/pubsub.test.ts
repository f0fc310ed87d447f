import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SignallingClient, startTestRoom, until } from '../harness.js';
import { PubSubClient } from '../pubsub-client.js';

let room: Awaited<ReturnType<typeof startTestRoom>>;
const closers: (() => void)[] = [];
beforeAll(async () => {
  room = await startTestRoom();
});
afterEach(() => closers.splice(0).forEach((close) => close()));
afterAll(() => room.close());

type Member = { pubSub: PubSubClient; signalling: SignallingClient; url: string };

async function member(id: string): Promise<Member> {
  const signalling = new SignallingClient(room, id);
  const answer = await signalling.join();
  const pubSub = await PubSubClient.open(room, answer);
  closers.push(() => {
    pubSub.close();
    signalling.close();
  });
  return { pubSub, signalling, url: answer['pubSubUrl'] as string };
}

const payload = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('pubSub', () => {
  it('hands a message to every subscriber, its sender included', async () => {
    const { pubSub: ana } = await member('ana');
    const { pubSub: ben } = await member('ben');
    const { pubSub: carla } = await member('carla');
    expect(await ana.subscribe('chat')).toMatchObject({ ok: true });
    await ben.subscribe('chat');
    await carla.subscribe('other');
    const ack = await ana.publish('chat', '¡Ñandú!', { payload: payload({ n: 1 }), messageId: 'm-1' });
    expect(ack).toMatchObject({ ok: true, messageId: 'm-1' });
    for (const each of [ana, ben]) {
      expect(await each.waitFor(1)).toEqual([
        expect.objectContaining({
          topic: 'chat',
          message: '¡Ñandú!',
          payload: { n: 1 },
          isOld: false,
          seqNum: 1,
        }),
      ]);
    }
    expect(carla.messages).toEqual([]);
  });

  it('says itself who sent a message and when', async () => {
    const { pubSub: mallory } = await member('mallory');
    const { pubSub: ben } = await member('ben');
    await ben.subscribe('chat');
    const lies = { senderId: 'parley-bot', senderName: 'Parley', timestamp: '1999-01-01T00:00:00.000Z' };
    const before = Date.now();
    await mallory.publish('chat', 'I am the interpreter', lies);
    const [message] = await ben.waitFor(1);
    expect(message).toMatchObject({ senderId: 'mallory', senderName: 'name of mallory' });
    expect(Date.parse(message!.timestamp)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(message!.timestamp)).toBeLessThanOrEqual(Date.now());
  });

  it('hands a message with recipients to these alone, and numbers the others without a gap', async () => {
    const { pubSub: ana } = await member('ana');
    const { pubSub: ben } = await member('ben');
    const { pubSub: carla } = await member('carla');
    for (const each of [ben, carla]) await each.subscribe('chat');
    await ana.publish('chat', 'to all');
    await ana.publish('chat', 'to ben', { sendOnly: ['ben'] });
    await ana.publish('chat', 'to all again');
    const toBen = await ben.waitFor(3);
    expect(toBen.map(({ message, seqNum }) => [message, seqNum])).toEqual([
      ['to all', 1],
      ['to ben', 0],
      ['to all again', 2],
    ]);
    const toCarla = await carla.waitFor(2);
    expect(toCarla.map(({ message, seqNum }) => [message, seqNum])).toEqual([
      ['to all', 1],
      ['to all again', 2],
    ]);
  });

  it('keeps what is to be kept, for those who may read it', async () => {
    const { pubSub: ana } = await member('ana');
    await ana.publish('notes', 'kept', { persist: true });
    await ana.publish('notes', 'gone');
    await ana.publish('notes', 'for ben, kept', { persist: true, sendOnly: ['ben'] });
    await ana.publish('notes', 'kept too', { persist: true });
    const { pubSub: ben } = await member('ben');
    const { pubSub: carla } = await member('carla');
    const first = await ben.subscribe('notes', -1);
    expect(first).toMatchObject({ batchType: 'old-messages', isLast: true });
    expect(ben.messages.map(({ message }) => message)).toEqual(['kept', 'for ben, kept', 'kept too']);
    expect(ben.messages.every(({ isOld }) => isOld)).toBe(true);
    await carla.subscribe('notes', -1);
    expect(carla.messages.map(({ message }) => message)).toEqual(['kept', 'kept too']);
    const { pubSub: dan } = await member('dan');
    await dan.subscribe('notes', 1);
    expect(dan.messages.map(({ message }) => message)).toEqual(['kept too']);
    const { pubSub: eve } = await member('eve');
    expect(await eve.subscribe('notes', 0)).toMatchObject({ ok: true });
    expect(eve.messages).toEqual([]);
  });

  it('stops after unsubscribing', async () => {
    const { pubSub: ana } = await member('ana');
    await ana.subscribe('chat');
    await ana.publish('chat', 'one');
    expect(await ana.unsubscribe('chat')).toMatchObject({ ok: true });
    await ana.publish('chat', 'two');
    await ana.subscribe('chat');
    await ana.publish('chat', 'three');
    await until(() => ana.messages.length >= 2, 'the third arrives');
    expect(ana.messages.map(({ message }) => message)).toEqual(['one', 'three']);
  });

  it('delivers once, however often one subscribes', async () => {
    const { pubSub: ana } = await member('ana');
    await ana.subscribe('chat');
    await ana.subscribe('chat');
    await ana.publish('chat', 'once');
    await ana.publish('chat', 'twice');
    await ana.waitFor(2);
    expect(ana.messages.map(({ message }) => message)).toEqual(['once', 'twice']);
  });

  it('refuses what is too large, too often, or for nobody', async () => {
    const { pubSub: ana } = await member('ana');
    expect(await ana.publish('chat', 'x'.repeat(32 * 1024))).toMatchObject({ ok: true });
    expect(await ana.publish('chat', 'x'.repeat(32 * 1024 + 1))).toMatchObject({
      ok: false,
      error: expect.stringContaining('32768') as string,
    });
    expect(await ana.publish('', 'no topic')).toMatchObject({ ok: false });
    expect(await ana.publish('t'.repeat(201), 'long topic')).toMatchObject({ ok: false });
    const many = Array.from({ length: 101 }, (_, n) => `p${n}`);
    expect(await ana.publish('chat', 'many', { sendOnly: many })).toMatchObject({ ok: false });
    const acks = await Promise.all(Array.from({ length: 400 }, () => ana.publish('chat', 'spam')));
    const refused = acks.filter(({ ok }) => !ok);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused[0]!.error).toContain('100 messages a second');
    expect(await ana.request((requestId) => ({ getHistory: { topic: 'chat', requestId } }))).toMatchObject({
      ok: false,
    });
  });

  it('makes a bounded number of topics for each participant', async () => {
    const { pubSub: ana } = await member('ana');
    const { pubSub: ben } = await member('ben');
    const answers = [];
    for (let n = 0; n < 51; n++) answers.push(await ana.subscribe(`topic-${n}`));
    expect(answers.filter((answer) => 'ok' in answer && !answer.ok)).toHaveLength(1);
    expect(await ben.subscribe('captions')).toMatchObject({ ok: true });
    await ana.unsubscribe('topic-0'); // an empty topic makes room
    expect(await ana.subscribe('another')).toMatchObject({ ok: true });
  });

  it('hands a message on to many in order', async () => {
    const { pubSub: ana } = await member('ana');
    const { pubSub: ben } = await member('ben');
    await ben.subscribe('chat');
    for (let n = 0; n < 200; n++)
      ana.send({ publish: { topic: 'chat', message: `m${n}`, requestId: `q${n}` } });
    const messages = await ben.waitFor(200);
    expect(messages.map(({ message }) => message)).toEqual(Array.from({ length: 200 }, (_, n) => `m${n}`));
    expect(messages.map(({ seqNum }) => seqNum)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
  });
});

describe('the ticket of pubSub', () => {
  it('is needed', async () => {
    const base = `wss://${room.signalingBaseUrl}/pubsub`;
    for (const url of [
      base,
      `${base}?ticket=`,
      `${base}?ticket=guess`,
      `${base}?roomId=test-room&peerId=ana`,
    ]) {
      const client = new PubSubClient(room, url);
      await until(() => client.closeCode, `${url} is refused`);
      expect(client.pingIntervalMs).toBeUndefined();
    }
  });

  it('ends with the signalling connection, and what it has opened with it', async () => {
    const { pubSub, signalling, url } = await member('ana');
    signalling.close();
    await until(() => pubSub.closeCode, 'pubSub is closed');
    const again = new PubSubClient(room, url);
    await until(() => again.closeCode, 'the ticket is of no use any more');
    expect(again.pingIntervalMs).toBeUndefined();
    await until(() => room.usage.pubSubConnections === 0, 'no connection is left');
  });

  it('gives each participant an address of its own', async () => {
    const ana = await member('ana');
    const ben = await member('ben');
    expect(ana.url).not.toBe(ben.url);
    expect(ana.url).not.toContain('eyJ');
  });
});
