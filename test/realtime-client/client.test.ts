/** The client's methods over a scripted server, without a room: what is sent, what waits, what is refused. */
import { describe, expect, it, vi } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { ScriptedBackend } from '../../src/realtime/testing/scripted-backend.js';
import { connectRealtime } from '../../src/realtime-client/connect-realtime.js';
import { tone } from '../realtime/scripted-transport.js';
import { makeClient, sentOf, settle } from './fixture.js';

const FORMAT = { type: 'audio/pcm', rate: 24_000 };

describe('the session', () => {
  it('opens with turns found by the server, and PCM16 both ways', async () => {
    const { client, server } = await makeClient();
    expect(sentOf(server, 'session.update')).toEqual([
      {
        type: 'session.update',
        session: {
          type: 'realtime',
          output_modalities: ['audio'],
          audio: {
            input: { format: FORMAT, turn_detection: { type: 'server_vad' } },
            output: { format: FORMAT },
          },
          tools: [],
        },
      },
    ]);
    expect(client.getTurnDetectionType()).toBe('server_vad');
    await client.disconnect();
  });

  it('takes the flat fields of the beta and those of today, and sends what differs', async () => {
    const { client, server, logged } = await makeClient();
    server.connection.sent.length = 0;
    client.updateSession({
      modalities: ['text'],
      instructions: 'be brief',
      voice: 'alloy',
      input_audio_transcription: { model: 'gpt-realtime-whisper' },
      turn_detection: null,
      max_response_output_tokens: 300,
      temperature: 0.8,
      truncation: 'auto',
      audio: { output: { speed: 1.2 } },
    });
    client.updateSession({ voice: 'alloy', temperature: 0.6 });
    client.updateSession({ instructions: 'be long', output_audio_format: 'g711_ulaw' });
    expect(sentOf(server, 'session.update').map((event) => (event as { session: object }).session)).toEqual([
      {
        type: 'realtime',
        output_modalities: ['text'],
        instructions: 'be brief',
        audio: {
          input: { transcription: { model: 'gpt-realtime-whisper' }, turn_detection: null },
          output: { voice: 'alloy', speed: 1.2 },
        },
        max_output_tokens: 300,
        truncation: 'auto',
      },
      { type: 'realtime', instructions: 'be long', audio: { output: { format: { type: 'audio/pcmu' } } } },
    ]);
    expect(client.getTurnDetectionType()).toBe(null);
    expect(logged).toEqual(['the session has no temperature any more: it is left out']);
    expect(() => client.updateSession({ input_audio_format: 'mp3' as 'pcm16' })).toThrow(
      'There is no audio format "mp3": there are pcm16, g711_ulaw and g711_alaw',
    );
    await client.disconnect();
  });

  it('an update that the server refused is sent again with the next one', async () => {
    const { client, server, told } = await makeClient();
    client.updateSession({ voice: 'nobody' });
    const refused = server.connection.of('session.update').at(-1)!;
    server.connection.error({ event_id: refused.event_id, code: 'invalid_value', message: 'no such voice' });
    expect(told.map(([name]) => name)).toEqual(['error']);
    client.updateSession({ voice: 'alloy', instructions: 'hello' });
    expect(sentOf(server, 'session.update').at(-1)).toEqual({
      type: 'session.update',
      session: { type: 'realtime', instructions: 'hello', audio: { output: { voice: 'alloy' } } },
    });
    await client.disconnect();
  });

  it('another voice after speech takes another connection, which is told what was said', async () => {
    const { client, server, clock, told } = await makeClient();
    client.sendUserMessageContent([{ type: 'input_text', text: 'hello' }]);
    server.connection.say({
      type: 'conversation.item.added',
      item: { id: 'item_1', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
    });
    server.connection.responseCreated('resp_1');
    server.connection.responseDone('resp_1');
    client.updateSession({ voice: 'verse' });
    const refused = server.connection.of('session.update').at(-1)!;
    server.connection.error({ event_id: refused.event_id, code: 'cannot_update_voice' });
    await settle();
    clock.advanceBy(2_000);
    await settle();
    expect(server.connections.length).toBe(2);
    const [first] = server.connection.of('session.update');
    expect(first?.['session']).toMatchObject({ audio: { output: { voice: 'verse' } } });
    expect(sentOf(server, 'conversation.item.create')).toEqual([
      {
        type: 'conversation.item.create',
        item: {
          id: 'item_1',
          type: 'message',
          role: 'user',
          content: [{ type: 'input_text', text: 'hello' }],
        },
      },
    ]);
    expect(told.map(([name]) => name)).not.toContain('error');
    await client.disconnect();
  });
});

describe('tools by name', () => {
  it('are told to the server, and not twice', async () => {
    const { client, server } = await makeClient();
    const handler = (): number => 1;
    const tool = client.addTool({ name: 'count', parameters: { type: 'object' } }, handler);
    expect(tool.definition.name).toBe('count');
    expect(sentOf(server, 'session.update').at(-1)).toEqual({
      type: 'session.update',
      session: {
        type: 'realtime',
        tools: [{ type: 'function', name: 'count', parameters: { type: 'object' } }],
      },
    });
    expect(() => client.addTool({ name: 'count' }, handler)).toThrow(
      'Tool "count" already added. Please use .removeTool("count") before trying to add again.',
    );
    expect(() => client.addTool({ name: '' }, handler)).toThrow('Missing tool name in definition');
    expect(() => client.addTool({ name: 'other' }, 'x' as unknown as () => void)).toThrow(
      'Tool "other" handler must be a function',
    );
    expect(() => client.updateSession({ tools: [{ name: 'count' }] })).toThrow(
      'Tool "count" has already been defined',
    );
    client.removeTool('count');
    expect(sentOf(server, 'session.update').at(-1)).toEqual({
      type: 'session.update',
      session: { type: 'realtime', tools: [] },
    });
    expect(() => client.removeTool('count')).toThrow('Tool "count" does not exist, can not be removed.');
    await client.disconnect();
  });
});

describe('responses', () => {
  it('are asked for one at a time, and what is asked for meanwhile once', async () => {
    const { client, server } = await makeClient();
    client.sendUserMessageContent([{ type: 'input_text', text: 'one' }]);
    client.sendUserMessageContent([{ type: 'input_text', text: 'two' }]);
    client.createResponse();
    expect(sentOf(server, 'response.create').length).toBe(1);
    server.connection.responseCreated('resp_1');
    expect(sentOf(server, 'response.create').length).toBe(1);
    server.connection.responseDone('resp_1');
    expect(sentOf(server, 'response.create').length).toBe(2);
    server.connection.responseCreated('resp_2');
    server.connection.responseDone('resp_2');
    expect(sentOf(server, 'response.create').length).toBe(2);
    await client.disconnect();
  });

  it('one that is refused since the server made another is asked for again after that', async () => {
    const { client, server, told } = await makeClient();
    client.createResponse();
    const asked = server.connection.of('response.create')[0]!;
    server.connection.responseCreated('resp_vad');
    server.connection.error({
      event_id: asked.event_id,
      code: 'conversation_already_has_active_response',
    });
    expect(sentOf(server, 'response.create').length).toBe(1);
    server.connection.responseDone('resp_vad');
    expect(sentOf(server, 'response.create').length).toBe(2);
    expect(told).toEqual([]);
    await client.disconnect();
  });

  it('cancelling nothing is no error', async () => {
    const { client, server, told } = await makeClient();
    expect(client.cancelResponse()).toEqual({ item: null });
    expect(sentOf(server, 'response.cancel')).toEqual([{ type: 'response.cancel' }]);
    server.connection.error({ code: 'response_cancel_not_active' });
    expect(told).toEqual([]);
    await client.disconnect();
  });

  it('cancelling by an item truncates it, never beyond what came', async () => {
    const { client, server } = await makeClient();
    const item = { id: 'item_1', type: 'message', role: 'assistant', content: [] };
    server.connection.responseCreated('resp_1');
    server.connection.say({ type: 'conversation.item.added', item });
    expect(() => client.cancelResponse('item_1', 240)).toThrow('Could not find audio on item to cancel');
    server.connection.audio('resp_1', 'item_1', tone(100));
    expect(() => client.cancelResponse('item_2', 240)).toThrow('Could not find item "item_2"');
    expect(client.cancelResponse('item_1', 1_210).item?.id).toBe('item_1');
    client.cancelResponse('item_1', 24_000);
    expect(
      sentOf(server, 'conversation.item.truncate').map(
        (event) => (event as { audio_end_ms: number }).audio_end_ms,
      ),
    ).toEqual([50, 100]);
    await client.disconnect();
  });
});

describe('sound of a program’s own', () => {
  it('is sent as it comes, committed before a response where the program finds turns, and kept with its item', async () => {
    const { client, server } = await makeClient();
    client.updateSession({ turn_detection: null });
    client.appendInputAudio(tone(100));
    client.appendInputAudio(tone(20).buffer as ArrayBuffer);
    client.createResponse();
    expect(server.connection.appendedMs).toBe(120);
    expect(server.connection.sent.slice(-2).map(({ type }) => type)).toEqual([
      'input_audio_buffer.commit',
      'response.create',
    ]);
    const content = [{ type: 'input_audio', transcript: null }];
    server.connection.say({
      type: 'conversation.item.added',
      item: { id: 'item_1', type: 'message', role: 'user', content },
    });
    expect(client.conversation.getItem('item_1')?.formatted.audio.length).toBe(2_880);
    client.createResponse();
    expect(sentOf(server, 'input_audio_buffer.commit').length).toBe(1);
    await client.disconnect();
  });

  it('speech that the server found has its sound', async () => {
    const { client, server } = await makeClient();
    client.appendInputAudio(tone(500));
    server.connection.turn('item_1', 100, 350);
    server.connection.say({
      type: 'conversation.item.added',
      item: { id: 'item_1', type: 'message', role: 'user', content: [{ type: 'input_audio' }] },
    });
    expect(client.conversation.getItem('item_1')?.formatted.audio).toEqual(tone(500).subarray(2_400, 8_400));
    await client.disconnect();
  });

  it('in a message it becomes base64', async () => {
    const { client, server } = await makeClient();
    client.sendUserMessageContent([{ type: 'input_audio', audio: Int16Array.of(1, 2) }]);
    expect(sentOf(server, 'conversation.item.create')).toEqual([
      {
        type: 'conversation.item.create',
        item: { type: 'message', role: 'user', content: [{ type: 'input_audio', audio: 'AQACAA==' }] },
      },
    ]);
    await client.disconnect();
  });
});

describe('events', () => {
  it('of the wire come both ways, after the named ones that come of them', async () => {
    const { client, server } = await makeClient();
    const order: string[] = [];
    client.on('conversation.interrupted', () => order.push('interrupted'));
    client.realtime.on('server.input_audio_buffer.speech_started', () => order.push('server.…'));
    client.realtime.on('server.*', ({ type }) => order.push(`server.* ${type}`));
    client.realtime.on('client.*', ({ type }) => order.push(`client.* ${type}`));
    client.on('realtime.event', ({ source, event, time }) => {
      expect(time).toBe('2026-01-01T00:00:00.000Z');
      order.push(`${source} ${event.type}`);
    });
    server.connection.speechStarted('item_1');
    server.connection.say({ type: 'something.new' });
    client.realtime.send('input_audio_buffer.clear');
    expect(order).toEqual([
      'interrupted',
      'server.…',
      'server.* input_audio_buffer.speech_started',
      'server input_audio_buffer.speech_started',
      'server.* something.new',
      'server something.new',
      'client.* input_audio_buffer.clear',
      'client input_audio_buffer.clear',
    ]);
    await client.disconnect();
  });

  it('listeners are called in order, those for the next event last, and can be taken off', async () => {
    const { client, server } = await makeClient();
    const heard: string[] = [];
    const first = client.on('conversation.interrupted', () => heard.push('on 1'));
    client.onNext('conversation.interrupted', () => heard.push('next'));
    client.on('conversation.interrupted', () => heard.push('on 2'));
    server.connection.speechStarted('item_1');
    expect(client.off('conversation.interrupted', first)).toBe(true);
    expect(() => client.off('conversation.interrupted', first)).toThrow('not found as a listener');
    server.connection.speechStarted('item_2');
    client.off('conversation.interrupted');
    server.connection.speechStarted('item_3');
    expect(heard).toEqual(['on 1', 'on 2', 'next', 'on 2']);
    await client.disconnect();
  });

  it('waiting for the next one ends at its time', async () => {
    const { client, clock } = await makeClient();
    const next = client.waitForNext('conversation.interrupted', 500);
    clock.advanceBy(500);
    expect(await next).toBe(null);
    await client.disconnect();
  });

  it('items are waited for, and not beyond the end', async () => {
    const { client, server } = await makeClient();
    const appended = client.waitForNextItem();
    const completed = client.waitForNextCompletedItem();
    const item = { id: 'item_1', type: 'message', role: 'assistant', content: [] };
    server.connection.say({ type: 'conversation.item.added', item });
    server.connection.say({
      type: 'response.output_item.done',
      response_id: 'resp_1',
      output_index: 0,
      item: { ...item, status: 'completed' },
    });
    expect((await appended).item.id).toBe('item_1');
    expect((await completed).item.status).toBe('completed');
    const late = client.waitForNextItem();
    const refused = expect(late).rejects.toThrow('the session is over');
    await client.disconnect();
    await refused;
    await expect(client.waitForNextCompletedItem()).rejects.toThrow('the session is over');
  });

  it('an error of the server is told, and ends nothing', async () => {
    const { client, server, told } = await makeClient();
    server.connection.error({ message: 'that was wrong', code: 'invalid_value' });
    expect(told).toMatchObject([['error', { type: 'error', error: { message: 'that was wrong' } }]]);
    expect(client.isConnected()).toBe(true);
    await client.disconnect();
    expect(told.at(-1)).toEqual(['close', { error: false }]);
  });

  it('without a listener an error stands in the log', async () => {
    const { client, server, logged } = await makeClient();
    client.off('error');
    server.connection.error({ message: 'that was wrong', code: 'invalid_value' });
    expect(logged[0]).toContain('that was wrong');
    await client.disconnect();
  });

  it('a failure that no other connection cures is told, then the end', async () => {
    const { client, server, told } = await makeClient();
    const close = vi.fn();
    client.realtime.on('close', close);
    server.connection.error({ code: 'insufficient_quota', message: 'no money' });
    expect(told.map(([name]) => name)).toEqual(['error', 'error', 'close']);
    expect(told[1]?.[1]).toMatchObject({ code: 'service_unavailable' });
    expect(told.at(-1)).toEqual(['close', { error: true }]);
    expect(close).toHaveBeenCalledExactlyOnceWith({ error: true });
    expect(client.isConnected()).toBe(false);
    expect(() => client.createResponse()).toThrow('not connected');
  });
});

describe('a connection that is lost', () => {
  it('is replaced by one that is configured, is told what was said, and is sent what waited', async () => {
    const { client, server, clock, told } = await makeClient();
    client.updateSession({ voice: 'alloy' });
    client.addTool({ name: 'count' }, () => 1);
    const messages = [
      { id: 'item_1', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
      { id: 'item_2', type: 'message', role: 'assistant', content: [] },
    ];
    for (const item of messages) server.connection.say({ type: 'conversation.item.added', item });
    server.connection.text('resp_1', 'item_2', 'Good morning.');
    server.connection.say({
      type: 'response.output_item.done',
      response_id: 'resp_1',
      output_index: 0,
      item: { ...messages[1], status: 'completed' },
    });
    server.connection.drop(1006);
    client.sendUserMessageContent([{ type: 'input_text', text: 'are you there?' }]);
    clock.advanceBy(1);
    await settle();
    expect(server.connections.length).toBe(2);
    const { sent } = server.connection;
    expect(sent.map(({ type }) => type)).toEqual([
      'session.update',
      'conversation.item.create',
      'conversation.item.create',
      'conversation.item.create',
      'response.create',
    ]);
    expect(sent[0]!['session']).toMatchObject({
      audio: { output: { voice: 'alloy' } },
      tools: [{ type: 'function', name: 'count' }],
    });
    expect(sent.slice(1, 4).map(({ item }) => item)).toMatchObject([
      { id: 'item_1', content: [{ type: 'input_text', text: 'hello' }] },
      { id: 'item_2', role: 'assistant', content: [{ type: 'output_text', text: 'Good morning.' }] },
      { content: [{ type: 'input_text', text: 'are you there?' }] },
    ]);
    expect(told.map(([name]) => name)).not.toContain('close');
    await client.disconnect();
  });

  it('a response that was asked for and not heard is asked for again', async () => {
    const { client, server, clock } = await makeClient();
    client.createResponse();
    server.connection.responseCreated('resp_1');
    server.connection.drop(1006);
    clock.advanceBy(1);
    await settle();
    expect(server.connections.length).toBe(2);
    expect(sentOf(server, 'response.create').length).toBe(1);
    await client.disconnect();
  });
});

describe('connecting', () => {
  it('a backend that speaks no Realtime protocol is refused, and released', async () => {
    const backend = new ScriptedBackend();
    await expect(connectRealtime({ backend })).rejects.toMatchObject({ code: 'usage' });
    expect(backend.released).toBe(1);
  });

  it.each([
    [
      'is replaced',
      Date.UTC(2026, 10, 30),
      'was shut down on 2026-05-07: gpt-realtime-2.1 is used in its place',
    ],
    ['will be told', Date.UTC(2026, 0, 1), 'is shut down on 2026-05-07: use gpt-realtime-2.1'],
  ])('a model that was or will be shut down %s', async (_what, epochOriginMs, words) => {
    const clock = new VirtualClock({ epochOriginMs });
    const { client, logged } = await makeClient({ clock, model: 'gpt-4o-realtime-preview' });
    expect(logged).toEqual([`the model gpt-4o-realtime-preview ${words}`]);
    await client.disconnect();
  });

  it('happens once', async () => {
    const { client } = await makeClient();
    await expect(client.connect()).rejects.toThrow('Already connected');
    expect(await client.waitForSessionCreated()).toBe(true);
    await client.disconnect();
    await expect(client.connect()).rejects.toThrow('make another');
    await expect(client.waitForSessionCreated()).rejects.toThrow('Not connected');
  });

  it('reset ends it and forgets tools and listeners', async () => {
    const { client, told } = await makeClient();
    client.addTool({ name: 'count' }, () => 1);
    expect(client.reset()).toBe(true);
    expect(client.isConnected()).toBe(false);
    expect(told).toEqual([]);
    expect(() => client.removeTool('count')).toThrow('does not exist');
  });
});
