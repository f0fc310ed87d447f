/**
 * A live session under arbitrary orders of valid, duplicated, late and invalid server events and arbitrary calls: never two voices
 * at once, nothing played beyond what was received, every queue bounded, and it always closes.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { liveClientEventSchema } from '../../../src/realtime/protocol/live-client-events.js';
import { LiveSession } from '../../../src/realtime/live/live-session.js';
import { FUZZ_RUNS, runFuzz } from '../fuzz-runs.js';
import { type FuzzServer, level } from '../fuzz-server.js';
import type { FuzzStage } from '../fuzz-stage.js';
import { type CommonStep, commonStep, takeCommonStep, voicePiece } from '../fuzz-steps.js';
import { LIVE_CONFIG, LIVE_INSTRUCTIONS } from './live-world.js';

type Step =
  | CommonStep
  | { do: 'voice'; ms: number; odd: boolean; startMs: number | undefined }
  | { do: 'zeros'; ms: number }
  | { do: 'words'; side: 'input' | 'output'; text: string; startMs: number }
  /** Somebody speaks and pauses, and the model says something. */
  | { do: 'exchange' }
  | { do: 'usage'; seconds: number }
  | { do: 'delegate' }
  | { do: 'setting'; voice: string }
  | { do: 'closed'; reason: string };

const ms = fc.constantFrom(0, 20, 100, 400, 3_000, 30_000);
const startMs = fc.constantFrom(0, 100, 2_000, 60_000, 1e9);
const text = fc.constantFrom(
  '',
  ' Hello',
  ' there.',
  '\uFFFD',
  ' ¿Dónde? 駅はどこですか。',
  ' a'.repeat(500),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: commonStep },
  { weight: 12, arbitrary: fc.constant<Step>({ do: 'exchange' }) },
  {
    weight: 16,
    arbitrary: fc.record({
      do: fc.constant('voice'),
      ms,
      odd: fc.boolean(),
      startMs: fc.option(startMs, { nil: undefined }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('zeros'), ms }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('words'),
      side: fc.constantFrom('input', 'output'),
      text,
      startMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('usage'), seconds: fc.constantFrom(0, 15, 15.2, 1e6) }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'delegate' }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('setting'), voice: fc.constantFrom('sage', 'cedar') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('closed'),
      reason: fc.constantFrom('close_requested', 'expired', 'content', 'connection_lost', 'unheard_of'),
    }),
  },
);

it('whatever happens, the port is kept', async () => {
  const answered = await runFuzz({
    step,
    take,
    server: {
      schema: liveClientEventSchema,
      appendType: 'session.input_audio.append',
      audioType: 'session.output_audio.delta',
      session: { id: 'live_1' },
      started: { by: 'session.start', as: 'session.started' },
    },
    makeSession: (open, clock) =>
      new LiveSession({ open, clock, name: 'maria', config: LIVE_CONFIG, instructions: LIVE_INSTRUCTIONS }),
    drainMs: [0, 500, 15_000],
  });
  expect(answered).toBeGreaterThan(FUZZ_RUNS / 2); // what is tried goes beyond the first words
});

function take(each: Step, stage: FuzzStage, server: FuzzServer): void {
  const { connection } = server;
  switch (each.do) {
    case 'voice': {
      const delta = voicePiece(each.ms);
      return connection?.say({
        type: 'session.output_audio.delta',
        delta: each.odd ? delta.slice(0, -4) : delta, // half a sample: base64 without its last bytes
        ...(each.startMs === undefined ? {} : { start_ms: each.startMs, end_ms: each.startMs + each.ms }),
      });
    }
    case 'exchange':
      stage.speak(800, true);
      stage.speak(700, false);
      for (let n = 0; n < 5; n++)
        connection?.say({ type: 'session.output_audio.delta', delta: voicePiece(100) });
      connection?.say({
        type: 'session.output_transcript.delta',
        delta: ' Hello.',
        start_ms: 1_600,
        end_ms: 1_800,
      });
      return;
    case 'zeros':
      return connection?.say({ type: 'session.output_audio.delta', delta: level(each.ms, 0) });
    case 'words':
      return connection?.say({
        type: `session.${each.side}_transcript.delta`,
        delta: each.text,
        start_ms: each.startMs,
        end_ms: each.startMs + 200,
      });
    case 'usage':
      return connection?.say({ type: 'session.usage.updated', usage: { seconds: each.seconds } });
    case 'delegate':
      return connection?.say({
        type: 'session.delegation.created',
        offset_ms: 1,
        delegation: { id: 'd', type: 'delegation', target: 'client' },
      });
    case 'setting':
      return stage.session.controls?.setVoice(each.voice);
    case 'closed':
      return connection?.say({ type: 'session.closed', reason: each.reason, usage: { seconds: 20 } });
    default:
      takeCommonStep(each, stage, server);
  }
}
