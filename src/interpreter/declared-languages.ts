/** What people say of their languages in the metadata that they join with. All of it is untrusted. */
import { type LanguageTag, parseLanguage, sameLanguage } from '../languages/languages.js';

/** Spoken languages that are taken from one person; further ones are ignored. */
const MAX_SPOKEN = 4;

/** The two facts per person that routes are made of. */
export type DeclaredLanguages = {
  /** What they speak, without repeats; empty when it is not known. */
  speaks: readonly LanguageTag[];
  /** What they prefer to hear; undefined when it is not known. */
  prefers: LanguageTag | undefined;
};

/**
 * Reads `preferredLanguage` (a tag, or a language's name in English or in itself) and `spokenLanguages` (a list of the
 * same, by default the preferred one). What is no language counts as not said.
 */
export function declaredLanguages(metadata: Readonly<Record<string, unknown>>): DeclaredLanguages {
  const prefers = languageOf(metadata['preferredLanguage']);
  const spoken: unknown = metadata['spokenLanguages'];
  const speaks: LanguageTag[] = [];
  for (const value of Array.isArray(spoken) ? (spoken.slice(0, MAX_SPOKEN) as unknown[]) : []) {
    const tag = languageOf(value);
    if (tag !== undefined && !speaks.some((known) => sameLanguage(known, tag))) speaks.push(tag);
  }
  if (speaks.length === 0 && prefers !== undefined) speaks.push(prefers);
  return { speaks, prefers };
}

function languageOf(value: unknown): LanguageTag | undefined {
  return typeof value === 'string' ? parseLanguage(value) : undefined;
}
