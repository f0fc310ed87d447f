/** What of a text must be in its translation: terms of the glossary, numbers and names. Pure. */
import { lettersByScript, scriptsOf, wordsOf } from '../../../interpreter/guard/plain-words.js';
import type { GlossaryEntry } from '../../../interpreter/instructions/glossary.js';
import type { LanguageTag } from '../../../languages/languages.js';

/** How many of something were said, and which of them a translation lacks. */
export type Kept = { readonly said: number; readonly missing: readonly string[] };

/** A number of thousands with a space in it, as French and others write it. */
const THOUSANDS_SPACE = /(\p{Nd})[\s\u00a0\u202f](?=\p{Nd}{3}(?!\p{Nd}))/gu;
/** Shorter parts of a name, such as initials, are in too many texts to tell anything. */
const MIN_NAME_LETTERS = 3;

/** Terms that were said, and those whose translation is missing. Words are compared without case and accents, as they are. */
export function termsKept(entries: readonly GlossaryEntry[], source: string, translation: string): Kept {
  const said = wordsOf(source);
  const translated = wordsOf(translation);
  const terms = entries.filter((entry) => hasWords(said, wordsOf(entry.source)));
  return {
    said: terms.length,
    missing: terms
      .filter((entry) => !hasWords(translated, wordsOf(entry.target)))
      .map(({ target }) => target),
  };
}

/** Numbers in digits that were said, and those that are missing. How thousands and decimals are set apart does not count. */
export function numbersKept(source: string, translation: string): Kept {
  const said = numbersIn(source);
  const translated = numbersIn(translation);
  const missing = said.filter((number) => {
    const at = translated.indexOf(number);
    if (at >= 0) translated.splice(at, 1);
    return at < 0;
  });
  return { said: said.length, missing };
}

/**
 * Names that were said, and those that are missing. Of a name of several words each counts; one that is written in another
 * script than the translation is left out.
 */
export function namesKept(
  names: readonly string[],
  source: string,
  translation: string,
  to: LanguageTag,
): Kept {
  const parts = new Set(names.flatMap((name) => name.match(/[\p{L}\p{M}'’]+/gu) ?? []));
  const sourceParts = new Set(source.match(/[\p{L}\p{M}'’]+/gu) ?? []);
  const translated = wordsOf(translation);
  const scripts = scriptsOf(to);
  const said = [...parts].filter(
    (part) =>
      Array.from(part).length >= MIN_NAME_LETTERS &&
      sourceParts.has(part) &&
      [...lettersByScript(part).keys()].every((script) => scripts.includes(script)),
  );
  return { said: said.length, missing: said.filter((part) => !hasWords(translated, wordsOf(part))) };
}

/** What several translations kept, together. */
export function keptTogether(all: readonly Kept[]): { kept: number; said: number } {
  const said = all.reduce((sum, each) => sum + each.said, 0);
  return { kept: said - all.reduce((sum, { missing }) => sum + missing.length, 0), said };
}

function numbersIn(text: string): string[] {
  return wordsOf(text.replace(THOUSANDS_SPACE, '$1'))
    .map((word) => word.replace(/[^0-9]/g, ''))
    .filter((digits) => digits !== '');
}

function hasWords(words: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 0) return false;
  return words.some((_, at) => wanted.every((word, index) => words[at + index] === word));
}
