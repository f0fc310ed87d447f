import { randomBytes } from 'node:crypto';
import { BOT_ID_PREFIX } from './room.js';

/** A new participant id of an interpreter: other interpreters know it by its beginning. */
export function newBotId(): string {
  return `${BOT_ID_PREFIX}${randomBytes(6).toString('hex')}`;
}
