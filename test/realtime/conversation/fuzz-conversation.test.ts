/**
 * A conversation session under arbitrary orders of valid, duplicated, late and invalid server events and arbitrary calls:
 * never two voices at once, nothing played or truncated beyond what was received, every queue bounded, and it always closes.
 */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import {
  DEFAULT_CONVERSATION_CONFIG,
  type ResponseMode,
} from '../../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../../src/realtime/conversation/conversation-session.js';
import { clientEventSchema } from '../../../src/realtime/protocol/client-events.js';
import { FUZZ_RUNS, runFuzz } from '../fuzz-runs.js';
import type { FuzzConnection, FuzzServer } from '../fuzz-server.js';
import type { FuzzStage } from '../fuzz-stage.js';
import { type CommonStep, commonStep, takeCommonStep, voicePiece } from '../fuzz-steps.js';

type Step =
  | CommonStep
  | { do: 'hear'; what: 'started' | 'stopped' | 'committed'; item: number; ms: number }
  | { do: 'transcribe'; item: number; final: boolean }
  | { do: 'respond'; what: (typeof RESPONSE_EVENTS)[number]; response: number; item: number; status: string }
  /** Somebody's words from the first to the commit, as a server tells them. */
  | { do: 'turn' }
  /** The same, and a proper answer. */
  | { do: 'exchange' }
  /** What a server does for the last request, from `response.created` on, so far. */
  | { do: 'answer'; events: number; status: string };

const RESPONSE_EVENTS = ['created', 'audio', 'audio done', 'text', 'text done', 'done'] as const;
const STATUSES = ['completed', 'completed', 'cancelled', 'incomplete', 'failed'] as const;

const small = fc.nat({ max: 3 });
const status = fc.constantFrom<string>(...STATUSES);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: commonStep },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'turn' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'exchange' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('hear'),
      what: fc.constantFrom('started', 'stopped', 'committed'),
      item: small,
      ms: fc.nat({ max: 20_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('transcribe'), item: small, final: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('respond'),
      what: fc.constantFrom(...RESPONSE_EVENTS),
      response: small,
      item: small,
      status,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('answer'), events: fc.nat({ max: 6 }), status }),
  },
);

beforeAll(() => Promise.all([loadResampler(), loadSpeechDetector()]));

it.each<ResponseMode>(['client', 'server', 'none'])(
  'whatever happens, the port is kept (responses by %s)',
  async (responses) => {
    const answered = await runFuzz({
      step,
      take,
      server: {
        schema: clientEventSchema,
        appendType: 'input_audio_buffer.append',
        audioType: 'response.output_audio.delta',
        session: { type: 'realtime' },
      },
      makeSession: (open, clock) =>
        new ConversationSession({
          open,
          clock,
          name: 'maria',
          config: { ...DEFAULT_CONVERSATION_CONFIG, responses },
          instructions: 'translate to English',
        }),
      drainMs: [0, 500, 12_000],
    });
    // what is tried goes beyond the first words
    if (responses !== 'none') expect(answered).toBeGreaterThan(FUZZ_RUNS / 2);
  },
);

function take(step: Step, stage: FuzzStage, server: FuzzServer): void {
  const { connection } = server;
  switch (step.do) {
    case 'turn':
      if (connection !== undefined) say(connection, stage);
      return;
    case 'exchange':
      if (connection === undefined) return;
      say(connection, stage);
      answer(connection, 6, 'completed');
      return;
    case 'hear': {
      const item_id = `item_${step.item}`;
      if (step.what === 'started') {
        connection?.say({ type: 'input_audio_buffer.speech_started', item_id, audio_start_ms: step.ms });
      } else if (step.what === 'stopped') {
        connection?.say({ type: 'input_audio_buffer.speech_stopped', item_id, audio_end_ms: step.ms });
      } else {
        connection?.say({ type: 'input_audio_buffer.committed', item_id, previous_item_id: null });
      }
      return;
    }
    case 'transcribe': {
      const type = `conversation.item.input_audio_transcription.${step.final ? 'completed' : 'delta'}`;
      const usage = { type: 'duration', seconds: 1 };
      const words = step.final ? { transcript: 'Hola.', usage } : { delta: 'Hola' };
      connection?.say({ type, item_id: `item_${step.item}`, content_index: 0, ...words });
      return;
    }
    case 'respond':
      if (connection !== undefined)
        respond(connection, step.what, `resp_${step.response}`, `out_${step.item}`, step.status);
      return;
    case 'answer':
      if (connection !== undefined) answer(connection, step.events, step.status);
      return;
    default:
      takeCommonStep(step, stage, server);
  }
}

/** Somebody speaks, and the server hears it. */
function say(connection: FuzzConnection, stage: FuzzStage): void {
  const item_id = `turn_${connection.sentCount}`;
  const audio_start_ms = connection.appendedSamples / 24;
  connection.say({ type: 'input_audio_buffer.speech_started', item_id, audio_start_ms });
  stage.speak(800, true);
  const audio_end_ms = connection.appendedSamples / 24;
  connection.say({ type: 'input_audio_buffer.speech_stopped', item_id, audio_end_ms });
  connection.say({ type: 'input_audio_buffer.committed', item_id, previous_item_id: null });
}

function respond(
  connection: FuzzConnection,
  what: (typeof RESPONSE_EVENTS)[number],
  response_id: string,
  item_id: string,
  status: string,
  turn?: unknown,
): void {
  const at = { response_id, item_id, output_index: 0, content_index: 0 };
  const metadata = turn === undefined ? null : { turn };
  switch (what) {
    case 'created':
      return connection.say({
        type: 'response.created',
        response: { id: response_id, status: 'in_progress', metadata },
      });
    case 'audio':
      return connection.say({ type: 'response.output_audio.delta', ...at, delta: voicePiece(400) });
    case 'audio done':
      return connection.say({ type: 'response.output_audio.done', ...at });
    case 'text':
      return connection.say({ type: 'response.output_audio_transcript.delta', ...at, delta: 'hello ' });
    case 'text done':
      return connection.say({ type: 'response.output_audio_transcript.done', ...at, transcript: 'hello' });
    case 'done': {
      const error = { type: 'server_error', code: 'server_error', message: 'it failed' };
      const status_details = status === 'failed' ? { type: 'failed', error } : null;
      return connection.say({
        type: 'response.done',
        response: { id: response_id, status, status_details, metadata },
      });
    }
  }
}

/** The first events of a proper answer to what was asked for last. */
function answer(connection: FuzzConnection, events: number, status: string): void {
  const asked = connection.sent.findLast(({ type }) => type === 'response.create');
  const id = asked?.event_id ?? 'unasked';
  const metadata = (asked?.['response'] as { metadata?: { turn?: string } } | undefined)?.metadata;
  const said = ['created', 'text', 'audio', 'audio', 'audio done', 'text done', 'done'] as const;
  for (const what of said.slice(0, events + 1)) {
    respond(connection, what, `resp_${id}`, `out_${id}`, status, metadata?.turn);
  }
}
