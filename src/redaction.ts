/** What stands in a line where a secret was. */
export const REDACTED = '[redacted]';

/** Shorter values are too common to be searched for in every line. */
const MIN_SECRET_CHARS = 4;

const SECRET_PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(Bearer|Basic)\s+(?!auth(?:entication)?[.,:;)]?(?:\s|$))[\w.~+/=-]{4,}/gi, `$1 ${REDACTED}`],
  [/\b(?:[a-z]{2,8}_)?(?:sk|ek|rk)[-_][\w-]{6,}/gi, REDACTED], // sk-…, ek_…, pio_sk_…
  [/\bpk_[a-z2-7]{12}_[\w-]{43}\b/g, REDACTED], // API keys of the service
  [/\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g, REDACTED], // JSON Web Tokens
  [/\b(openai-insecure-api-key)\.[^\s,"']+/gi, `$1.${REDACTED}`],
  [/([?&](?:[\w-]*[_-])?(?:key|token|secret|password|signature)=)[^&\s"'#]+/gi, `$1${REDACTED}`],
  [/(\/\/)[^\s/?#@"']+@/g, `$1${REDACTED}@`], // credentials inside a URL
];

/**
 * `text` without keys and tokens: those of known shapes (`sk-…`, `ek_…`, `pio_sk_…`, JWTs, `Bearer …`, credentials and
 * key parameters of URLs) and the given values, which are matched as they are.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets.map((value) => value.trim())) {
    if (secret.length >= MIN_SECRET_CHARS) clean = clean.replaceAll(secret, REDACTED);
  }
  for (const [pattern, replacement] of SECRET_PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}
