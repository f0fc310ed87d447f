/** What the browser keeps for the person: their name and language, for the next meeting; and what they have read, for a reload. */

/** @typedef {import('./page-types.d.ts').ShownCaption} ShownCaption */

const PERSON_KEY = 'parley.person';
const MAX_NAME_CHARS = 80;

/**
 * Who joined with this browser last; empty texts for what is not known.
 * @returns {{ name: string, language: string }}
 */
export function readPerson() {
  const kept = read(() => localStorage, PERSON_KEY);
  return { name: textOf(kept, 'name').slice(0, MAX_NAME_CHARS), language: textOf(kept, 'language') };
}

/** @param {{ name: string, language: string }} person */
export function keepPerson({ name, language }) {
  keep(() => localStorage, PERSON_KEY, { name, language });
}

/**
 * What stood on this tab's screen of a meeting before it was loaded anew.
 * @param {string} meetingId
 * @returns {readonly ShownCaption[]}
 */
export function readCaptions(meetingId) {
  const kept = read(() => sessionStorage, captionsKey(meetingId));
  return Array.isArray(kept) ? kept.filter(isCaption) : [];
}

/**
 * @param {string} meetingId
 * @param {readonly ShownCaption[]} captions
 */
export function keepCaptions(meetingId, captions) {
  keep(() => sessionStorage, captionsKey(meetingId), captions);
}

/** @param {string} meetingId */
function captionsKey(meetingId) {
  return `parley.captions.${meetingId}`;
}

/**
 * @param {() => Storage} storage which a browser may refuse
 * @param {string} key
 * @returns {unknown}
 */
function read(storage, key) {
  try {
    return JSON.parse(storage().getItem(key) ?? 'null');
  } catch {
    return undefined;
  }
}

/**
 * @param {() => Storage} storage
 * @param {string} key
 * @param {unknown} value
 */
function keep(storage, key, value) {
  try {
    storage().setItem(key, JSON.stringify(value));
  } catch {
    // Full, or not allowed: then it is not there after a reload.
  }
}

/**
 * @param {unknown} from
 * @param {string} name
 */
function textOf(from, name) {
  const value = fieldOf(from, name);
  return typeof value === 'string' ? value : '';
}

/**
 * @param {unknown} value
 * @returns {value is ShownCaption}
 */
function isCaption(value) {
  const texts = ['key', 'speakerId', 'speakerName', 'sourceText', 'sourceLanguage', 'translatedText'];
  return (
    [...texts, 'targetLanguage'].every((name) => typeof fieldOf(value, name) === 'string') &&
    Number.isFinite(fieldOf(value, 'sentAtMs'))
  );
}

/**
 * @param {unknown} from
 * @param {string} name
 * @returns {unknown}
 */
function fieldOf(from, name) {
  if (typeof from !== 'object' || from === null) return undefined;
  return /** @type {Record<string, unknown>} */ (from)[name];
}
