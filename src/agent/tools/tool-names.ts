/** Names of tools as the Realtime API takes them: 1 to 64 letters, digits, underscores and dashes. Pure. */
import { createHash } from 'node:crypto';

const MAX_CHARS = 64;
const HASH_CHARS = 8;

/**
 * The name that the model sees of a tool: its own where the API takes it. Other characters become underscores; where that changed
 * the name, or it is too long, it ends in a hash of the whole, so that different names stay different.
 */
export function wireName(name: string): string {
  const plain = name.replace(/[^a-zA-Z0-9_-]/g, '_');
  if (plain === name && name !== '' && name.length <= MAX_CHARS) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARS);
  const kept = plain.slice(0, MAX_CHARS - HASH_CHARS - 1);
  return kept === '' ? `tool_${hash}` : `${kept}_${hash}`;
}

/** The name of a server's tool in the registry. */
export function serverToolName(server: string, tool: string): string {
  return `${server}__${tool}`;
}
