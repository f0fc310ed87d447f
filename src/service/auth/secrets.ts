/** Secrets that the service gives out: shown once, kept as SHA-256. They are random, so that no slower hash is needed. */
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const KEY_ID_CHARS = 12;
const KEY = /^pk_([a-z2-7]{12})_([\w-]{43})$/;

/** 43 characters of base64url: 32 random bytes. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** As it is kept: SHA-256, in hexadecimal digits. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** A new API key, `pk_<id>_<43 characters>`: shown once, kept by its id and hash. */
export function newApiKey(): { id: string; key: string; hash: string } {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const id = [...randomBytes(KEY_ID_CHARS)].map((byte) => alphabet[byte % 32]).join('');
  const key = `pk_${id}_${newSecret()}`;
  return { id, key, hash: hashOf(key) };
}

/** The id in a text that has the form of an API key; undefined for any other. */
export function apiKeyIdOf(text: string): string | undefined {
  return KEY.exec(text)?.[1];
}
