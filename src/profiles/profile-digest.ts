import { createHash } from 'node:crypto';

/** What records and logs hold of a profile instead of its text: which one, and how long, such as `312 characters, sha256 9f86d081884c`. */
export function profileDigest(text: string): string {
  const sha256 = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${Array.from(text).length} characters, sha256 ${sha256}`;
}
