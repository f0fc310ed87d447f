/** Why a participant is not in the room any more: codes and messages of the SDK's LeaveReasons (js-sdk 1.1.1). */

export type WireLeaveReason = { code: number; message: string };

export const LEAVE_REASONS = {
  socketDisconnected: { code: 1001, message: 'Socket disconnected' },
  removed: { code: 1002, message: 'Participant was removed from the meeting' },
  roomClosed: { code: 1006, message: 'The meeting has been closed' },
  duplicate: {
    code: 1011,
    message: 'Leaving meeting, since this participantId joined from another device.',
  },
  asked: { code: 1101, message: 'Participant manually called the leave() method to exit the meeting' },
} as const satisfies Record<string, WireLeaveReason>;

/** What `definePeerLeftReason` announces before a client closes its socket. */
export function announcedReason(name: string): WireLeaveReason {
  return name === 'MANUAL_LEAVE_CALLED' ? LEAVE_REASONS.asked : LEAVE_REASONS.socketDisconnected;
}
