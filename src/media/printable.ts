const MAX_LENGTH = 200;

/** Control, format (bidirectional overrides among them), surrogate, private-use, unassigned, line and paragraph separator. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * A file name or a decoder's message made safe for one line of a terminal: characters that could move the cursor, end the line
 * or reorder the text become `\u{…}`, and only the last 200 characters of a longer text are kept.
 */
export function printable(text: string): string {
  const kept = text.length > MAX_LENGTH ? `…${text.slice(-MAX_LENGTH)}` : text;
  return kept.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
