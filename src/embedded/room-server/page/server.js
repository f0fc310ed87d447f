/** What the page asks of the server that it came from. Tokens travel in answers only, never in an address. */

/** @typedef {import('./page-types.d.ts').Entry} Entry */

/** Participant ids of interpreters begin with this. */
const INTERPRETER_PREFIX = 'parley-';

/** A request that was answered with no. The message is for the person. */
export class EntryError extends Error {}

/**
 * A token with which this person, and nobody else, may join this meeting.
 * @param {string} meetingId
 * @param {{ name: string, language: string }} person
 * @returns {Promise<Entry>}
 * @throws {EntryError}
 */
export async function requestEntry(meetingId, person) {
  const answer = await ask(`/${encodeURIComponent(meetingId)}/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(person),
  });
  const { token, meetingId: roomId, participantId, signalingBaseUrl } = answer;
  if (
    typeof token !== 'string' ||
    typeof roomId !== 'string' ||
    typeof participantId !== 'string' ||
    typeof signalingBaseUrl !== 'string'
  ) {
    throw new EntryError('The meeting server answered with something else than a permission to join.');
  }
  return { token, meetingId: roomId, participantId, signalingBaseUrl };
}

/**
 * Whether this participant is an interpreter. Only the server can say so: it knows whose token was made for one, and names
 * those who are in the meeting now. An id that looks like an interpreter's is no more than a reason to ask.
 * @param {string} meetingId
 * @param {string} participantId
 * @returns {boolean | Promise<boolean>}
 */
export function isInterpreter(meetingId, participantId) {
  return participantId.startsWith(INTERPRETER_PREFIX) && isVouchedFor(meetingId, participantId);
}

/**
 * @param {string} meetingId
 * @param {string} participantId
 * @throws {EntryError}
 */
async function isVouchedFor(meetingId, participantId) {
  const { botIds } = await ask(`/${encodeURIComponent(meetingId)}/bots`, { method: 'GET' });
  return Array.isArray(botIds) && botIds.includes(participantId);
}

/**
 * @param {string} path
 * @param {RequestInit} request
 * @returns {Promise<Record<string, unknown>>}
 */
async function ask(path, request) {
  let response;
  try {
    response = await fetch(path, { ...request, cache: 'no-store', credentials: 'omit' });
  } catch {
    throw new EntryError('The meeting server cannot be reached. Check that it is running, then try again.');
  }
  if (response.status === 404) throw new EntryError('There is no such meeting any more. Ask for a new link.');
  if (!response.ok) throw new EntryError(`The meeting server refused (status ${response.status}).`);
  /** @type {unknown} */
  const answer = await response.json().catch(() => undefined);
  if (typeof answer !== 'object' || answer === null) {
    throw new EntryError('The meeting server answered with something that cannot be read.');
  }
  return /** @type {Record<string, unknown>} */ (answer);
}
