/** Configuration of a `/v1/realtime/translations` session and the `session.update` that makes it so. */
import { ParleyError } from '../../errors.js';
import type { TranslateUpdate } from '../protocol/translate-client-events.js';

/** The languages that gpt-realtime-translate speaks (OpenAI's cookbook, realtime_translation_guide). */
export const TRANSLATE_LANGUAGES: readonly string[] = [
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
];

/** What a translation session can be told. */
export type TranslateConfig = {
  /** What it translates into, by primary subtag: `pt`. */
  language: string;
  /** Model that transcribes what the speaker says; undefined: never transcribed. */
  transcriptionModel: string | undefined;
  noiseReduction: 'near_field' | 'far_field' | undefined;
  /**
   * Saving mode: after so long a silence, and once all is translated, nothing is sent until somebody speaks again; the last
   * 600 ms before that are sent too. The API takes what follows for contiguous. Undefined: silence is always sent.
   */
  pauseAfterSilenceMs: number | undefined;
};

/** All of it but the language, by default: transcribed, and hearing silence without end. */
export const DEFAULT_TRANSLATE_SETTINGS: Omit<TranslateConfig, 'language'> = {
  transcriptionModel: 'gpt-realtime-whisper',
  noiseReduction: undefined,
  pauseAfterSilenceMs: undefined,
};

/** A shorter silence could hold back words: the model needs more audio to say them (1.5 s, as other clients leave). */
const SHORTEST_SILENCE_TAIL_MS = 1_500;

/** Throws ParleyError `config` that says what is out of its range. */
export function checkTranslateConfig({ language, pauseAfterSilenceMs }: TranslateConfig): void {
  if (!TRANSLATE_LANGUAGES.includes(language)) {
    throw new ParleyError(
      'config',
      `the translation engine does not speak "${language}": use one of ${TRANSLATE_LANGUAGES.join(', ')}, or --engine conversation`,
    );
  }
  if (pauseAfterSilenceMs !== undefined && !(pauseAfterSilenceMs >= SHORTEST_SILENCE_TAIL_MS)) {
    throw new ParleyError(
      'config',
      `pauseAfterSilenceMs is ${pauseAfterSilenceMs}: allowed is ${SHORTEST_SILENCE_TAIL_MS} or more`,
    );
  }
}

/** The `session` that says all of it. */
export function translateSessionOf(config: TranslateConfig, transcribes: boolean): TranslateUpdate {
  const { language, noiseReduction } = config;
  return {
    audio: {
      input: {
        transcription: translationTranscriptionOf(config, transcribes),
        noise_reduction: noiseReduction === undefined ? null : { type: noiseReduction },
      },
      output: { language },
    },
  };
}

/** The `transcription` of a session; null is none. */
export function translationTranscriptionOf(
  { transcriptionModel: model }: TranslateConfig,
  transcribes: boolean,
): { model: string } | null {
  return transcribes && model !== undefined ? { model } : null;
}
