/** "All PII is redacted before storage" (Quick Start). Fastino has a model for that; here it is what patterns find. */

const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g, '[EMAIL]'],
  [/(?<![\w/])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ ().-]{0,2}\d){7,18}(?!\w)/g, '[NUMBER]'], // telephones, cards, accounts; no dates
];

/** `text` without e-mail addresses and long numbers. */
export function anonymise(text: string): string {
  return PATTERNS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
