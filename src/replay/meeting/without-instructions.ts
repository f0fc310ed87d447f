import { createHash } from 'node:crypto';

/**
 * The JSON text of an event with its instructions, wherever they stand, replaced by `<instructions 9f86d081884c, 312 chars>`:
 * what is private to people stands in them. Of text that is no JSON nothing is left.
 */
export function withoutInstructions(text: string): string {
  if (!text.includes('"instructions"')) return text;
  try {
    const event: unknown = JSON.parse(text, (key, value: unknown) =>
      key === 'instructions' && typeof value === 'string' ? digestOf(value) : value,
    );
    return JSON.stringify(event);
  } catch {
    return '';
  }
}

function digestOf(instructions: string): string {
  const sha256 = createHash('sha256').update(instructions).digest('hex').slice(0, 12);
  return `<instructions ${sha256}, ${Array.from(instructions).length} chars>`;
}
