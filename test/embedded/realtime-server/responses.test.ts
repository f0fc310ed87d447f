import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  at,
  babble,
  base64,
  detection,
  Harness,
  join,
  silence,
  stringAt,
  type TestClient,
  update,
} from './harness.js';

let harness: Harness;
let client: TestClient;

beforeEach(async () => {
  harness = await Harness.start({
    script: {
      onUserText: (text, tools) =>
        text.includes('weather') && tools.includes('get_weather')
          ? { calls: [{ name: 'get_weather', arguments: '{"city":"Madrid","unit":"celsius"}' }] }
          : undefined,
    },
  });
  client = await harness.connect();
});
afterEach(() => harness.stop());

const userText = (text: string, id?: string): Record<string, unknown> => ({
  type: 'message',
  role: 'user',
  ...(id === undefined ? {} : { id }),
  content: [{ type: 'input_text', text }],
});
const create = (item: unknown, more = {}): Record<string, unknown> => ({
  type: 'conversation.item.create',
  item,
  ...more,
});
const respond = (response: Record<string, unknown>): Record<string, unknown> => ({
  type: 'response.create',
  response,
});
const transcript = (event: unknown): unknown => at(event, 'response.output.0.content.0.transcript');

describe('response.create', () => {
  it('answers the items of its input, references included, and leaves the conversation alone out of band', async () => {
    await harness.ask(client, create(userText('in conversation', 'item_a')));
    const from = client.events.length;
    await harness.ask(
      client,
      respond({
        conversation: 'none',
        metadata: { topic: 'x' },
        input: [{ type: 'item_reference', id: 'item_a' }, userText('and this')],
      }),
    );
    await harness.advance(5_000);
    const done = client.last('response.done');
    expect(transcript(done)).toBe('told: in conversation told: and this');
    expect(at(done, 'response.metadata')).toEqual({ topic: 'x' });
    expect(at(done, 'response')).not.toHaveProperty('conversation_id');
    expect(client.types(from).filter((type) => type.startsWith('conversation.'))).toEqual([]);
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(transcript(client.last('response.done'))).toBe('told: in conversation');
  });

  it('allows one response at a time in the conversation, and others beside it', async () => {
    await harness.ask(client, create(userText('one')));
    await harness.ask(client, { type: 'response.create' });
    const active = stringAt(client.last('response.created'), 'response.id');
    await harness.ask(client, { type: 'response.create', event_id: 'second' });
    expect(client.error).toEqual({
      type: 'invalid_request_error',
      code: 'conversation_already_has_active_response',
      message: `Conversation already has an active response in progress: ${active}. Wait until the response is finished before creating a new one.`,
      param: null,
      event_id: 'second',
    });
    for (const name of ['a', 'b']) {
      await harness.ask(
        client,
        respond({ conversation: 'none', input: [userText(name)], metadata: { name } }),
      );
    }
    await harness.advance(5_000);
    const done = client.of('response.done');
    expect(done.map((event) => at(event, 'response.status'))).toEqual([
      'completed',
      'completed',
      'completed',
    ]);
    expect(done.map((event) => at(event, 'response.metadata.name'))).toEqual([undefined, 'a', 'b']);
  });

  it('overrides instructions and modality for itself only', async () => {
    await harness.ask(client, update({ instructions: 'session' }));
    const audio = {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_audio', audio: base64(babble(500)) }],
    };
    await harness.ask(client, create(audio));
    await harness.ask(client, respond({ instructions: 'mine', output_modalities: ['text'] }));
    await harness.advance(5_000);
    expect(harness.responder.heard.at(-1)?.instructions).toBe('mine');
    expect(at(client.last('response.done'), 'response.output_modalities')).toEqual(['text']);
    await harness.ask(client, create(audio));
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(harness.responder.heard.at(-1)?.instructions).toBe('session');
    expect(at(client.last('response.done'), 'response.output_modalities')).toEqual(['audio']);
  });

  it('adds system messages to the instructions', async () => {
    await harness.ask(client, update({ instructions: 'session' }));
    await harness.ask(
      client,
      create({ type: 'message', role: 'system', content: [{ type: 'input_text', text: 'be brief' }] }),
    );
    await harness.speak(client, join(babble(700), silence(300)));
    expect(harness.responder.heard.at(-1)?.instructions).toBe('session\nbe brief');
  });

  it('cuts the reply at max_output_tokens, and goes on with the rest when asked again', async () => {
    // Whole: 20 audio tokens and 6 of text.
    await harness.ask(client, detection({ type: 'server_vad', create_response: false }));
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.ask(client, respond({ max_output_tokens: 13 }));
    await harness.advance(5_000);
    const first = client.last('response.done')['response'];
    expect(first).toMatchObject({
      status: 'incomplete',
      status_details: { type: 'incomplete', reason: 'max_output_tokens' },
      max_output_tokens: 13,
    });
    expect(at(first, 'output.0.status')).toBe('incomplete');
    expect(Number(at(first, 'usage.output_tokens'))).toBeLessThanOrEqual(13);
    const heardFirst = String(at(first, 'output.0.content.0.transcript'));
    expect('one two three four five'.startsWith(heardFirst)).toBe(true);
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    const second = client.last('response.done')['response'];
    expect(second).toMatchObject({ status: 'completed' });
    expect(`${heardFirst} ${String(at(second, 'output.0.content.0.transcript'))}`.replace(/\s+/g, ' ')).toBe(
      'one two three four five',
    );
    const bytes = client
      .of('response.output_audio.delta')
      .reduce((sum, event) => sum + Buffer.from(stringAt(event, 'delta'), 'base64').length, 0);
    expect(bytes).toBe(1_000 * 48);
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(at(client.last('response.done'), 'response.output')).toEqual([]);
  });

  const refused: [string, Record<string, unknown>, string, string][] = [
    ['an unknown field', { foo: 1 }, 'unknown_parameter', 'response.foo'],
    ['a beta field', { modalities: ['text'] }, 'unknown_parameter', 'response.modalities'],
    ['another conversation', { conversation: 'conv_1' }, 'invalid_value', 'response.conversation'],
    [
      'an unknown reference',
      { input: [{ type: 'item_reference', id: 'nope' }] },
      'invalid_value',
      'response.input[0].id',
    ],
    [
      'a reference without id',
      { input: [{ type: 'item_reference' }] },
      'invalid_value',
      'response.input[0].id',
    ],
    [
      'an item without type',
      { input: [{ role: 'user' }] },
      'missing_required_parameter',
      'response.input[0].type',
    ],
    [
      'too much metadata',
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, 'v'])) },
      'object_above_max_properties',
      'response.metadata',
    ],
    ['long metadata', { metadata: { k: 'v'.repeat(513) } }, 'string_above_max_length', 'response.metadata.k'],
    [
      "a tool's name with a slash",
      { tools: [{ type: 'function', name: 'a/b' }] },
      'invalid_value',
      'response.tools[0].name',
    ],
    ['no tokens', { max_output_tokens: 0 }, 'integer_below_min_value', 'response.max_output_tokens'],
  ];
  it.each(refused)('refuses %s', async (_name, response, code, param) => {
    await harness.ask(client, { ...respond(response), event_id: 'mine' });
    expect(client.error).toMatchObject({ code, param, event_id: 'mine' });
    expect(client.of('response.created')).toHaveLength(0);
  });

  it('fails the response, not the session, when the responder throws', async () => {
    harness.responder.respondToAudio = () => {
      throw new Error('no');
    };
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(1_000);
    expect(client.last('response.done')['response']).toMatchObject({
      status: 'failed',
      status_details: { type: 'failed', error: { type: 'server_error', code: 'server_error' } },
      output: [],
    });
  });
});

describe('response.cancel', () => {
  it('cancels the active response, with or without its id, and closes what is open', async () => {
    harness.responder.durationMs = 10_000;
    for (const withId of [false, true]) {
      await harness.speak(client, join(babble(700), silence(300)));
      await harness.advance(500);
      const response_id = stringAt(client.last('response.created'), 'response.id');
      const from = client.events.length;
      await harness.ask(client, { type: 'response.cancel', ...(withId ? { response_id } : {}) });
      expect(client.types(from)).toEqual([
        'response.output_audio.done',
        'response.output_audio_transcript.done',
        'response.content_part.done',
        'conversation.item.done',
        'response.output_item.done',
        'response.done',
        'rate_limits.updated',
      ]);
      expect(client.last('response.done')['response']).toMatchObject({
        id: response_id,
        status: 'cancelled',
        status_details: { type: 'cancelled', reason: 'client_cancelled' },
      });
      const before = client.events.length;
      await harness.advance(5_000);
      expect(client.events.length).toBe(before);
    }
  });

  it('is refused when nothing is active, and harmless', async () => {
    for (const more of [{}, { response_id: 'resp_gone' }]) {
      await harness.ask(client, { type: 'response.cancel', event_id: 'c', ...more });
      expect(client.error).toMatchObject({ code: 'response_cancel_not_active', event_id: 'c', param: null });
    }
    expect((await harness.ask(client, update({}))).type).toBe('session.updated');
  });

  it('before anything was said leaves the turn to be answered', async () => {
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.ask(client, { type: 'response.cancel' });
    expect(at(client.last('response.done'), 'response.output')).toEqual([]);
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(transcript(client.last('response.done'))).toBe('one two three four five');
  });

  it('reaches an out-of-band response by its id only, and interruptions never do', async () => {
    await harness.ask(client, respond({ conversation: 'none', input: [userText('aside')] }));
    const response_id = stringAt(client.last('response.created'), 'response.id');
    await harness.ask(client, { type: 'response.cancel' });
    expect(client.error).toMatchObject({ code: 'response_cancel_not_active' });
    await harness.speak(client, babble(400));
    expect(client.of('response.done')).toHaveLength(0);
    await harness.ask(client, { type: 'response.cancel', response_id });
    expect(at(client.last('response.done'), 'response.status')).toBe('cancelled');
  });
});

describe('function calls', () => {
  const tools = [{ type: 'function', name: 'get_weather', parameters: { type: 'object' } }];

  it('follow the script, and their output is spoken', async () => {
    await harness.ask(client, update({ tools }));
    harness.responder.sourceText = 'the weather please';
    await harness.speak(client, join(babble(700), silence(300)));
    const from = client.events.length;
    await harness.advance(5_000);
    expect(client.types(from)).toEqual([
      'response.output_item.added',
      'conversation.item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    const call = client.last('response.function_call_arguments.done');
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"Madrid","unit":"celsius"}' });
    const deltas = client.of('response.function_call_arguments.delta').map((event) => event['delta']);
    expect(deltas.join('')).toBe(call['arguments']);
    await harness.ask(
      client,
      create({ type: 'function_call_output', call_id: call['call_id'], output: 'sunny' }),
    );
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(transcript(client.last('response.done'))).toBe('told: sunny');
  });

  it('are spoken even when the responder has no words for them', async () => {
    harness.responder.respondToText = () => ({ sourceText: '', text: '', pcm24k: new Int16Array(0) });
    await harness.ask(
      client,
      create({ type: 'function_call', name: 'f', arguments: '{}', call_id: 'call_1' }),
    );
    await harness.ask(
      client,
      create({ type: 'function_call_output', call_id: 'call_1', output: 'forty two degrees' }),
    );
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(10_000);
    expect(transcript(client.last('response.done'))).toBe('forty two degrees');
    expect(client.of('response.output_audio.delta').length).toBeGreaterThan(5);
  });

  it.each([
    ['without tools', {}],
    ['with tools off', { tools, tool_choice: 'none' }],
    ['when another one is demanded', { tools, tool_choice: { type: 'function', name: 'other' } }],
  ])('are not made %s', async (_name, session) => {
    await harness.ask(client, update(session));
    await harness.ask(client, create(userText('the weather')));
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(transcript(client.last('response.done'))).toBe('told: the weather');
  });

  it('come several at a time, behind what is said, and one response tells what they gave', async () => {
    await harness.stop();
    const seen: unknown[] = [];
    harness = await Harness.start({
      script: {
        onUserText: (_text, toolNames) => ({
          say: 'let me see',
          calls: toolNames.map((name) => ({ name, arguments: '{}' })),
        }),
        onFunctionResults: (results, toolNames) => {
          seen.push([results, toolNames]);
          return { say: 'warm and dry' };
        },
      },
    });
    client = await harness.connect();
    await harness.ask(client, update({ tools: [...tools, { type: 'function', name: 'get_rain' }] }));
    await harness.ask(client, create(userText('the weather')));
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(10_000);
    const { output } = client.last('response.done')['response'] as { output: Record<string, unknown>[] };
    expect(output.map(({ type, name }) => name ?? type)).toEqual(['message', 'get_weather', 'get_rain']);
    expect(output[1]!['call_id']).not.toBe(output[2]!['call_id']);
    await harness.ask(
      client,
      create({ type: 'function_call_output', call_id: output[2]!['call_id'], output: 'none' }),
    );
    await harness.ask(
      client,
      create({ type: 'function_call_output', call_id: output[1]!['call_id'], output: 'warm' }),
    );
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(10_000);
    expect(transcript(client.last('response.done'))).toBe('warm and dry');
    expect(seen).toEqual([
      [
        [
          { name: 'get_rain', arguments: '{}', output: 'none' },
          { name: 'get_weather', arguments: '{}', output: 'warm' },
        ],
        ['get_weather', 'get_rain'],
      ],
    ]);
  });

  it('are scripted without tools for a response out of band, which only writes', async () => {
    await harness.stop();
    harness = await Harness.start({
      script: { onUserText: (text, names) => ({ say: `{"asked":"${text}","tools":${names.length}}` }) },
    });
    client = await harness.connect();
    await harness.ask(client, {
      type: 'response.create',
      response: {
        conversation: 'none',
        output_modalities: ['text'],
        metadata: { purpose: 'wake' },
        input: [userText('is this for you?')],
      },
    });
    await harness.advance(10_000);
    const { response } = client.last('response.done') as unknown as { response: Record<string, unknown> };
    expect(response).toMatchObject({
      status: 'completed',
      metadata: { purpose: 'wake' },
      output: [{ content: [{ type: 'output_text', text: '{"asked":"is this for you?","tools":0}' }] }],
    });
    expect(response).not.toHaveProperty('conversation_id');
    expect(client.of('conversation.item.added')).toEqual([]);
  });

  it('get one output each', async () => {
    const call = { type: 'function_call', name: 'f', arguments: '{}', call_id: 'call_1' };
    const output = { type: 'function_call_output', call_id: 'call_1', output: 'once' };
    await harness.ask(client, create(call));
    await harness.ask(client, create(output));
    await harness.ask(client, create({ ...output, output: 'twice' }));
    expect(client.error).toMatchObject({
      code: 'invalid_tool_call_id',
      message: "Tool call ID 'call_1' already has an output in the conversation.",
      param: 'item.call_id',
    });
    await harness.ask(client, create({ ...output, call_id: 'call_2' }));
    expect(client.error).toMatchObject({
      code: 'invalid_tool_call_id',
      message: "Tool call ID 'call_2' not found in conversation.",
    });
  });

  it('cut short are closed as incomplete', async () => {
    await harness.ask(client, update({ tools }));
    await harness.ask(client, create(userText('weather')));
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(325);
    expect(client.last().type).toBe('response.function_call_arguments.delta');
    await harness.ask(client, { type: 'response.cancel' });
    expect(client.last('response.output_item.done')['item']).toMatchObject({
      type: 'function_call',
      status: 'incomplete',
      arguments: '{"city":"Madrid"',
    });
  });
});

describe('usage', () => {
  it('counts the whole conversation, and as cached what earlier responses have seen', async () => {
    await harness.ask(client, update({ instructions: 'x'.repeat(40) }));
    await harness.speak(client, join(silence(300), babble(1_000), silence(200)));
    await harness.advance(5_000);
    // 1.5 s of input audio, 1 s of output audio, 23 characters of transcript.
    expect(at(client.last('response.done'), 'response.usage')).toEqual({
      total_tokens: 51,
      input_tokens: 25,
      output_tokens: 26,
      input_token_details: {
        text_tokens: 10,
        audio_tokens: 15,
        image_tokens: 0,
        cached_tokens: 0,
        cached_tokens_details: { text_tokens: 0, audio_tokens: 0, image_tokens: 0 },
      },
      output_token_details: { text_tokens: 6, audio_tokens: 20 },
    });
    await harness.ask(client, create(userText('12345678')));
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(at(client.last('response.done'), 'response.usage.input_token_details')).toEqual({
      text_tokens: 10 + 6 + 2,
      audio_tokens: 15 + 10,
      image_tokens: 0,
      cached_tokens: 25,
      cached_tokens_details: { text_tokens: 10, audio_tokens: 15, image_tokens: 0 },
    });
  });

  it('comes with rate limits that go down and recover', async () => {
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(2_000);
    const limits = client.last('rate_limits.updated')['rate_limits'];
    expect(limits).toMatchObject([
      { name: 'requests', limit: 500, remaining: 499 },
      { name: 'tokens', limit: 200_000 },
    ]);
    expect(Number(at(limits, '1.remaining'))).toBeLessThan(200_000);
    await harness.advance(60_000);
    await harness.ask(client, create(userText('x')));
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(2_000);
    expect(at(client.last('rate_limits.updated'), 'rate_limits.0.remaining')).toBe(499);
  });
});
