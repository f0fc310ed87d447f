/** What the page asks of the server that it came from. Tokens travel in answers only, never in an address. */

/** @typedef {import('./page-types.d.ts').Catalogue} Catalogue */
/** @typedef {import('./page-types.d.ts').Entry} Entry */
/** @typedef {import('./text-keys.d.ts').TextKey} TextKey */

/** Participant ids of interpreters begin with this. */
const INTERPRETER_PREFIX = 'parley-';

/** A request that was answered with no, and the text that says so to the person. */
export class EntryError extends Error {
  /** @type {TextKey} */
  key;
  status;

  /**
   * @param {TextKey} key
   * @param {number} [status] of the answer
   */
  constructor(key, status = 0) {
    super(key);
    this.key = key;
    this.status = status;
  }
}

/**
 * What there is to choose from.
 * @returns {Promise<Catalogue>}
 * @throws {EntryError}
 */
export async function loadCatalogue() {
  return /** @type {Catalogue} */ (await ask('/assets/catalogue.json', { method: 'GET' }));
}

/**
 * The page's texts in one of the catalogue's languages.
 * @param {string} tag
 * @returns {Promise<Readonly<Record<string, string>>>}
 * @throws {EntryError}
 */
export async function loadTexts(tag) {
  const texts = await ask(`/assets/texts-${encodeURIComponent(tag)}.json`, { method: 'GET' });
  return /** @type {Record<string, string>} */ (texts);
}

/**
 * The languages of a meeting, as far as they are known.
 * @param {string} meetingId
 * @returns {Promise<readonly string[]>}
 * @throws {EntryError} `server.gone` when there is no such meeting
 */
export async function meetingLanguages(meetingId) {
  const { languages } = await ask(`/${encodeURIComponent(meetingId)}/languages`, { method: 'GET' });
  return Array.isArray(languages) ? languages.filter((tag) => typeof tag === 'string') : [];
}

/**
 * Makes a meeting; its id.
 * @returns {Promise<string>}
 * @throws {EntryError}
 */
export async function makeMeeting() {
  const { meetingId } = await ask('/new', post({}));
  if (typeof meetingId !== 'string') throw new EntryError('server.unreadable');
  return meetingId;
}

/**
 * A token with which this person, and nobody else, may join this meeting.
 * @param {string} meetingId
 * @param {{ name: string, language: string }} person
 * @returns {Promise<Entry>}
 * @throws {EntryError}
 */
export async function requestEntry(meetingId, person) {
  const answer = await ask(`/${encodeURIComponent(meetingId)}/token`, post(person));
  const { token, meetingId: roomId, participantId, signalingBaseUrl } = answer;
  if (
    typeof token !== 'string' ||
    typeof roomId !== 'string' ||
    typeof participantId !== 'string' ||
    typeof signalingBaseUrl !== 'string'
  ) {
    throw new EntryError('server.unreadable');
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
 * The recording of a sample phrase, as WAV.
 * @param {string} language
 * @param {string} id
 * @returns {Promise<ArrayBuffer>}
 * @throws {EntryError}
 */
export async function loadPhrase(language, id) {
  const path = `/phrases/${encodeURIComponent(language)}/${encodeURIComponent(id)}`;
  return (await request(path, { method: 'GET' })).arrayBuffer();
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
 * @param {object} body
 * @returns {RequestInit}
 */
function post(body) {
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Record<string, unknown>>}
 */
async function ask(path, init) {
  const response = await request(path, init);
  /** @type {unknown} */
  const answer = await response.json().catch(() => undefined);
  if (typeof answer !== 'object' || answer === null) throw new EntryError('server.unreadable');
  return /** @type {Record<string, unknown>} */ (answer);
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function request(path, init) {
  let response;
  try {
    response = await fetch(path, { ...init, cache: 'no-store', credentials: 'omit' });
  } catch {
    throw new EntryError('server.unreachable');
  }
  if (response.status === 404) throw new EntryError('server.gone', 404);
  if (!response.ok) throw new EntryError('server.refused', response.status);
  return response;
}
