/**
 * Texts that others wrote (names, profiles, glossary entries), made fit to stand in instructions: on one line, between
 * quotation marks that they cannot close, and bounded.
 */

import { shortened } from '../../text.js';

/** Marks that quote in some language, but for the apostrophe of names: the text's own quotes must not be taken for ours. */
const QUOTES =
  /["`´\p{Pi}\u201a\u201e\u201d\u00bb\u203a\uff02\uff40\u301d-\u301f\u300c-\u300f\ufe41-\ufe44]/gu;
const APOSTROPHES = /[\u2018\u2019\u02bc\uff07]/gu;
/** Markup and templates: tags, braces, brackets but the round ones, escapes; their wide and small forms too. */
const MARKUP =
  /[<>{}[\]\\|\uff1c\uff1e\uff5b\uff5d\uff3b\uff3d\uff3c\uff5c\ufe5b-\ufe5e\ufe64\ufe65\u2329\u232a\u27e8\u27e9\u3008-\u300b\u3010\u3011]/gu;
/** Control, format, private and unassigned characters, halves of characters, separators, and what is drawn as nothing. */
const INVISIBLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * `text` as a quoted string of at most `maxChars` characters between its quotation marks, an ellipsis for what was left out
 * included; undefined when nothing is left of it.
 */
export function quoteUntrusted(text: string, maxChars: number): string | undefined {
  const clean = text
    .slice(0, maxChars * 8) // bounds the work below
    .normalize('NFC')
    .replace(APOSTROPHES, "'")
    .replace(QUOTES, '')
    .replace(MARKUP, '')
    .replace(INVISIBLE, ' ')
    .trim();
  if (clean === '') return undefined;
  const characters = Array.from(clean);
  if (characters.length <= maxChars) return `"${clean}"`;
  return `"${characters
    .slice(0, maxChars - 1)
    .join('')
    .trim()}…"`;
}

/** What is drawn as nothing, moves the cursor or reorders text; line ends and tabs may stay. */
const UNSEEN = /[^\P{C}\n\t]|\p{Default_Ignorable_Code_Point}|[\u2028\u2029]/gu;

/**
 * `text` of at most `maxChars` UTF-16 units that is to stand inside a JSON string, its line ends kept: nothing is left in it that a
 * reader would not see. Whoever puts it there quotes it.
 */
export function cleanUntrusted(text: string, maxChars: number): string {
  const clean = text
    .slice(0, maxChars * 4) // bounds the work below
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(UNSEEN, '')
    .trim();
  return shortened(clean, maxChars);
}
