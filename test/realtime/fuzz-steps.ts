/** What may happen to a session of either engine, as data that fast-check can make and shrink. */
import fc from 'fast-check';
import { VOICE_LEVEL, type FuzzStage } from './fuzz-stage.js';
import { type FuzzServer, level } from './fuzz-server.js';

/** A step that concerns neither engine in particular. */
export type CommonStep =
  | { do: 'pass'; ms: number }
  | { do: 'speak'; ms: number; loud: boolean }
  | { do: 'talk over' }
  | { do: 'call'; what: (typeof CALLS)[number] }
  /** Something that was said before is said again: a duplicate, or late; on the present connection, whichever it was of. */
  | { do: 'again'; back: number }
  /** Something that was said before comes broken. */
  | { do: 'broken'; back: number; how: (typeof BREAKS)[number] }
  | { do: 'error'; code: (typeof CODES)[number] | (typeof FATAL_CODES)[number]; back: number }
  | { do: 'line'; what: ConnectionEvent };

type ConnectionEvent =
  (typeof LOSSES)[number] | (typeof TROUBLES)[number] | (typeof RELIEFS)[number] | 'policy';

const CALLS = [
  'endOfSpeech',
  'commitTurn',
  'speak',
  'setInstructions',
  'transcribe',
  'do not transcribe',
  'setVoice',
  'setSpeed',
  'hold',
  'release',
  'no voice',
  'a voice',
  'silence',
] as const;
const BREAKS = ['cut', 'no fields', 'wrong types', 'no object', 'huge numbers'] as const;
const CODES = [
  'response_cancel_not_active',
  'conversation_already_has_active_response',
  'input_audio_buffer_commit_empty',
  'invalid_value',
  'item_not_found',
  'rate_limit_exceeded',
  'server_error',
  'session_expired',
  'no code of anybody',
] as const;
/** After these, and where a connection is closed for a policy's sake, nothing is tried again. */
const FATAL_CODES = ['invalid_api_key', 'insufficient_quota'] as const;
const LOSSES = ['drop', 'go away', 'fail'] as const;
const TROUBLES = ['refuse', 'mute', 'congest'] as const;
const RELIEFS = ['accept', 'unmute', 'relax'] as const;
const CLOSE_CODES = { drop: 1006, 'go away': 1001, fail: 1011, policy: 1008 } as const;

const back = fc.nat({ max: 12 });

const connection = (...events: ConnectionEvent[]) =>
  fc.record({ do: fc.constant('line'), what: fc.constantFrom(...events) });
const error = (...codes: Extract<CommonStep, { do: 'error' }>['code'][]) =>
  fc.record({ do: fc.constant('error'), code: fc.constantFrom(...codes), back });

/** What ends a session for good is rare, so that most runs go on. */
export const commonStep: fc.Arbitrary<CommonStep> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      do: fc.constant('pass'),
      ms: fc.constantFrom(10, 100, 500, 2_000, 11_000, 31_000),
    }),
  },
  {
    weight: 32,
    arbitrary: fc.record({
      do: fc.constant('speak'),
      ms: fc.constantFrom(50, 600, 2_000),
      loud: fc.boolean(),
    }),
  },
  // longer than any connection may be waited for
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('speak'), ms: fc.constant(12_000), loud: fc.boolean() }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('talk over') }) },
  { weight: 24, arbitrary: fc.record({ do: fc.constant('call'), what: fc.constantFrom(...CALLS) }) },
  { weight: 16, arbitrary: fc.record({ do: fc.constant('again'), back }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('broken'), back, how: fc.constantFrom(...BREAKS) }),
  },
  { weight: 16, arbitrary: error(...CODES) },
  { weight: 1, arbitrary: error(...FATAL_CODES) },
  { weight: 5, arbitrary: connection(...LOSSES) },
  { weight: 1, arbitrary: connection('policy') },
  { weight: 3, arbitrary: connection(...TROUBLES) },
  { weight: 12, arbitrary: connection(...RELIEFS) },
);

/** Does one. */
export function takeCommonStep(step: CommonStep, stage: FuzzStage, server: FuzzServer): void {
  const { connection } = server;
  switch (step.do) {
    case 'pass':
      return stage.pass(step.ms);
    case 'speak':
      return stage.speak(step.ms, step.loud);
    case 'talk over':
      stage.voice.heard('ben', 300);
      stage.voice.heard('ben', 0);
      return;
    case 'call':
      return call(step.what, stage);
    case 'again': {
      const said = server.connections.flatMap((each) => each.said);
      const text = said.at(-1 - step.back);
      if (text !== undefined) connection?.sayText(text);
      return;
    }
    case 'broken': {
      const text = connection?.said.at(-1 - step.back);
      if (text !== undefined) connection?.sayText(broken(text, step.how));
      return;
    }
    case 'error': {
      const event_id = connection?.sent.at(-1 - step.back)?.event_id ?? null;
      const error = { type: 'invalid_request_error', code: step.code, message: 'no', param: null, event_id };
      connection?.say({ type: 'error', error });
      return;
    }
    case 'line':
      return connectionEvent(step.what, server);
  }
}

function call(what: (typeof CALLS)[number], { session, route, voice }: FuzzStage): void {
  switch (what) {
    case 'endOfSpeech':
      return route.endOfSpeech();
    case 'commitTurn':
      return session.commitTurn();
    case 'speak':
      return session.controls?.speak('The meeting is being interpreted.');
    case 'setInstructions':
      return session.controls?.setInstructions('translate to German');
    case 'transcribe':
      return session.setTranscription({ language: 'es' });
    case 'do not transcribe':
      return session.setTranscription(undefined);
    case 'setVoice':
      return session.controls?.setVoice(session.counters.responses % 2 === 0 ? 'cedar' : 'marin');
    case 'setSpeed':
      return session.controls?.setSpeed(1.2);
    case 'hold':
    case 'release':
      return session.holdTurns(what === 'hold');
    case 'no voice':
      return route.useVoice(undefined);
    case 'a voice':
      return route.useVoice(voice);
    case 'silence':
      voice.heard('ben', 300);
      voice.heard('ana', 300);
  }
}

function connectionEvent(what: ConnectionEvent, server: FuzzServer): void {
  switch (what) {
    case 'drop':
    case 'go away':
    case 'fail':
    case 'policy':
      return server.connection?.drop(CLOSE_CODES[what]);
    case 'refuse':
    case 'accept':
      server.refuses = what === 'refuse';
      return;
    case 'mute':
    case 'unmute':
      server.mute = what === 'mute';
      return;
    case 'congest':
    case 'relax':
      server.bufferedBytes = what === 'congest' ? 1_000_000 : 0;
  }
}

function broken(text: string, how: (typeof BREAKS)[number]): string {
  if (how === 'cut') return text.slice(0, Math.floor(text.length / 2));
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return text;
  }
  switch (how) {
    case 'no fields':
      return JSON.stringify({ type: (event as { type?: unknown }).type });
    case 'wrong types':
      return text.replace(/:"/g, ':["').replace(/",/g, '"],');
    case 'no object':
      return JSON.stringify([event]);
    case 'huge numbers':
      return text.replace(/:\d+/g, ':1e308');
  }
}

/** A piece of the server's voice, as base64. */
export function voicePiece(durationMs: number): string {
  return level(durationMs, VOICE_LEVEL);
}
