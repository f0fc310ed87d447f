/** By code units: the same everywhere, whatever the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Untrusted text made fit for one line of a message: what could end the line, move the cursor or reorder the text is a
 * space, white space is never doubled, and a text of more than `maxChars` is cut and ends in "…". Keys stay: redact first.
 */
export function oneLine(text: string, maxChars: number): string {
  const line = text
    .slice(0, maxChars * 4)
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
  return shortened(line, maxChars);
}

/** `text`; one of more than `maxChars` is cut, never within a character, and ends in "…". */
export function shortened(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars - 1).replace(/\p{Cs}$/u, '')}…` : text;
}

/**
 * `text` safe for a terminal, on one line: control characters and bidirectional overrides become spaces, so that a
 * transcript or a file name cannot move the cursor, change colours or reorder what is around it.
 */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ');
}
