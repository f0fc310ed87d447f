import { createHash } from 'node:crypto';

/** What records and logs hold of a profile instead of its text: which one, and how long, such as `<profile 9f86d081884c, 312 chars>`. */
export function profileDigest(text: string): string {
  const sha256 = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `<profile ${sha256}, ${Array.from(text).length} chars>`;
}
