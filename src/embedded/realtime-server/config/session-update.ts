/** `session.update`: only the fields that are present change, and a refused update changes nothing. */
import { isDeepStrictEqual } from 'node:util';
import { sessionUpdate, type SessionUpdate } from './config-checks.js';
import { ClientEventError, missingParameter } from '../server/client-error.js';
import {
  DEFAULT_SEMANTIC_VAD,
  DEFAULT_SERVER_VAD,
  EMBEDDED_MODEL,
  type NoiseReduction,
  type SessionConfig,
  type Tracing,
  type Transcription,
  type TurnDetection,
} from './session-config.js';

/** What a session has done so far that decides which fields may still change. */
type SessionProgress = {
  /** The model named at connect, or by the first update when the connection named only the stand-in itself. */
  model: string;
  audioProduced: boolean;
  responseActive: boolean;
};

type InputUpdate = NonNullable<NonNullable<SessionUpdate['audio']>['input']>;

function nextTurnDetection(
  current: TurnDetection | null,
  update: InputUpdate['turn_detection'],
): TurnDetection | null {
  if (update === undefined) return current;
  if (update === null) return null;
  if (update.type === 'server_vad') {
    return { ...(current?.type === 'server_vad' ? current : DEFAULT_SERVER_VAD), ...update };
  }
  return { ...(current?.type === 'semantic_vad' ? current : DEFAULT_SEMANTIC_VAD), ...update };
}

function nextNoiseReduction(
  current: NoiseReduction | null,
  update: InputUpdate['noise_reduction'],
  path: string,
): NoiseReduction | null {
  if (update === undefined) return current;
  if (update === null) return null;
  const type = update.type ?? current?.type;
  if (type === undefined) throw missingParameter(`${path}.type`);
  return { type, strength: update.strength ?? current?.strength ?? 1 };
}

const KEYWORD_MODELS = ['gpt-transcribe', 'gpt-live-transcribe'];
const DELAY_MODEL = 'gpt-realtime-whisper';

function nextTranscription(
  current: Transcription | null,
  update: InputUpdate['transcription'],
  path: string,
): Transcription | null {
  if (update === undefined) return current;
  if (update === null) return null;
  const model = update.model ?? current?.model;
  if (model === undefined) throw missingParameter(`${path}.model`);
  const next: Transcription = { ...(model === current?.model ? current : {}), ...update, model };
  const refuse = (field: 'keywords' | 'languages' | 'delay' | 'prompt'): never => {
    throw new ClientEventError(
      'invalid_value',
      `Invalid value: '${path}.${field}' is not supported with the model '${model.slice(0, 64)}'.`,
      `${path}.${field}`,
    );
  };
  if (next.keywords !== undefined && !KEYWORD_MODELS.includes(model)) refuse('keywords');
  if (next.languages !== undefined && !KEYWORD_MODELS.includes(model)) refuse('languages');
  if (next.delay !== undefined && model !== DELAY_MODEL) refuse('delay');
  if (next.prompt !== undefined && model === DELAY_MODEL) refuse('prompt');
  return next;
}

function nextTracing(current: Tracing | null, update: Tracing | null | undefined): Tracing | null {
  if (update === undefined || isDeepStrictEqual(update, current)) return current;
  if (typeof current === 'object' && current !== null && update !== null) {
    throw new ClientEventError(
      'invalid_value',
      'The tracing configuration cannot be modified once tracing is enabled.',
      'session.tracing',
    );
  }
  return update;
}

/** The model this session answers for, once `update` is applied. */
function nextModel(progress: SessionProgress, model: string | undefined): string {
  if (model === undefined || model === EMBEDDED_MODEL || model === progress.model) return progress.model;
  if (progress.model === EMBEDDED_MODEL) return model;
  throw new ClientEventError(
    'invalid_value',
    'The model of a session is fixed when it connects and cannot be changed.',
    'session.model',
  );
}

/** The fields that simply replace what was there. */
function plainFields(update: SessionUpdate): Partial<SessionConfig> {
  const plain: Partial<SessionUpdate> = { ...update };
  delete plain.type;
  delete plain.model;
  delete plain.audio;
  delete plain.tracing;
  return plain as Partial<SessionConfig>;
}

/**
 * The configuration after an update, and the model it settles on.
 * @throws ClientEventError naming the first field that cannot be taken.
 */
export function applySessionUpdate(
  current: SessionConfig,
  session: unknown,
  progress: SessionProgress,
): { config: SessionConfig; model: string } {
  const update = sessionUpdate(session, 'session');
  const model = nextModel(progress, update.model);
  const { audio, tracing } = update;
  const input = audio?.input;
  const output = audio?.output;
  const held = current.audio;
  const path = 'session.audio.input';
  const next: SessionConfig = {
    ...current,
    ...plainFields(update),
    tracing: nextTracing(current.tracing, tracing),
    audio: {
      input: {
        format: input?.format ?? held.input.format,
        noise_reduction: nextNoiseReduction(
          held.input.noise_reduction,
          input?.noise_reduction,
          `${path}.noise_reduction`,
        ),
        transcription: nextTranscription(
          held.input.transcription,
          input?.transcription,
          `${path}.transcription`,
        ),
        turn_detection: nextTurnDetection(held.input.turn_detection, input?.turn_detection),
      },
      output: { ...held.output, ...output },
    },
  };
  if (progress.audioProduced && !isDeepStrictEqual(next.audio.output.voice, held.output.voice)) {
    throw new ClientEventError(
      'cannot_update_voice',
      "Cannot update a conversation's voice if assistant audio is present.",
      'session.audio.output.voice',
    );
  }
  if (progress.responseActive && next.audio.output.speed !== held.output.speed) {
    throw new ClientEventError(
      'invalid_value',
      'The speed can only be changed between turns, not while a response is in progress.',
      'session.audio.output.speed',
    );
  }
  return { config: next, model };
}
