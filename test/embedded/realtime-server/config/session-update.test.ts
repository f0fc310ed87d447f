import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, babble, detection, Harness, join, silence, type TestClient, update } from '../harness.js';

let harness: Harness;
let client: TestClient;

beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(async () => {
  client = await harness.connect();
});

const input = (fields: Record<string, unknown>): Record<string, unknown> =>
  update({ audio: { input: fields } });
const output = (fields: Record<string, unknown>): Record<string, unknown> =>
  update({ audio: { output: fields } });

describe('session.created', () => {
  it('is the first event and shows the documented defaults', () => {
    const created = client.events[0];
    expect(created?.type).toBe('session.created');
    expect(created?.['session']).toMatchObject({
      type: 'realtime',
      object: 'realtime.session',
      model: 'parley-embedded',
      output_modalities: ['audio'],
      instructions: '',
      tools: [],
      tool_choice: 'auto',
      max_output_tokens: 'inf',
      truncation: 'auto',
      tracing: null,
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: 24_000 },
          turn_detection: {
            type: 'server_vad',
            threshold: 0.5,
            prefix_padding_ms: 300,
            silence_duration_ms: 200,
            idle_timeout_ms: null,
            create_response: true,
            interrupt_response: true,
          },
        },
        output: { format: { type: 'audio/pcm', rate: 24_000 }, speed: 1 },
      },
    });
    expect(at(created, 'session.id')).toMatch(/^sess_[A-Za-z0-9]{20}$/);
    expect(at(created, 'session.expires_at')).toBe(Math.floor(harness.clock.epochMs() / 1000) + 3_600);
  });
});

describe('session.update', () => {
  it('changes only what is present, and answers with the full effective configuration', async () => {
    await harness.ask(client, update({ instructions: 'one', max_output_tokens: 100 }));
    const answer = await harness.ask(client, {
      ...detection({ type: 'server_vad', threshold: 0.7 }),
      event_id: 'e1',
    });
    expect(answer.type).toBe('session.updated');
    expect(answer.event_id).not.toBe('e1');
    expect(answer['session']).toMatchObject({
      instructions: 'one',
      max_output_tokens: 100,
      audio: {
        input: { turn_detection: { threshold: 0.7, prefix_padding_ms: 300, silence_duration_ms: 200 } },
      },
    });
    expect(JSON.stringify(answer)).not.toContain('"e1"');
  });

  it('clears with null, an empty string and an empty list', async () => {
    await harness.ask(
      client,
      update({
        instructions: 'x',
        tools: [{ type: 'function', name: 'f' }],
        audio: { input: { transcription: { model: 'whisper-1' }, noise_reduction: { type: 'far_field' } } },
      }),
    );
    expect(at(client.last('session.updated'), 'session.audio.input.noise_reduction')).toEqual({
      type: 'far_field',
      strength: 1,
    });
    const cleared = await harness.ask(
      client,
      update({
        instructions: '',
        tools: [],
        audio: { input: { transcription: null, noise_reduction: null, turn_detection: null } },
      }),
    );
    expect(cleared['session']).toMatchObject({
      instructions: '',
      tools: [],
      audio: { input: { turn_detection: null } },
    });
    expect(at(cleared, 'session.audio.input')).not.toHaveProperty('transcription');
    expect(at(cleared, 'session.audio.input')).not.toHaveProperty('noise_reduction');
  });

  it('keeps what an update of the same kind leaves out, and starts a new kind from its defaults', async () => {
    await harness.ask(client, detection({ type: 'server_vad', silence_duration_ms: 700 }));
    await harness.ask(client, detection({ type: 'server_vad', threshold: 0.9 }));
    expect(at(client.last(), 'session.audio.input.turn_detection')).toMatchObject({
      threshold: 0.9,
      silence_duration_ms: 700,
    });
    await harness.ask(client, detection({ type: 'semantic_vad', eagerness: 'high' }));
    expect(at(client.last(), 'session.audio.input.turn_detection')).toEqual({
      type: 'semantic_vad',
      eagerness: 'high',
      create_response: true,
      interrupt_response: true,
    });
    await harness.ask(client, detection({ type: 'server_vad' }));
    expect(at(client.last(), 'session.audio.input.turn_detection.silence_duration_ms')).toBe(200);
  });

  const refused: [string, Record<string, unknown>, string, string][] = [
    ['no session', { type: 'session.update' }, 'missing_required_parameter', 'session'],
    ['no type', { type: 'session.update', session: {} }, 'missing_required_parameter', 'session.type'],
    [
      'another type',
      { type: 'session.update', session: { type: 'transcription' } },
      'invalid_value',
      'session.type',
    ],
    ['an unknown field', update({ foo: 1 }), 'unknown_parameter', 'session.foo'],
    ['a beta field', update({ modalities: ['audio'] }), 'unknown_parameter', 'session.modalities'],
    ['a nested unknown field', input({ gain: 1 }), 'unknown_parameter', 'session.audio.input.gain'],
    [
      'no input rate',
      input({ format: { type: 'audio/pcm' } }),
      'missing_required_parameter',
      'session.audio.input.format.rate',
    ],
    [
      'no output rate',
      output({ format: { type: 'audio/pcm' } }),
      'missing_required_parameter',
      'session.audio.output.format.rate',
    ],
    [
      '16 kHz',
      input({ format: { type: 'audio/pcm', rate: 16_000 } }),
      'invalid_value',
      'session.audio.input.format.rate',
    ],
    ['a beta format', input({ format: 'pcm16' }), 'invalid_type', 'session.audio.input.format'],
    [
      'an unknown format',
      input({ format: { type: 'audio/opus' } }),
      'invalid_value',
      'session.audio.input.format.type',
    ],
    [
      'both modalities',
      update({ output_modalities: ['text', 'audio'] }),
      'invalid_value',
      'session.output_modalities',
    ],
    [
      'a modality of the beta',
      update({ output_modalities: ['video'] }),
      'invalid_value',
      'session.output_modalities[0]',
    ],
    ['an unknown voice', output({ voice: 'nobody' }), 'invalid_value', 'session.audio.output.voice'],
    ['too fast a speed', output({ speed: 2 }), 'decimal_above_max_value', 'session.audio.output.speed'],
    [
      'a threshold above 1',
      detection({ type: 'server_vad', threshold: 1.5 }),
      'decimal_above_max_value',
      'session.audio.input.turn_detection.threshold',
    ],
    [
      'a negative padding',
      detection({ type: 'server_vad', prefix_padding_ms: -1 }),
      'integer_below_min_value',
      'session.audio.input.turn_detection.prefix_padding_ms',
    ],
    [
      'a fractional silence',
      detection({ type: 'server_vad', silence_duration_ms: 1.5 }),
      'invalid_type',
      'session.audio.input.turn_detection.silence_duration_ms',
    ],
    [
      'detection without type',
      detection({ threshold: 0.4 }),
      'missing_required_parameter',
      'session.audio.input.turn_detection.type',
    ],
    [
      'a threshold for semantic VAD',
      detection({ type: 'semantic_vad', threshold: 0.4 }),
      'unknown_parameter',
      'session.audio.input.turn_detection.threshold',
    ],
    [
      'too many tokens',
      update({ max_output_tokens: 5_000 }),
      'integer_above_max_value',
      'session.max_output_tokens',
    ],
    [
      'tokens of another kind',
      update({ max_output_tokens: 'lots' }),
      'invalid_value',
      'session.max_output_tokens',
    ],
    ['instructions that are no text', update({ instructions: 5 }), 'invalid_type', 'session.instructions'],
    [
      'a tool without name',
      update({ tools: [{ type: 'function' }] }),
      'missing_required_parameter',
      'session.tools[0].name',
    ],
    [
      'parameters that are no schema',
      update({ tools: [{ type: 'function', name: 'f', parameters: 'any' }] }),
      'invalid_type',
      'session.tools[0].parameters',
    ],
    ['an unknown tool choice', update({ tool_choice: 'maybe' }), 'invalid_value', 'session.tool_choice'],
    [
      'transcription without model',
      input({ transcription: { language: 'es' } }),
      'missing_required_parameter',
      'session.audio.input.transcription.model',
    ],
    [
      'keywords for whisper',
      input({ transcription: { model: 'whisper-1', keywords: ['a'] } }),
      'invalid_value',
      'session.audio.input.transcription.keywords',
    ],
    [
      'noise reduction without type',
      input({ noise_reduction: {} }),
      'missing_required_parameter',
      'session.audio.input.noise_reduction.type',
    ],
    ['an unknown include', update({ include: ['everything'] }), 'invalid_value', 'session.include[0]'],
    [
      'a truncation ratio above 1',
      update({ truncation: { type: 'retention_ratio', retention_ratio: 2 } }),
      'decimal_above_max_value',
      'session.truncation.retention_ratio',
    ],
    ...[
      ['a dot', 'weather.today', 'invalid_value'],
      ['a slash', 'weather/today', 'invalid_value'],
      ['a space', 'weather today', 'invalid_value'],
      ['a letter beyond a to z', 'météo', 'invalid_value'],
      ['a line end behind it', 'weather\n', 'invalid_value'],
      ['nothing in it', '', 'empty_string'],
      ['65 characters', 'n'.repeat(65), 'string_above_max_length'],
    ].map(([what, name, code]): [string, Record<string, unknown>, string, string] => [
      `a tool's name with ${what!}`,
      update({
        tools: [
          { type: 'function', name: 'fine' },
          { type: 'function', name },
        ],
      }),
      code!,
      'session.tools[1].name',
    ]),
    ['another model', update({ model: 'gpt-realtime-1.5' }), 'invalid_value', 'session.model'],
  ];
  it.each(refused)('refuses %s and changes nothing', async (_name, event, code, param) => {
    const before = at(client.events[0], 'session');
    const session = event['session'] as Record<string, unknown> | undefined;
    const sent = session && { session: { instructions: 'changed', ...session } };
    await harness.ask(client, { ...event, ...sent, event_id: 'mine' });
    expect(client.error).toMatchObject({ type: 'invalid_request_error', code, param, event_id: 'mine' });
    expect(String(client.error['message']).length).toBeGreaterThan(10);
    const after = await harness.ask(client, update({}));
    expect(at(after, 'session')).toEqual(before);
  });

  it('does not fall for a field that names the prototype', async () => {
    client.raw('{"type":"session.update","session":{"type":"realtime","__proto__":{"instructions":"x"}}}');
    await harness.settle();
    expect(client.error).toMatchObject({ code: 'unknown_parameter', param: 'session.__proto__' });
  });

  it('takes the names of tools that the API takes', async () => {
    const names = ['f', 'get_weather', 'Get-Weather-2', '0', '_', 'n'.repeat(64)];
    const answer = await harness.ask(
      client,
      update({ tools: names.map((name) => ({ type: 'function', name })) }),
    );
    expect(at(answer, 'session.tools')).toEqual(names.map((name) => ({ type: 'function', name })));
  });

  it('words the names of tools that it refuses as the API does', async () => {
    await harness.ask(client, update({ tools: [{ type: 'function', name: 'a.b' }] }));
    expect(client.error['message']).toBe(
      "Invalid 'session.tools[0].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    );
    await harness.ask(client, update({ tools: [{ type: 'function', name: '' }] }));
    expect(client.error['message']).toBe(
      "Invalid 'session.tools[0].name': empty string. Expected a string with minimum length 1, but got an empty string instead.",
    );
  });

  it('words unknown and missing parameters as the API does', async () => {
    await harness.ask(client, update({ foo: 1 }));
    expect(client.error['message']).toBe("Unknown parameter: 'session.foo'.");
    await harness.ask(client, output({ format: { type: 'audio/pcm' } }));
    expect(client.error['message']).toBe("Missing required parameter: 'session.audio.output.format.rate'.");
  });

  it('takes the model of the connection, its own name, and one model when the connection named only the stand-in', async () => {
    expect((await harness.ask(client, update({ model: 'gpt-realtime-2.1' }))).type).toBe('session.updated');
    expect((await harness.ask(client, update({ model: 'parley-embedded' }))).type).toBe('session.updated');
    const other = await harness.connect('?model=parley-embedded');
    expect((await harness.ask(other, update({ model: 'gpt-realtime-2' }))).type).toBe('session.updated');
    await harness.ask(other, update({ model: 'gpt-realtime-1.5' }));
    expect(other.error).toMatchObject({ param: 'session.model' });
  });

  it('refuses another voice once audio was produced, and takes the same one', async () => {
    await harness.ask(client, output({ voice: 'cedar' }));
    expect(client.last().type).toBe('session.updated');
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(5_000);
    await harness.ask(client, output({ voice: 'marin' }));
    expect(client.error).toMatchObject({
      code: 'cannot_update_voice',
      message: "Cannot update a conversation's voice if assistant audio is present.",
    });
    await harness.ask(client, { type: 'response.create', response: { audio: { output: { voice: 'ash' } } } });
    expect(client.error).toMatchObject({ code: 'cannot_update_voice', param: 'response.audio.output.voice' });
    expect((await harness.ask(client, output({ voice: 'cedar' }))).type).toBe('session.updated');
  });

  it('refuses another speed while a response is in progress', async () => {
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.ask(client, output({ speed: 1.2 }));
    expect(client.error).toMatchObject({ param: 'session.audio.output.speed' });
    await harness.advance(5_000);
    expect((await harness.ask(client, output({ speed: 1.2 }))).type).toBe('session.updated');
  });

  it('does not let a tracing configuration be replaced', async () => {
    await harness.ask(client, update({ tracing: 'auto' }));
    await harness.ask(client, update({ tracing: { workflow_name: 'a' } }));
    expect(client.last().type).toBe('session.updated');
    await harness.ask(client, update({ tracing: { workflow_name: 'b' } }));
    expect(client.error).toMatchObject({ param: 'session.tracing' });
  });
});
