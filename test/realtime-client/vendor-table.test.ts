/** The client tells of a conversation what OpenAI's beta client told of it. */
import { describe, expect, it } from 'vitest';
import { makeClient, settle } from './fixture.js';
import { VENDOR_TABLE } from './vendor-table.js';

describe('as the beta client', () => {
  it.each(VENDOR_TABLE)('$name', async ({ events, told: expected }) => {
    const { client, server, told } = await makeClient();
    for (const event of events) server.connection.say(event);
    expect(told).toEqual(expected);
    await settle(); // a tool may be answered
    await client.disconnect();
  });
});

describe('other than the beta client, on purpose', () => {
  it('an item that is announced twice, or is done, is no news', async () => {
    const { client, server, told } = await makeClient();
    const item = {
      id: 'item_1',
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: 'hello' }],
    };
    server.connection.say({ type: 'conversation.item.added', item });
    const count = told.length;
    server.connection.say({ type: 'conversation.item.created', item });
    server.connection.say({ type: 'conversation.item.done', item: { ...item, status: 'completed' } });
    expect(told.length).toBe(count);
    await client.disconnect();
  });

  it('a transcript that comes before its item is kept', async () => {
    const { client, server } = await makeClient();
    server.connection.say({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'item_1',
      content_index: 0,
      transcript: 'early',
      usage: { type: 'duration', seconds: 1 },
    });
    const content = [{ type: 'input_audio', transcript: null }];
    server.connection.say({
      type: 'conversation.item.added',
      item: { id: 'item_1', type: 'message', role: 'user', content },
    });
    expect(client.conversation.getItem('item_1')?.formatted.transcript).toBe('early');
    await client.disconnect();
  });

  it('an event about an unknown item is counted, and throws nowhere', async () => {
    const { client, server, told } = await makeClient();
    server.connection.audio('resp_1', 'nobody', new Int16Array(24));
    expect(told).toEqual([]);
    expect(client.metrics().find(({ name }) => name === 'client_unknown_items')?.value).toBe(1);
    await client.disconnect();
  });

  it('a listener that throws or rejects is logged once and counted, and the next one hears all the same', async () => {
    const { client, server, logged } = await makeClient();
    const heard: string[] = [];
    client.on('conversation.interrupted', () => {
      throw new Error('mine');
    });
    client.on('conversation.interrupted', () => Promise.reject(new Error('later')));
    client.on('conversation.interrupted', () => heard.push('second'));
    server.connection.speechStarted('item_1');
    server.connection.speechStarted('item_2');
    await settle();
    expect(heard).toEqual(['second', 'second']);
    expect(client.metrics().find(({ name }) => name === 'client_listener_errors')?.value).toBe(4);
    expect(logged).toEqual(['a listener of conversation.interrupted failed']);
    await client.disconnect();
  });

  it('a payload that is undefined ends waiting for it', async () => {
    const { client, server } = await makeClient();
    const next = client.waitForNext('conversation.interrupted');
    server.connection.speechStarted('item_1');
    expect(await next).toBeUndefined();
    await client.disconnect();
  });
});
