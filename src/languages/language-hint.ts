/** What to say where a language was expected and none was given. */
import { similarName } from '../nearest-name.js';
import { oneLine } from '../text.js';
import { likelyLanguage, ownLanguageName } from './languages.js';
import { cldrNames, otherNames } from './names-table.js';

const MAX_SHOWN_CHARS = 40;
/** A shorter word is near to too many names. */
const MIN_COMPARED_CHARS = 4;
/** Of so many letters one may be wrong, and two at most. */
const CHARS_PER_EDIT = 4;
const MAX_EDITS = 2;

/** `"Engish" is no language; did you mean English?`: one line, with what may have been meant where that can be guessed. */
export function noLanguageText(text: string): string {
  const what = `"${oneLine(text, MAX_SHOWN_CHARS)}" is no language`;
  const meant = likelyLanguage(text);
  if (meant !== undefined) return `${what}; did you mean ${ownLanguageName(meant)} (${meant})?`;
  const near = similarLanguage(text.trim());
  return near === undefined ? `${what}: use a tag such as es, or a name` : `${what}; did you mean ${near}?`;
}

/** The name of a language, in English or in itself, that is written much like `text`. */
function similarLanguage(text: string): string | undefined {
  if (text.length < MIN_COMPARED_CHARS) return undefined;
  return similarName(text, allNames(), Math.min(MAX_EDITS, Math.floor(text.length / CHARS_PER_EDIT)));
}

function* allNames(): Iterable<string> {
  const { names, own } = cldrNames();
  for (const lists of [names, own, otherNames().own])
    for (const list of Object.values(lists)) yield* [list].flat();
}
