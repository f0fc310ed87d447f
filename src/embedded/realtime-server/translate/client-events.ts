/**
 * What a client may send to a translation session, and what its `session.update` may hold: three events, three things that
 * can be changed (RealtimeTranslationClientEvent, openai@7.55.0). Region tags of languages are refused, as the API does.
 */
import {
  anything,
  decimal,
  type JsonObject,
  nullable,
  object,
  oneOf,
  text,
  textUpTo,
} from '../config/checks.js';
import { checkedByType } from '../server/client-events.js';

/** The languages the model speaks; three of the longer codes are taken, as was seen with the API. */
const OUTPUT_LANGUAGES = [
  'es',
  'pt',
  'fr',
  'ja',
  'ru',
  'zh',
  'de',
  'ko',
  'hi',
  'id',
  'vi',
  'it',
  'en',
  'spa',
  'rus',
  'deu',
] as const;

const base = { event_id: textUpTo(512) };

const EVENTS = {
  'session.update': object({ ...base, type: oneOf('session.update'), session: anything }, 'type', 'session'),
  'session.input_audio_buffer.append': object(
    { ...base, type: oneOf('session.input_audio_buffer.append'), audio: text },
    'type',
    'audio',
  ),
  'session.close': object({ ...base, type: oneOf('session.close') }, 'type'),
} as const;

/** A checked client event; `session` is checked by {@link translateUpdate}. */
export type TranslateClientEvent = ReturnType<(typeof EVENTS)[keyof typeof EVENTS]>;

/** The event in a JSON object. Throws as {@link checkedByType}. */
export function checkTranslateEvent(value: JsonObject): TranslateClientEvent {
  return checkedByType<TranslateClientEvent>(EVENTS, value);
}

/** The fields of a `session.update`; only those that were present are in the result. */
const translateUpdate = object({
  audio: object({
    input: object({
      transcription: nullable(object({ model: textUpTo(256) }, 'model')),
      noise_reduction: nullable(
        object({ type: oneOf('near_field', 'far_field'), strength: decimal(0, 1) }, 'type'),
      ),
    }),
    output: object({ language: oneOf(...OUTPUT_LANGUAGES) }, 'language'),
  }),
});

/** The effective configuration. */
export type TranslateSessionConfig = {
  language: (typeof OUTPUT_LANGUAGES)[number];
  transcription: { model: string } | null;
  noiseReduction: { type: 'near_field' | 'far_field'; strength?: number } | null;
};

/** What a session is before anyone configured it: Spanish, as was seen with the API. */
export const DEFAULT_TRANSLATE_CONFIG: TranslateSessionConfig = {
  language: 'es',
  transcription: null,
  noiseReduction: null,
};

/**
 * The configuration after an update.
 * @throws ClientEventError naming the first field that cannot be taken.
 */
export function updatedTranslate(current: TranslateSessionConfig, session: unknown): TranslateSessionConfig {
  const { audio } = translateUpdate(session, 'session');
  const { transcription, noise_reduction: noiseReduction } = audio?.input ?? {};
  return {
    language: audio?.output?.language ?? current.language,
    transcription: transcription === undefined ? current.transcription : transcription,
    noiseReduction: noiseReduction === undefined ? current.noiseReduction : noiseReduction,
  };
}
