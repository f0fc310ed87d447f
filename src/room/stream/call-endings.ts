/** What the service says about the end of our stay, which its client follows by leaving. */
import { z } from 'zod';
import type { LeaveReason } from '../room.js';
import type { StreamCall } from './sdk-types.js';

/** Reasons in the media server's `callEnded`. */
const KICKED = 3;

const endedSchema = z.object({ reason: z.number() });
const aboutSchema = z.object({ user: z.object({ id: z.string() }) });

/** Calls `onEnding` for each reason that is about the call or our own user. Returns the way back. */
export function endingsOf(
  call: Pick<StreamCall, 'on'>,
  ownUserId: string,
  onEnding: (reason: LeaveReason) => void,
): () => void {
  let isRemoved = false;
  const removed = (message: string) => (event: unknown) => {
    if (aboutSchema.safeParse(event).data?.user.id !== ownUserId) return;
    isRemoved = true;
    onEnding({ kind: 'removed', message });
  };
  const closed = (message: string): void => {
    if (!isRemoved) onEnding({ kind: 'room_closed', message });
  };
  const stops = [
    call.on('call.kicked_user', removed('a moderator removed us from the call')),
    call.on('call.blocked_user', removed('a moderator blocked us in the call')),
    call.on('call.ended', () => closed('the call was ended')),
    call.on('callEnded', (event) => {
      if (endedSchema.safeParse(event).data?.reason !== KICKED) {
        closed('the call was ended');
        return;
      }
      if (!isRemoved) onEnding({ kind: 'removed', message: 'a moderator removed us from the call' });
      isRemoved = true;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
