/**
 * A translation session under arbitrary orders of valid, duplicated, late and invalid server events and arbitrary calls:
 * never two voices at once, nothing played beyond what was received, every queue bounded, and it always closes.
 */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { translateClientEventSchema } from '../../../src/realtime/protocol/translate-client-events.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../../src/realtime/translate/translate-config.js';
import { TranslateSession } from '../../../src/realtime/translate/translate-session.js';
import { FUZZ_RUNS, runFuzz } from '../fuzz-runs.js';
import { type FuzzServer, level } from '../fuzz-server.js';
import type { FuzzStage } from '../fuzz-stage.js';
import { type CommonStep, commonStep, takeCommonStep, voicePiece } from '../fuzz-steps.js';

type Step =
  | CommonStep
  | { do: 'voice'; ms: number; odd: boolean }
  | { do: 'filler'; ms: number }
  | { do: 'text'; family: (typeof FAMILIES)[number]; text: string }
  | { do: 'transcribe'; text: string }
  /** Somebody speaks and pauses, and the engine says something. */
  | { do: 'exchange' }
  | { do: 'closed' };

const FAMILIES = ['session.output_transcript.delta', 'response.text.delta'] as const;

const ms = fc.constantFrom(0, 20, 200, 400, 3_000, 30_000);
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
  { weight: 16, arbitrary: fc.record({ do: fc.constant('voice'), ms, odd: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('filler'), ms }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('text'), family: fc.constantFrom(...FAMILIES), text }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('transcribe'), text }) },
  { weight: 1, arbitrary: fc.constant({ do: 'closed' }) },
);

beforeAll(() => Promise.all([loadResampler(), loadSpeechDetector()]));

it.each([undefined, 2_000])(
  'whatever happens, the port is kept (pause after silence: %s)',
  async (pauseAfterSilenceMs) => {
    const answered = await runFuzz({
      step,
      take,
      server: {
        schema: translateClientEventSchema,
        appendType: 'session.input_audio_buffer.append',
        audioType: 'session.output_audio.delta',
        session: { type: 'translation', audio: { output: { language: 'en' } } },
      },
      makeSession: (open, clock) =>
        new TranslateSession({
          open,
          clock,
          name: 'maria',
          config: { ...DEFAULT_TRANSLATE_SETTINGS, language: 'en', pauseAfterSilenceMs },
        }),
      drainMs: [0, 500, 15_000],
    });
    expect(answered).toBeGreaterThan(FUZZ_RUNS / 2); // what is tried goes beyond the first words
  },
);

function take(step: Step, stage: FuzzStage, server: FuzzServer): void {
  const { connection } = server;
  switch (step.do) {
    case 'voice': {
      const delta = voicePiece(step.ms);
      // half a sample: base64 without its last bytes
      return connection?.say({
        type: 'session.output_audio.delta',
        delta: step.odd ? delta.slice(0, -4) : delta,
      });
    }
    case 'exchange':
      stage.speak(800, true);
      stage.speak(700, false);
      connection?.say({ type: 'session.output_transcript.delta', delta: ' Hello.' });
      for (let n = 0; n < 3; n++) {
        connection?.say({ type: 'session.output_audio.delta', delta: voicePiece(200) });
      }
      return;
    case 'filler':
      return connection?.say({ type: 'session.output_audio.delta', delta: level(step.ms, 0) });
    case 'text': {
      const { family, text } = step;
      const words = family === 'response.text.delta' ? { text } : { delta: text };
      return connection?.say({ type: family, ...words });
    }
    case 'transcribe':
      return connection?.say({ type: 'session.input_transcript.delta', delta: step.text });
    case 'closed':
      return connection?.say({ type: 'session.closed' });
    default:
      takeCommonStep(step, stage, server);
  }
}
