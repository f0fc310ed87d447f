/** How many tints the style sheet has for speakers. */
const TINTS = 6;

/** The tint of a speaker: always the same one. */
export function tintOf(speakerId: string): number {
  let hash = 0;
  for (const letter of speakerId) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % TINTS;
}
