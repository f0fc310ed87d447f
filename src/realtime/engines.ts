/** The engines that interpret, and what each can do. */
import type { LanguageTag } from '../languages/languages.js';
import { TRANSLATE_LANGUAGES } from './translate/translate-config.js';

/** Sessions of `/v1/realtime`, of `/v1/realtime/translations`, or of `/v1/live/sessions`. */
export type EngineName = 'conversation' | 'translate' | 'live';

/** The engines, in the order in which they are shown. */
export const ENGINE_NAMES = ['conversation', 'translate', 'live'] as const satisfies readonly EngineName[];

/** Something for each engine; a backend may know nothing of the live one. */
export type PerEngine<Value> = Readonly<Record<'conversation' | 'translate', Value> & { live?: Value }>;

/** What an engine translates into, by primary subtag: `pt`; undefined: any language. */
export type OutputLanguages = readonly string[] | undefined;

/** What an engine can do. */
export type EngineAbilities = {
  readonly outputLanguages: OutputLanguages;
  /** It follows instructions: glossary, profiles, names. */
  readonly instructions: boolean;
  /** Its voice can be chosen. One without speaks in the manner of whoever it interprets. */
  readonly voice: boolean;
  /** How fast it speaks can be chosen. */
  readonly speed: boolean;
  readonly tools: boolean;
  /** It hears without end, silence included, and speaks while somebody still does. */
  readonly continuous: boolean;
};

/** See {@link EngineAbilities} (OpenAI's guides/realtime-translation, its cookbook for the languages, and its guides to GPT-Live). */
export const ENGINES: Readonly<Record<EngineName, EngineAbilities>> = {
  conversation: {
    outputLanguages: undefined,
    instructions: true,
    voice: true,
    speed: true,
    tools: true,
    continuous: false,
  },
  translate: {
    outputLanguages: TRANSLATE_LANGUAGES,
    instructions: false,
    voice: false,
    speed: false,
    tools: false,
    continuous: true,
  },
  live: {
    outputLanguages: undefined,
    instructions: true,
    voice: true,
    speed: false,
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
