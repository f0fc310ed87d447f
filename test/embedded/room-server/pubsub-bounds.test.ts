import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { PubSub, type PubSubConnection } from '../../../src/embedded/room-server/pubsub/pubsub.js';
import { decodeEnvelope, type DecodedBatch } from './pubsub-client.js';

class FakeConnection implements PubSubConnection {
  readonly participantId: string;
  readonly participantName = 'Somebody';
  readonly batches: DecodedBatch[] = [];
  hasRoom = true;

  constructor(participantId: string) {
    this.participantId = participantId;
  }

  send(data: Uint8Array): boolean {
    if (!this.hasRoom) return false;
    const { batch } = decodeEnvelope(data);
    if (batch !== undefined) this.batches.push(batch);
    return true;
  }

  get messages(): readonly string[] {
    return this.batches.flatMap((batch) => batch.messages.map(({ message }) => message));
  }
}

const publish = (
  pubSub: PubSub,
  connection: FakeConnection,
  message: string,
  fields: { persist?: boolean } = {},
) =>
  pubSub.publish(connection, {
    topic: 'chat',
    payload: new Uint8Array(),
    message,
    sendOnly: [],
    persist: fields.persist ?? false,
    messageId: '',
    requestId: 'r',
  });

describe('bounds of pubSub', () => {
  it('topics: 50 made by one participant at a time, which takes none from anybody else', () => {
    const pubSub = new PubSub(new VirtualClock());
    const [mallory, parley] = [new FakeConnection('mallory'), new FakeConnection('parley-1')];
    const publishTo = (connection: FakeConnection, topic: string) =>
      pubSub.publish(connection, {
        ...{ topic, payload: new Uint8Array(), message: 'x', sendOnly: [], persist: false },
        ...{ messageId: '', requestId: 'r' },
      });
    for (let n = 0; n < 201; n++) pubSub.subscribe(mallory, `t${n}`, 0, 'r');
    expect(publishTo(mallory, 'one more')).toBe('No such topic can be made.');
    pubSub.subscribe(parley, 'PARLEY_CAPTIONS_es', 0, 'r');
    expect(publishTo(parley, 'PARLEY_LANGUAGE')).toBeUndefined();
    expect(publishTo(mallory, 'PARLEY_CAPTIONS_es')).toBeUndefined(); // somebody else made it
    expect(parley.messages).toEqual(['x']);
    pubSub.unsubscribe(mallory, 't0');
    expect(publishTo(mallory, 'one more')).toBeUndefined();
    pubSub.remove(mallory);
    for (let n = 0; n < 50; n++) pubSub.subscribe(mallory, `u${n}`, 0, 'r');
    expect(publishTo(mallory, 'one more')).toBe('No such topic can be made.');
  });

  it('history: 500 messages of a topic, in batches of which the first one answers the request', () => {
    const clock = new VirtualClock();
    const pubSub = new PubSub(clock);
    const sender = new FakeConnection('ana');
    for (let n = 0; n < 520; n++) {
      clock.advanceBy(10);
      expect(publish(pubSub, sender, `m${n}`, { persist: true })).toBeUndefined();
    }
    const reader = new FakeConnection('ben');
    pubSub.subscribe(reader, 'chat', -1, 'subscription');
    expect(reader.messages).toHaveLength(500);
    expect([reader.messages[0], reader.messages[499]]).toEqual(['m20', 'm519']);
    expect(
      reader.batches.map(({ isLast, requestId, messages }) => [isLast, requestId, messages.length]),
    ).toEqual([
      [false, 'subscription', 100],
      [false, '', 100],
      [false, '', 100],
      [false, '', 100],
      [true, '', 100],
    ]);
    const late = new FakeConnection('carla');
    pubSub.subscribe(late, 'chat', 150, 'subscription');
    expect([late.messages[0], late.messages.length]).toEqual(['m370', 150]);
  });

  it('rate: 300 at once after a pause, 100 a second from then on, for each participant', () => {
    const clock = new VirtualClock();
    const pubSub = new PubSub(clock);
    const ana = new FakeConnection('ana');
    const accepted = (count: number, connection: FakeConnection): number =>
      Array.from({ length: count }, () => publish(pubSub, connection, 'm')).filter(
        (error) => error === undefined,
      ).length;
    expect(accepted(500, ana)).toBe(300);
    expect(accepted(10, new FakeConnection('ana'))).toBe(0); // another connection of the same participant
    expect(accepted(10, new FakeConnection('ben'))).toBe(10);
    clock.advanceBy(1_000);
    expect(accepted(500, ana)).toBe(100);
    clock.advanceBy(60_000);
    expect(accepted(500, ana)).toBe(300);
  });

  it('a receiver without room misses messages, is told of it by their numbers, and holds nobody up', () => {
    const pubSub = new PubSub(new VirtualClock());
    const slow = new FakeConnection('slow');
    const quick = new FakeConnection('quick');
    for (const connection of [slow, quick]) pubSub.subscribe(connection, 'chat', 0, 's');
    publish(pubSub, quick, 'one');
    slow.hasRoom = false;
    publish(pubSub, quick, 'two');
    publish(pubSub, quick, 'three');
    slow.hasRoom = true;
    publish(pubSub, quick, 'four');
    expect(quick.messages).toEqual(['one', 'two', 'three', 'four']);
    expect(slow.messages).toEqual(['one', 'four']);
    expect(slow.batches.map(({ messages }) => messages[0]!.seqNum)).toEqual([1, 4]);
    expect(pubSub.droppedCount).toBe(2);
  });
});
