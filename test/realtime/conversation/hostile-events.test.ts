import { describe, expect, it } from 'vitest';
import { serverEventSchema } from '../../../src/realtime/protocol/server-events.js';
import { addSource, TurnLedger } from '../../../src/realtime/conversation/turns/turn-ledger.js';
import { seededRandom } from '../../../src/seeded-random.js';
import { cpuMsOf } from '../../cpu-time.js';
import { keptMemory } from '../../kept-memory.js';
import { base64Of, tone } from '../scripted-transport.js';
import { connected, speak } from '../session-fixture.js';

type Random = () => number;
type Json = null | boolean | number | string | Json[] | { readonly [key in string]: Json };

const ID_POOL = 40;
const AUDIO = base64Of(tone(5));

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const id = (random: Random, kind: string): string => `${kind}_${Math.floor(random() * ID_POOL)}`;

/** Events as a server would send them, in no order that makes sense. */
function realistic(random: Random): Record<string, Json> {
  const item = id(random, 'item');
  const response = id(random, 'resp');
  const part = { response_id: response, item_id: item, output_index: 0, content_index: 0 };
  const status = pick(random, ['completed', 'failed', 'incomplete', 'cancelled', 'in_progress']);
  const events: Record<string, Json>[] = [
    { type: 'input_audio_buffer.speech_started', item_id: item, audio_start_ms: random() * 1e6 },
    { type: 'input_audio_buffer.speech_stopped', item_id: item, audio_end_ms: random() * 1e6 },
    { type: 'input_audio_buffer.committed', item_id: item, previous_item_id: null },
    { type: 'input_audio_buffer.cleared' },
    { type: 'response.created', response: { id: response, metadata: { turn: item } } },
    { type: 'response.created', response: { id: response } },
    { type: 'response.output_audio.delta', ...part, delta: AUDIO },
    { type: 'response.output_audio.done', ...part },
    { type: 'response.output_audio_transcript.delta', ...part, delta: 'word ' },
    { type: 'response.output_audio_transcript.done', ...part, transcript: 'words' },
    {
      type: 'response.done',
      response: { id: response, status, status_details: { reason: 'max_output_tokens' } },
    },
    {
      type: 'conversation.item.input_audio_transcription.delta',
      item_id: item,
      content_index: 0,
      delta: 'palabra ',
    },
    {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        code: pick(random, ['conversation_already_has_active_response', 'response_cancel_not_active', 'odd']),
        message: 'no',
        event_id: pick(random, [null, `maria.1.${Math.floor(random() * 200)}`]),
      },
    },
    { type: 'rate_limits.updated', rate_limits: [{ name: 'tokens', remaining: 0 }] },
    { type: 'session.updated', session: { type: 'realtime' } },
    { type: 'session.created', session: { type: 'realtime' } },
  ];
  return pick(random, events);
}

const STRANGE: readonly Json[] = [
  null,
  true,
  -1,
  1e308,
  0.1,
  '',
  '__proto__',
  '\u0000\ud800',
  'x'.repeat(5_000),
  [],
  {},
  [[[[[]]]]],
  { __proto__: null, constructor: 'x' },
];

/** Changes one place of an event, somewhere in its depth. */
function mutate(random: Random, value: Json): Json {
  if (typeof value !== 'object' || value === null || random() < 0.2) return pick(random, STRANGE);
  const keys = Object.keys(value);
  if (keys.length === 0) return pick(random, STRANGE);
  const key = pick(random, keys);
  const copy = structuredClone(value) as Record<string, Json>;
  if (random() < 0.2) Reflect.deleteProperty(copy, key);
  else copy[key] = mutate(random, copy[key]!);
  return copy;
}

const SERVER_EVENT_TYPES = serverEventSchema.options.map(({ shape }) => shape.type.value);

function hostileText(random: Random): string {
  const kind = random();
  if (kind < 0.45) return JSON.stringify({ event_id: `e${random()}`, ...realistic(random) });
  if (kind < 0.75) return JSON.stringify(mutate(random, { event_id: `e${random()}`, ...realistic(random) }));
  if (kind < 0.85)
    return JSON.stringify({ type: pick(random, SERVER_EVENT_TYPES), event_id: `e${random()}` });
  if (kind < 0.9) return JSON.stringify({ type: `unknown.${Math.floor(random() * 1e6)}`, event_id: 'x' });
  const text = JSON.stringify(realistic(random));
  if (kind < 0.95) return text.slice(0, Math.floor(random() * text.length));
  return Array.from({ length: Math.floor(random() * 200) }, () =>
    String.fromCharCode(Math.floor(random() * 0x1_00_00)),
  ).join('');
}

describe('a hostile server', () => {
  it.each([
    [1, 'client'],
    [2, 'client'],
    [3, 'server'],
  ] as const)(
    'of 10,000 events (seed %i, responses by the %s): no crash, and the session works afterwards',
    async (seed, responses) => {
      const fixture = await connected({ responses });
      const { session, server, clock, emitted } = fixture;
      const random = seededRandom(seed);
      let throws = 0;
      for (let n = 0; n < 10_000; n++) {
        try {
          server.connection.sayText(hostileText(random));
        } catch {
          throws++;
        }
        if (n % 50 === 0) speak(fixture, 10, () => tone(10));
        if (n % 500 === 0)
          session.cut([{ outputId: `maria.1/${id(random, 'item')}`, playedMs: 3, heardToEnd: false }]);
      }
      expect(throws).toBe(0);
      expect(session.state.kind).toBe('ready');
      expect(session.counters.malformedEvents).toBeGreaterThan(1_000);
      expect(session.counters.unknownEvents).toBeGreaterThan(300);
      const reported = emitted.notice.filter(({ kind }) => kind === 'malformed_event');
      expect(new Set(reported.map(({ code }) => code)).size).toBe(reported.length); // once per kind
      expect(emitted.notice.filter(({ kind }) => kind === 'unknown_event').length).toBeLessThanOrEqual(64);

      session.endOfSpeech();
      clock.advanceBy(2_000_000); // whatever hangs is given up, one after the other
      expect(session.idle).toBe(true);
      const doneBefore = emitted.turnDone.length;
      server.connection.turn('fine', 100, 700);
      if (responses === 'client') expect(server.connection.sent.at(-1)?.type).toBe('response.create');
      server.connection.responseCreated('resp_fine', 'fine');
      server.connection.audio('resp_fine', 'out_fine', tone(30));
      server.connection.textDone('resp_fine', 'out_fine', 'all is well');
      server.connection.responseDone('resp_fine');
      expect(emitted.turnDone.slice(doneBefore)).toEqual([{ turnId: 'maria.1/fine', outcome: 'completed' }]);
      expect(emitted.audio.at(-1)).toMatchObject({ turnId: 'maria.1/fine', outputId: 'maria.1/out_fine' });
      const closing = session.close();
      clock.advanceBy(2_000); // the last transcript never comes
      await closing;
      expect(clock.nextDueMs()).toBeUndefined();
      const begun = new Set(emitted.speechStarted.concat(emitted.turnCommitted).map(({ turnId }) => turnId));
      const done = new Set(emitted.turnDone.map(({ turnId }) => turnId));
      expect([...begun].filter((turnId) => !done.has(turnId))).toEqual([]); // no turn is left hanging
    },
  );

  it('neither hangs nor grows on ids without end', async () => {
    const { session, server, emitted, order } = await connected();
    const { connection } = server;
    // The fixture records everything it is told; here that would be the growth.
    for (const list of [order, ...Object.values(emitted)]) list.push = () => 0;
    const flood = (from: number, count: number) => {
      for (let n = from; n < from + count; n++) {
        connection.speechStarted(`heard_${n}`, n);
        connection.committed(`committed_${n}`);
        connection.responseCreated(`resp_${n}`);
        connection.audio(`resp_${n}`, `out_${n}`, AUDIO);
        connection.audio('resp_0', `out_of_one_${n}`, AUDIO);
        connection.text('resp_0', `part_${n}`, 'text ');
        connection.say({ type: `unknown.${n}` });
        connection.error({ code: `code_${n}`, event_id: `id_${n}` });
        connection.say({
          type: 'conversation.item.input_audio_transcription.delta',
          item_id: 'committed_0',
          content_index: 0,
          delta: 'palabra '.repeat(20),
        });
      }
      connection.sent.length = 0;
    };
    flood(0, 2_000);
    const beforeBytes = keptMemory().heapBytes;
    expect(cpuMsOf(() => flood(2_000, 10_000))).toBeLessThan(20_000);
    expect(session.state.kind).toBe('ready');
    expect(keptMemory().heapBytes - beforeBytes).toBeLessThan(2e6);
  });

  it('gives up what no sane server leaves open: too many turns heard, committed, or being answered', async () => {
    const heard = await connected();
    for (let n = 0; n < 9; n++) heard.server.connection.speechStarted(`item_${n}`, n);
    expect(heard.emitted.turnDone).toMatchObject([{ turnId: 'maria.1/item_0', outcome: 'failed' }]);

    const committed = await connected();
    for (let n = 0; n < 258; n++) committed.server.connection.committed(`item_${n}`);
    // The first is being asked for, 256 wait.
    expect(committed.emitted.turnDone).toMatchObject([{ turnId: 'maria.1/item_1', outcome: 'failed' }]);

    const answered = await connected({ responses: 'server' });
    for (let n = 0; n < 5; n++) {
      answered.server.connection.committed(`item_${n}`);
      answered.server.connection.responseCreated(`resp_${n}`);
      answered.server.connection.audio(`resp_${n}`, `out_${n}`, tone(10));
    }
    expect(answered.emitted.turnDone).toMatchObject([{ turnId: 'maria.1/item_0', outcome: 'failed' }]);
    expect(answered.emitted.audioEnded).toMatchObject([{ outputId: 'maria.1/out_0' }]);
  });

  it('fills no ledger: what is over is forgotten, and what is not is bounded', () => {
    const ledger = new TurnLedger();
    for (let n = 0; n < 5_000; n++) ledger.finish(ledger.open(`item_${n}`, `turn_${n}`, n));
    expect(ledger.size).toBe(512);
    expect(ledger.idle).toBe(true);
    const turn = ledger.open('item', 'turn', 0);
    for (let n = 0; n < 3; n++) addSource(turn, 'x'.repeat(40_000), false);
    expect(turn.sourceText).toHaveLength(50_000);
  });
});
