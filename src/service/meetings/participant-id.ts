import { createHmac } from 'node:crypto';
import { BOT_ID_PREFIX } from '../../room/room.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CHARS = 26;

/**
 * Our participant id in a meeting: the same for every process that is ever in it for this service, so that the meeting itself
 * lets only the newest in; and not to be guessed by anybody else.
 */
export function participantIdOf(serviceSecret: string, place: string, meetingId: string): string {
  const digest = createHmac('sha256', serviceSecret).update(`${place} ${meetingId}`).digest();
  return `${BOT_ID_PREFIX}${[...digest.subarray(0, CHARS)].map((byte) => ALPHABET[byte % 32]).join('')}`;
}
