import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import type { DataMessage } from '../../../src/room/room.js';
import { DataChannel, toDataMessage } from '../../../src/room/videosdk/data.js';
import type { SdkListeners, SdkMessage, SdkPubSub } from '../../../src/room/videosdk/sdk-types.js';

class FakePubSub implements SdkPubSub {
  readonly subscriptions = new Map<string, SdkListeners[]>();
  readonly published: unknown[][] = [];
  readonly limits: number[] = [];
  failure: Error | undefined;

  publish(...message: unknown[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.published.push(message);
    return Promise.resolve();
  }

  subscribe(topic: string, listeners: SdkListeners, options: { oldMessageLimit: number }): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.limits.push(options.oldMessageLimit);
    this.subscriptions.set(topic, [...(this.subscriptions.get(topic) ?? []), listeners]);
    return Promise.resolve();
  }

  unsubscribe(topic: string, listeners: SdkListeners): Promise<void> {
    this.subscriptions.set(
      topic,
      (this.subscriptions.get(topic) ?? []).filter((other) => other !== listeners),
    );
    return Promise.resolve();
  }

  deliver(topic: string, message: Partial<SdkMessage>): void {
    for (const { onMessageReceived } of this.subscriptions.get(topic) ?? [])
      onMessageReceived({ message: '', senderId: 'ana', senderName: 'Ana', timestamp: 1, ...message });
  }
}

function setUp() {
  const problems: string[] = [];
  const got: DataMessage[] = [];
  return { problems, got, data: new DataChannel('me', (text) => problems.push(text)) };
}

describe('DataChannel', () => {
  it('subscribes anew on each connection, once, and never asks for old messages', () => {
    const { data, got } = setUp();
    data.subscribe('T', (message) => got.push(message));
    const lines = [new FakePubSub(), new FakePubSub()];
    for (const connection of lines) {
      data.attach(connection);
      connection.deliver('T', { message: 'hello' });
      expect(connection.subscriptions.get('T')).toHaveLength(1);
      expect(connection.limits).toEqual([0]);
      data.detach();
    }
    expect(got.map(({ text }) => text)).toEqual(['hello', 'hello']);
  });

  it('several listeners of a topic share one subscription, which ends with the last of them', () => {
    const { data, got } = setUp();
    const connection = new FakePubSub();
    data.attach(connection);
    const listener = (message: DataMessage): void => void got.push(message);
    const stops = [data.subscribe('T', listener), data.subscribe('T', listener)];
    connection.deliver('T', {});
    expect(got).toHaveLength(2);
    expect(connection.subscriptions.get('T')).toHaveLength(1);
    stops[0]!();
    stops[0]!();
    connection.deliver('T', {});
    expect(got).toHaveLength(3);
    stops[1]!();
    expect(connection.subscriptions.get('T')).toHaveLength(0);
    data.attach(new FakePubSub());
    expect(got).toHaveLength(3);
  });

  it('does not deliver our own messages, and survives a listener that throws', () => {
    const { data, got, problems } = setUp();
    const connection = new FakePubSub();
    data.attach(connection);
    data.subscribe('T', () => {
      throw new Error('broken');
    });
    data.subscribe('T', (message) => got.push(message));
    connection.deliver('T', { senderId: 'me' });
    connection.deliver('T', { message: 'x' });
    expect(got.map(({ text }) => text)).toEqual(['x']);
    expect(problems).toEqual(['a listener of topic T failed: broken']);
  });

  it('sends with its options, and rejects with what to do when there is no line or it failed', async () => {
    const { data } = setUp();
    await expect(data.send('T', 'x', {})).rejects.toMatchObject({
      code: 'service_unavailable',
      retryable: true,
    });
    const connection = new FakePubSub();
    data.attach(connection);
    await data.send('T', 'x', { sendOnly: ['ana'], persist: true, payload: { a: 1 } });
    await data.send('T', 'y', {});
    expect(connection.published).toEqual([
      ['T', 'x', { persist: true, sendOnly: ['ana'] }, { a: 1 }],
      ['T', 'y', { persist: false }, undefined],
    ]);
    connection.failure = new Error('timed out');
    await expect(data.send('T', 'z', {})).rejects.toBeInstanceOf(ParleyError);
  });

  it('tells when a topic is not heard', async () => {
    const { data, problems } = setUp();
    const connection = new FakePubSub();
    connection.failure = new Error('4088');
    data.attach(connection);
    data.subscribe('T', () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(problems).toEqual(['topic T is not heard: 4088']);
  });
});

describe('toDataMessage', () => {
  const raw = { message: 'm', senderId: 'ana', senderName: 'Ana', timestamp: 5, payload: { a: 1 } };

  it.each([undefined, null, 'text', 3, ['list']])('a payload that is %j is empty', (payload) => {
    expect(toDataMessage('T', { ...raw, payload }).payload).toEqual({});
  });

  it('whatever comes, texts are texts', () => {
    expect(
      toDataMessage('T', { message: { a: 1 }, senderId: 7, senderName: null, timestamp: 0 }),
    ).toMatchObject({ text: '{"a":1}', senderId: '7' });
  });
});
