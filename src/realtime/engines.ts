/** The engines that interpret, and what each can do. */
import { TRANSLATE_LANGUAGES } from './translate/translate-config.js';

/** Sessions of `/v1/realtime`, or of `/v1/realtime/translations`. */
export type EngineName = 'conversation' | 'translate';

/** What an engine can do. */
export type EngineAbilities = {
  /** What it translates into; undefined: any language. */
  readonly outputLanguages: readonly string[] | undefined;
  /** It follows instructions: glossary, profiles, names. */
  readonly instructions: boolean;
  /** Its voice and speed can be chosen. The other one speaks in the manner of whoever it interprets. */
  readonly voice: boolean;
  readonly tools: boolean;
  /** It hears without end, silence included, and speaks while somebody still does. */
  readonly continuous: boolean;
};

/** See {@link EngineAbilities} (OpenAI's guides/realtime-translation, and its cookbook for the languages). */
export const ENGINES: Readonly<Record<EngineName, EngineAbilities>> = {
  conversation: {
    outputLanguages: undefined,
    instructions: true,
    voice: true,
    tools: true,
    continuous: false,
  },
  translate: {
    outputLanguages: TRANSLATE_LANGUAGES,
    instructions: false,
    voice: false,
    tools: false,
    continuous: true,
  },
};
