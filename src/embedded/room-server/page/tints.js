/** Colours of people: each has one for as long as the page is open, and no two the same while there are enough. */

const TINT_COUNT = 6;
/** @type {Map<string, number>} */
const tints = new Map();

/** The number of somebody's colour. @param {string} participantId */
export function tintOf(participantId) {
  const known = tints.get(participantId);
  if (known !== undefined) return known;
  const tint = tints.size % TINT_COUNT;
  tints.set(participantId, tint);
  return tint;
}
