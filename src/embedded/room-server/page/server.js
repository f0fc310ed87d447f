/** What the page asks of the server that it came from. Tokens travel in answers only, never in an address. */

/** @typedef {import('./page-types.d.ts').Entry} Entry */

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
  return { token, meetingId: roomId, participantId, signalingBaseUrl, botIds: idsOf(answer) };
}

/**
 * The ids of the interpreters that are in the meeting now.
 * @param {string} meetingId
 * @throws {EntryError}
 */
export async function requestBotIds(meetingId) {
  return idsOf(await ask(`/${encodeURIComponent(meetingId)}/bots`, { method: 'GET' }));
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

/** @param {Record<string, unknown>} answer */
function idsOf(answer) {
  const ids = answer['botIds'];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}
