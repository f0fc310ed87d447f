/** What a person is told when they are not in the meeting any more. */

/** By the codes of the SDK's LeaveReasons (js-sdk 1.1.1). */
const SENTENCES = new Map([
  [1001, 'The connection to the meeting was lost.'],
  [1002, 'You were removed from the meeting.'],
  [1006, 'The meeting was closed.'],
  [1008, 'Everyone was removed from the meeting.'],
  [1009, 'The meeting has ended.'],
  [1010, 'You were removed from the meeting.'],
  [1011, 'You joined this meeting from another place.'],
  [1101, 'You left the meeting.'],
  [1102, 'The connection was lost and could not be restored.'],
  [1103, 'The meeting could not be joined.'],
]);
/** By the SDK's codes of server errors. */
const REFUSALS = new Map([
  [4002, 'The permission to join is not valid any more. Join again to get a new one.'],
  [4003, 'There is no such meeting any more.'],
  [4009, 'The meeting is full.'],
  [4022, 'The permission to join is for another meeting.'],
]);

const ASKED = 1101;

/**
 * @param {{ code?: unknown, message?: unknown } | undefined} reason the SDK's
 * @returns {{ kind: 'left', wasAsked: boolean, message: string }}
 */
export function leftState(reason) {
  const code = typeof reason?.code === 'number' ? reason.code : 0;
  const sentence = SENTENCES.get(code) ?? REFUSALS.get(code);
  return {
    kind: 'left',
    wasAsked: code === ASKED,
    message: sentence ?? `The meeting was left${code === 0 ? '' : ` (code ${code})`}.`,
  };
}
