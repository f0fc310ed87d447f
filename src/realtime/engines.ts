/** The engines that interpret, and what each can do. */
import type { LanguageTag } from '../languages/languages.js';
import { TRANSLATE_LANGUAGES } from './translate/translate-config.js';

/** Sessions of `/v1/realtime`, or of `/v1/realtime/translations`. */
export type EngineName = 'conversation' | 'translate';

/** What an engine translates into, by primary subtag: `pt`; undefined: any language. */
export type OutputLanguages = readonly string[] | undefined;

/** What an engine can do. */
export type EngineAbilities = {
  readonly outputLanguages: OutputLanguages;
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

/** The primary subtag of a language, which is all that engines with few languages take: they refuse `pt-BR`. */
export function engineLanguageOf(tag: LanguageTag): string {
  return tag.split('-', 1)[0]!.toLowerCase();
}

/** Whether an engine with these output languages translates into this one, whatever its region and script. */
export function speaksLanguage(outputLanguages: OutputLanguages, tag: LanguageTag): boolean {
  return outputLanguages?.includes(engineLanguageOf(tag)) ?? true;
}
