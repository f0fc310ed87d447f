import { redactText } from '../../redaction.js';

/** In every message that reports an error, and in few others. */
const ERROR_FIELD = '"error"';

/**
 * A server's message without keys, before anything sees it: servers quote the key that they were given. Messages without an
 * error and without one of `secrets` pass as they are.
 */
export function redactMessage(text: string, secrets: readonly string[]): string {
  if (!text.includes(ERROR_FIELD) && !secrets.some((secret) => text.includes(secret))) return text;
  try {
    return JSON.stringify(redacted(JSON.parse(text), secrets));
  } catch {
    return redactText(text, secrets);
  }
}

/** Text by text, so that what is JSON stays JSON. */
function redacted(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((entry) => redacted(entry, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, redacted(field, secrets)]));
}
