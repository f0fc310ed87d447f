import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, babble, base64, Harness, join, silence, stringAt, type TestClient } from '../harness.js';

let harness: Harness;
let client: TestClient;

beforeEach(async () => {
  harness = await Harness.start();
  client = await harness.connect();
});
afterEach(() => harness.stop());

const text = (content: string, id: string): Record<string, unknown> => ({
  type: 'message',
  role: 'user',
  id,
  content: [{ type: 'input_text', text: content }],
});
const create = (item: unknown, more = {}): Record<string, unknown> => ({
  type: 'conversation.item.create',
  item,
  ...more,
});

describe('conversation.item.create', () => {
  it('adds at the end, after an item, or first', async () => {
    await harness.ask(client, create(text('a', 'a')));
    await harness.ask(client, create(text('b', 'b')));
    await harness.ask(client, create(text('c', 'c'), { previous_item_id: 'a' }));
    await harness.ask(client, create(text('d', 'd'), { previous_item_id: 'root' }));
    const previous = client.of('conversation.item.added').map((event) => event['previous_item_id']);
    expect(previous).toEqual([null, 'a', 'a', null]);
    expect(client.types()).toEqual([
      'session.created',
      ...Array.from({ length: 4 }, () => ['conversation.item.added', 'conversation.item.done']).flat(),
    ]);
    expect(client.last()['item']).toEqual({
      id: 'd',
      object: 'realtime.item',
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [{ type: 'input_text', text: 'd' }],
    });
  });

  const assistantAudio = {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_audio', audio: 'AAAA' }],
  };
  const refused: [string, Record<string, unknown>, string, string][] = [
    ['no item', { type: 'conversation.item.create' }, 'missing_required_parameter', 'item'],
    ['no type', create({}), 'missing_required_parameter', 'item.type'],
    ['an unknown type', create({ type: 'song' }), 'invalid_value', 'item.type'],
    ['no role', create({ type: 'message', content: [] }), 'missing_required_parameter', 'item.role'],
    ['no content', create({ type: 'message', role: 'user' }), 'missing_required_parameter', 'item.content'],
    [
      'a part without text',
      create({ type: 'message', role: 'user', content: [{ type: 'input_text' }] }),
      'missing_required_parameter',
      'item.content[0].text',
    ],
    ['assistant audio', create(assistantAudio), 'missing_required_parameter', 'item.content[0].text'],
    [
      'bad base64',
      create({ type: 'message', role: 'user', content: [{ type: 'input_audio', audio: '***' }] }),
      'invalid_value',
      'item.content[0].audio',
    ],
    ['an unknown field', create({ ...text('x', 'x'), mood: 1 }), 'unknown_parameter', 'item.mood'],
    ['a long id', create(text('x', 'x'.repeat(65))), 'string_above_max_length', 'item.id'],
    ['a reference', create({ type: 'item_reference', id: 'known' }), 'invalid_value', 'item.type'],
    ['a known id', create(text('again', 'known')), 'item_create_duplicate_item_id', 'item.id'],
    [
      'an unknown predecessor',
      create(text('x', 'x'), { previous_item_id: 'nope' }),
      'item_create_invalid_previous_item_id',
      'previous_item_id',
    ],
    [
      'a call of a tool whose name has a dot',
      create({ type: 'function_call', name: 'a.b', arguments: '{}', call_id: 'call_1' }),
      'invalid_value',
      'item.name',
    ],
    [
      'an output without its call',
      create({ type: 'function_call_output', call_id: 'call_x', output: '' }),
      'invalid_tool_call_id',
      'item.call_id',
    ],
  ];
  it.each(refused)('refuses %s and adds nothing', async (_name, event, code, param) => {
    await harness.ask(client, create(text('known', 'known')));
    await harness.ask(client, { ...event, event_id: 'mine' });
    expect(client.error).toMatchObject({ type: 'invalid_request_error', code, param, event_id: 'mine' });
    expect(client.of('conversation.item.added')).toHaveLength(1);
  });
});

describe('the turn in progress', () => {
  it('has an id that the client cannot take', async () => {
    await harness.speak(client, babble(500));
    const id = stringAt(client.last('input_audio_buffer.speech_started'), 'item_id');
    await harness.ask(client, create(text('x', id)));
    expect(client.error).toMatchObject({ code: 'item_create_duplicate_item_id' });
    await harness.speak(client, silence(400));
    expect(client.last('input_audio_buffer.committed')['item_id']).toBe(id);
  });
});

describe('retrieve, delete', () => {
  it('give an item back with its audio, and take it out', async () => {
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(5_000);
    const id = stringAt(client.last('response.output_item.done'), 'item.id');
    await harness.ask(client, { type: 'conversation.item.retrieve', item_id: id });
    const audio = stringAt(client.last('conversation.item.retrieved'), 'item.content.0.audio');
    expect(Buffer.from(audio, 'base64').length).toBe(1_000 * 48);
    expect((await harness.ask(client, { type: 'conversation.item.delete', item_id: id }))['item_id']).toBe(
      id,
    );
    for (const action of ['retrieve', 'delete', 'truncate']) {
      const more = action === 'truncate' ? { content_index: 0, audio_end_ms: 1 } : {};
      await harness.ask(client, {
        type: `conversation.item.${action}`,
        item_id: id,
        event_id: action,
        ...more,
      });
      expect(client.error).toMatchObject({
        code: `item_${action}_invalid_item_id`,
        param: 'item_id',
        event_id: action,
      });
    }
  });

  it('a deleted turn is not answered', async () => {
    await harness.ask(client, create(text('a', 'a')));
    await harness.ask(client, create(text('b', 'b')));
    await harness.ask(client, { type: 'conversation.item.delete', item_id: 'a' });
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(at(client.last('response.done'), 'response.output.0.content.0.transcript')).toBe('told: b');
  });
});

describe('conversation.item.truncate', () => {
  const truncate = (item_id: string, audio_end_ms: number, content_index = 0): Record<string, unknown> => ({
    type: 'conversation.item.truncate',
    item_id,
    content_index,
    audio_end_ms,
  });

  it('shortens the stored audio and removes the transcript', async () => {
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(5_000);
    const id = stringAt(client.last('response.output_item.done'), 'item.id');
    expect(await harness.ask(client, truncate(id, 400))).toMatchObject({
      type: 'conversation.item.truncated',
      item_id: id,
      content_index: 0,
      audio_end_ms: 400,
    });
    await harness.ask(client, { type: 'conversation.item.retrieve', item_id: id });
    const part = at(client.last(), 'item.content.0');
    expect(part).toMatchObject({ type: 'output_audio', transcript: '' });
    expect(Buffer.from(stringAt(part, 'audio'), 'base64').length).toBe(400 * 48);
    await harness.ask(client, truncate(id, 401));
    expect(client.error).toMatchObject({ message: 'Audio content of 400 ms is already shorter than 401 ms' });
  });

  it('refuses more than there is, at the millisecond', async () => {
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(5_000);
    const id = stringAt(client.last('response.output_item.done'), 'item.id');
    await harness.ask(client, truncate(id, 1_001));
    expect(client.error).toMatchObject({
      type: 'invalid_request_error',
      message: 'Audio content of 1000 ms is already shorter than 1001 ms',
      param: 'audio_end_ms',
    });
    expect((await harness.ask(client, truncate(id, 1_000))).type).toBe('conversation.item.truncated');
  });

  it('refuses what is no model audio, and an item that has none yet', async () => {
    await harness.ask(client, create(text('a', 'a')));
    await harness.ask(client, truncate('a', 10));
    const message = 'Only model output audio messages can be truncated.';
    expect(client.error).toMatchObject({ code: 'unsupported_content_type', message });
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(200); // the item is there, its first audio is not
    const id = stringAt(client.last('response.output_item.added'), 'item.id');
    await harness.ask(client, truncate(id, 0));
    expect(client.error).toMatchObject({ code: 'unsupported_content_type' });
    await harness.advance(5_000);
    await harness.ask(client, truncate(id, 10, 1));
    expect(client.error).toMatchObject({ code: 'unsupported_content_type' });
    await harness.ask(client, { ...truncate(id, 1.5), event_id: 'f' });
    expect(client.error).toMatchObject({ code: 'invalid_type', param: 'audio_end_ms', event_id: 'f' });
  });

  it('works at any moment of a response that is being spoken or was interrupted', async () => {
    harness.responder.durationMs = 8_000;
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(500); // 900 ms of audio sent
    const id = stringAt(client.last('response.output_item.added'), 'item.id');
    await harness.speak(client, babble(400));
    expect(at(client.last('response.done'), 'response.status')).toBe('cancelled');
    await harness.ask(client, truncate(id, 901));
    expect(client.error).toMatchObject({ message: 'Audio content of 900 ms is already shorter than 901 ms' });
    expect((await harness.ask(client, truncate(id, 333))).type).toBe('conversation.item.truncated');
  });

  it('in the middle of a response keeps the item cut, though the response goes on', async () => {
    harness.responder.durationMs = 3_000;
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(500);
    const id = stringAt(client.last('response.output_item.added'), 'item.id');
    await harness.ask(client, truncate(id, 250));
    await harness.advance(5_000);
    expect(at(client.last('response.done'), 'response.status')).toBe('completed');
    await harness.ask(client, { type: 'conversation.item.retrieve', item_id: id });
    expect(at(client.last(), 'item.content.0')).toEqual({
      type: 'output_audio',
      transcript: '',
      audio: base64(
        harness.responder.respondToAudio({ pcm24k: silence(1), instructions: '' }).pcm24k.slice(0, 6_000),
      ),
    });
  });
});
