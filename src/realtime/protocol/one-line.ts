/**
 * Text of the other side made safe for one line of a message: characters that could end the line, move the cursor or
 * reorder the text are replaced, and a longer text is cut.
 */
export function oneLine(text: string, maxChars: number): string {
  const clean = text.slice(0, maxChars).replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\uFFFD');
  return text.length > maxChars ? `${clean}…` : clean;
}
