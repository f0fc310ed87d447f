/** What a person is told when they are not in the meeting any more. */

/** @typedef {import('./text-keys.d.ts').TextKey} TextKey */

/** By the codes of the SDK's LeaveReasons and server errors (js-sdk 1.1.1). @type {ReadonlyMap<number, TextKey>} */
const TEXTS = new Map([
  [1001, 'left.lost'],
  [1002, 'left.removed'],
  [1006, 'left.closed'],
  [1008, 'left.everyone'],
  [1009, 'left.ended'],
  [1010, 'left.removed'],
  [1011, 'left.elsewhere'],
  [1101, 'left.asked'],
  [1102, 'left.notRestored'],
  [1103, 'left.notJoined'],
  [4002, 'left.expired'],
  [4003, 'server.gone'],
  [4009, 'left.full'],
  [4022, 'left.otherMeeting'],
]);

const ASKED = 1101;

/**
 * @param {{ code?: unknown, message?: unknown } | undefined} reason the SDK's
 * @returns {{ kind: 'left', wasAsked: boolean, text: TextKey, code: number }}
 */
export function leftState(reason) {
  const code = typeof reason?.code === 'number' ? reason.code : 0;
  const text = TEXTS.get(code) ?? (code === 0 ? 'left.other' : 'left.otherCode');
  return { kind: 'left', wasAsked: code === ASKED, text, code };
}
