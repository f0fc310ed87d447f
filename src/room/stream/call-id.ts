/** How a call of Stream is named: its type and its id. Pure. */
import { ParleyError } from '../../errors.js';

/** A call, by both of its names. */
export type CallId = { readonly type: string; readonly id: string };

/** Type and id, with a colon between. */
export const CALL_ID = /^([\w-]{1,64}):([\w-]{1,64})$/;

/** The call that a meeting id such as `default:weekly-sync` names. Throws ParleyError `usage` for anything else. */
export function parseCallId(meetingId: string): CallId {
  const [, type, id] = CALL_ID.exec(meetingId) ?? [];
  if (type !== undefined && id !== undefined) return { type, id };
  throw new ParleyError(
    'usage',
    'a call of Stream is named by its type and its id, such as default:weekly-sync: letters, digits, _ and - in each, up to 64',
  );
}
