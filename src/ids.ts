import { randomBytes } from 'node:crypto';

/** What ids begin with. */
export type IdKind =
  'bot' | 'ws' | 'usr' | 'key' | 'evt' | 'wh' | 'note' | 'aud' | 'wrk' | 'doc' | 'tool' | 'mcp';

/** A new id: `bot_` and a UUID of version 7 without hyphens, so that later ones sort after earlier ones. */
export function newId(kind: IdKind): string {
  return `${kind}_${uuidV7().replaceAll('-', '')}`;
}

let lastMs = 0;
let counter = 0;

/** A UUID of version 7 (RFC 9562): milliseconds, a counter within them, and 62 random bits. Grows within a process. */
function uuidV7(): string {
  const nowMs = Math.max(Date.now(), lastMs);
  if (nowMs > lastMs) counter = randomBytes(2).readUInt16BE() & 0x7ff;
  else counter++;
  // 4,096 in a millisecond at most: the next ones borrow from the one after it.
  lastMs = counter > 0xfff ? nowMs + 1 : nowMs;
  counter &= 0xfff;
  const bytes = randomBytes(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
