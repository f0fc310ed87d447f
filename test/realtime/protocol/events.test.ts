import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clientEventSchema } from '../../../src/realtime/protocol/client-events.js';
import { parseServerEvent, serverEventSchema } from '../../../src/realtime/protocol/server-events.js';
import { CLIENT_EXAMPLES, OPTIONAL_FIELDS, SERVER_EXAMPLES } from './examples.js';

type Json = Record<string, unknown>;

const clone = (event: object): Json => JSON.parse(JSON.stringify(event)) as Json;
const parse = (event: unknown) => parseServerEvent(JSON.stringify(event));
/** A value of another kind than `value`. */
const wrongFor = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? 7 : { wrong: true };

/** The event without one of its fields. */
function without(event: object, field: string): Json {
  return Object.fromEntries(Object.entries(clone(event)).filter(([name]) => name !== field));
}

/** The event with `value` at the path, such as `response.usage.total_tokens`. */
function withField(event: object, path: string, value: unknown): Json {
  const copy = clone(event);
  const names = path.split('.');
  let inner: Json = copy;
  for (const name of names.slice(0, -1)) inner = inner[name] as Json;
  inner[names.at(-1)!] = value;
  return copy;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('server events', () => {
  it('are checked without code being written for them, until they come often: the first of each waits for nothing', () => {
    const written = vi.fn();
    vi.stubGlobal(
      'Function',
      new Proxy(Function, {
        construct(target, args: unknown[]) {
          written();
          return Reflect.construct(target, args) as object;
        },
      }),
    );
    for (const example of Object.values(SERVER_EXAMPLES)) expect(parse(example).kind).toBe('event');
    expect(written).not.toHaveBeenCalled();
    for (let count = 0; count < 100; count++) parse(SERVER_EXAMPLES['input_audio_buffer.cleared']);
    expect(written).toHaveBeenCalled(); // of one that comes again and again
  });

  it('are all known', () => {
    const types = serverEventSchema.options.map(({ shape }) => shape.type.value);
    expect(types.sort()).toEqual(Object.keys(SERVER_EXAMPLES).sort());
    expect(types).toHaveLength(46);
  });

  describe.each(Object.values(SERVER_EXAMPLES))('$type', (example) => {
    it('parses, and nothing is lost or added', () => {
      expect(parse(example)).toEqual({ kind: 'event', event: clone(example) });
      expect(serverEventSchema.parse(clone(example))).toEqual(clone(example));
    });

    it('keeps fields that this version does not know', () => {
      const event = { ...clone(example), later: { deep: [1, { x: null }] } };
      expect(parse(event)).toEqual({ kind: 'event', event });
    });

    it('is malformed with any field of another kind, and says which', () => {
      for (const [field, value] of Object.entries(example)) {
        if (field === 'type') continue;
        const parsed = parse({ ...example, [field]: wrongFor(value) });
        expect(parsed, field).toMatchObject({ kind: 'malformed', type: example.type });
        expect(parsed.kind === 'malformed' && parsed.problem).toMatch(new RegExp(`^${field}`));
      }
    });

    it('is malformed without any field that is not optional', () => {
      for (const field of Object.keys(example)) {
        if (field === 'type') continue;
        const rest = without(example, field);
        const kind = OPTIONAL_FIELDS[example.type]?.includes(field) === true ? 'event' : 'malformed';
        expect(parse(rest).kind, field).toBe(kind);
      }
    });
  });

  it.each([
    ['session.created', 'session.type', 'translation'],
    ['session.updated', 'session.type', undefined],
    ['session.updated', 'session.expires_at', 'soon'],
    ['session.updated', 'session.audio.input.format', { type: 'audio/pcm', rate: 16_000 }],
    ['session.updated', 'session.audio.input.format', { rate: 24_000 }],
    ['session.updated', 'session.audio.input.turn_detection.type', 'client_vad'],
    ['session.updated', 'session.audio.input.turn_detection.threshold', 1.5],
    ['session.updated', 'session.audio.input.turn_detection.silence_duration_ms', '500'],
    ['session.updated', 'session.audio.output.speed', 9],
    ['session.updated', 'session.max_output_tokens', 'many'],
    ['session.updated', 'session.output_modalities', ['video']],
    ['session.updated', 'session.tools', [{ name: 'no type' }]],
    ['conversation.item.added', 'item.type', 'hologram'],
    ['conversation.item.added', 'item.role', 'narrator'],
    ['conversation.item.added', 'item.id', undefined],
    ['conversation.item.done', 'item.content', [{ type: 'output_smell' }]],
    ['response.created', 'response.id', undefined],
    ['response.done', 'response.id', 7],
    ['response.done', 'response.status', 'finished'],
    ['response.done', 'response.output', {}],
    ['response.done', 'response.usage.total_tokens', -1],
    ['response.done', 'response.usage.input_token_details.audio_tokens', '30'],
    ['response.done', 'response.metadata', { turn: 1 }],
    ['response.output_audio.delta', 'output_index', -1],
    ['response.output_audio.delta', 'content_index', 0.5],
    ['response.output_audio.delta', 'delta', null],
    ['input_audio_buffer.speech_started', 'audio_start_ms', -1],
    ['input_audio_buffer.speech_stopped', 'audio_end_ms', null],
    ['conversation.item.input_audio_transcription.completed', 'usage.type', 'words'],
    ['error', 'error.message', undefined],
    ['rate_limits.updated', 'rate_limits', [{ limit: 'none' }]],
  ] as const)('%s with a wrong %s is malformed', (type, path, value) => {
    const parsed = parse(withField(SERVER_EXAMPLES[type], path, value));
    expect(parsed).toMatchObject({ kind: 'malformed', type });
    expect(parsed.kind === 'malformed' && parsed.problem).toMatch(new RegExp(`^${path.split('.')[0]!}\\.?`));
  });

  it.each([
    // What servers send where the reference has nothing: seen in recorded sessions.
    [
      'session.created',
      'session',
      { type: 'realtime', id: 'sess_1', object: 'realtime.session', expires_at: 1_763_608_709 },
    ],
    ['session.created', 'session.audio.input.transcription', null],
    ['session.created', 'session.audio.input.noise_reduction', null],
    ['session.created', 'session.audio.input.turn_detection', null],
    ['session.created', 'session.prompt', null],
    ['session.created', 'session.tracing', null],
    ['session.created', 'session.include', null],
    ['session.created', 'session.max_output_tokens', 4_096],
    ['session.created', 'session.audio.output.format', { type: 'audio/pcma' }],
    ['session.created', 'session.audio.input.turn_detection', { type: 'semantic_vad', eagerness: 'high' }],
    [
      'session.updated',
      'session',
      { type: 'transcription', audio: { input: { format: { type: 'audio/pcmu' } } } },
    ],
    ['conversation.item.added', 'item.content', [{ type: 'input_audio', transcript: null }]],
    [
      'response.created',
      'response',
      {
        id: 'resp_1',
        status: 'in_progress',
        status_details: null,
        usage: null,
        conversation_id: null,
        metadata: null,
        output: [],
      },
    ],
    ['response.done', 'response.status_details', { type: 'incomplete', reason: 'a reason of the future' }],
    [
      'response.done',
      'response.status_details',
      { type: 'failed', error: { type: 'server_error', code: null, message: 'x' } },
    ],
    ['response.content_part.added', 'part', { type: 'output_audio' }],
    ['error', 'error', { type: 'server_error', code: null, message: 'x', param: null, event_id: null }],
    ['rate_limits.updated', 'rate_limits', []],
  ] as const)('%s takes %s as %j', (type, path, value) => {
    const event = withField(SERVER_EXAMPLES[type], path, value);
    expect(parse(event)).toEqual({ kind: 'event', event });
  });

  it('lose no response.done for the sake of an item of an unknown kind', () => {
    const known = clone(SERVER_EXAMPLES['response.done'])['response'] as { output: unknown[] };
    const output = [{ id: 'item_9', type: 'reasoning', summary: [] }, ...known.output, 'text', null];
    const parsed = parse(withField(SERVER_EXAMPLES['response.done'], 'response.output', output));
    expect(parsed).toMatchObject({ kind: 'event', event: { response: { output: known.output } } });
  });
});

describe('client events', () => {
  it('are all known', () => {
    const types = clientEventSchema.options.map(({ shape }) => shape.type.value);
    expect(types.sort()).toEqual(Object.keys(CLIENT_EXAMPLES).sort());
  });

  describe.each(Object.values(CLIENT_EXAMPLES))('$type', (example) => {
    it('parses, and nothing is lost or added', () => {
      expect(clientEventSchema.parse(clone(example))).toEqual(clone(example));
    });

    it('is refused with any field of another kind', () => {
      for (const [field, value] of Object.entries({ ...example, event_id: 'x' })) {
        if (field === 'type') continue;
        const { error } = clientEventSchema.safeParse({ ...clone(example), [field]: wrongFor(value) });
        expect(error?.issues[0]?.path[0], field).toBe(field);
      }
    });

    it('is refused without any field that is not optional', () => {
      for (const field of Object.keys(example)) {
        if (field === 'type' || field === 'event_id') continue;
        const rest = without(example, field);
        const optional = OPTIONAL_FIELDS[example.type]?.includes(field) === true;
        expect(clientEventSchema.safeParse(rest).success, field).toBe(optional);
      }
    });
  });

  it('clear settings with null', () => {
    const session = {
      type: 'realtime',
      instructions: '',
      tools: [],
      audio: { input: { turn_detection: null, transcription: null, noise_reduction: null } },
    };
    expect(clientEventSchema.parse({ type: 'session.update', session })).toEqual({
      type: 'session.update',
      session,
    });
  });

  it('may refer to items in the input of a response', () => {
    const event = {
      type: 'response.create',
      response: { input: [{ type: 'item_reference', id: 'item_1' }] },
    };
    expect(clientEventSchema.parse(event)).toEqual(event);
  });

  it.each([
    [{ type: 'session.update', session: { audio: {} } }, 'session.type'],
    [
      {
        type: 'session.update',
        session: { type: 'realtime', audio: { input: { format: { type: 'audio/pcm', rate: 16_000 } } } },
      },
      'session.audio.input.format.rate',
    ],
    [
      { type: 'session.update', session: { type: 'realtime', audio: { output: { speed: 2 } } } },
      'session.audio.output.speed',
    ],
    [
      { type: 'conversation.item.truncate', item_id: 'i', content_index: 0, audio_end_ms: 1.5 },
      'audio_end_ms',
    ],
    [
      { type: 'conversation.item.truncate', item_id: 'i', content_index: 0, audio_end_ms: -1 },
      'audio_end_ms',
    ],
    [
      {
        type: 'conversation.item.create',
        item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 7 }] },
      },
      'item.content.0.text',
    ],
    [{ type: 'response.audio.delta' }, 'type'],
    [{}, 'type'],
  ])('%j is refused at %s', (event, path) => {
    const { error } = clientEventSchema.safeParse(event);
    expect(error?.issues[0]?.path.join('.')).toBe(path);
  });
});

describe('parseServerEvent', () => {
  it.each([
    '',
    ' ',
    'garbage',
    '{',
    '{"type":"error"',
    '\u0000',
    '{"type":\'error\'}',
    'undefined',
    'NaN',
    '['.repeat(1_000_000),
  ])('takes %.20j for no JSON', (text) => {
    expect(parseServerEvent(text)).toEqual({ kind: 'malformed', problem: 'not JSON' });
  });

  it.each(['[]', '[{"type":"error"}]', 'null', 'true', '7', '"error"'])('takes %s for no event', (text) => {
    expect(parseServerEvent(text)).toEqual({ kind: 'malformed', problem: 'not a JSON object' });
  });

  it.each(['{}', '{"type":null}', '{"type":7}', '{"type":["error"]}', '{"__proto__":{"type":"error"}}'])(
    'asks for a type in %s',
    (text) => {
      expect(parseServerEvent(text)).toEqual({ kind: 'malformed', problem: 'type: not a string' });
    },
  );

  it.each([
    'response.audio.delta',
    'session.closed',
    'transcription_session.updated',
    '',
    'ERROR',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ])('does not know the type %j, and keeps the event', (type) => {
    const raw = { type, event_id: 'event_1', more: [1] };
    expect(parse(raw)).toEqual({ kind: 'unknown', type, raw });
  });

  it('takes a type for unknown that only looks like one', () => {
    expect(parse({ type: 'error ' })).toEqual({ kind: 'unknown', type: 'error', raw: { type: 'error ' } });
  });

  it('makes the name of an unknown type fit for a line of a log', () => {
    const parsed = parse({ type: `a\nb\u001b[31m\u202e${'x'.repeat(10_000)}` });
    expect(parsed).toMatchObject({ kind: 'unknown' });
    const { type } = parsed as { type: string };
    expect(type).toMatch(/^a b \[31m x+…$/);
    expect(type).toHaveLength(100);
  });

  it('takes huge nesting, in known events and unknown ones', () => {
    const nested = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    expect(parseServerEvent(`{"type":"later","x":${nested}}`).kind).toBe('unknown');
    expect(parseServerEvent(`{"type":"input_audio_buffer.cleared","event_id":"e","x":${nested}}`).kind).toBe(
      'event',
    );
    expect(parseServerEvent(`{"type":"error","event_id":"e","error":${nested}}`).kind).toBe('malformed');
    expect(parseServerEvent(`{"type":"response.done","event_id":"e","response":${nested}}`).kind).toBe(
      'malformed',
    );
  });

  it('lets no key reach a prototype', () => {
    const polluted = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}';
    for (const example of Object.values(SERVER_EXAMPLES)) {
      const parsed = parseServerEvent(JSON.stringify(example).replace('{', `{${polluted},`));
      expect(parsed.kind).toBe('event');
      if (parsed.kind !== 'event') continue;
      expect(Object.getPrototypeOf(parsed.event)).toBe(Object.prototype);
      expect('polluted' in parsed.event).toBe(false);
    }
    expect('polluted' in {}).toBe(false);
  });

  it('never throws and never grows its report: 10,000 random and damaged events', () => {
    const texts = Object.values(SERVER_EXAMPLES).map((example) => JSON.stringify(example));
    const paths = fc.array(fc.nat(20), { minLength: 1, maxLength: 6 });
    const damaged = fc
      .tuple(fc.constantFrom(...texts), paths, fc.jsonValue({ maxDepth: 3 }))
      .map(([text, steps, value]) => {
        const event = JSON.parse(text) as Json;
        let inner: Json = event;
        for (const [depth, step] of steps.entries()) {
          const names = Object.keys(inner);
          const name = names[step % Math.max(1, names.length)] ?? 'x';
          const next = inner[name];
          if (depth === steps.length - 1 || typeof next !== 'object' || next === null) {
            inner[name] = value;
            break;
          }
          inner = next as Json;
        }
        return JSON.stringify(event);
      });
    const cut = fc
      .tuple(fc.constantFrom(...texts), fc.nat(400))
      .map(([text, length]) => text.slice(0, length));
    const any = fc.oneof(damaged, cut, fc.json(), fc.string({ unit: 'binary' }));
    const seen = { event: 0, unknown: 0, malformed: 0 };
    fc.assert(
      fc.property(any, (text) => {
        const parsed = parseServerEvent(text);
        seen[parsed.kind]++;
        if (parsed.kind === 'malformed') {
          expect(parsed.problem.length).toBeLessThanOrEqual(201);
          expect(parsed.problem).not.toMatch(/[\p{Cc}\n]/u);
        }
        if (parsed.kind === 'event') expect(parsed.event.type).toBe((JSON.parse(text) as Json)['type']);
      }),
      { seed: 2, numRuns: 10_000 },
    );
    expect(seen.malformed).toBeGreaterThan(1_000);
    expect(seen.event).toBeGreaterThan(500);
  });
});
