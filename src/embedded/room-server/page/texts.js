/** The page's own texts in the reader's language: data of the server, put in as text. */
import { loadTexts } from './server.js';

/** @typedef {import('./text-keys.d.ts').TextKey} TextKey */

/** @type {Readonly<Record<string, string>>} */
let texts = {};
let language = 'en';
/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * A text, with values in the places of their names.
 * @param {TextKey} key
 * @param {Readonly<Record<string, string | number>>} [values]
 */
export function text(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (place, /** @type {string} */ name) =>
    String(values[name] ?? place),
  );
}

/** The language that the texts are in. */
export function textLanguage() {
  return language;
}

/** The same with the region of this browser, where it is set to that language: times are written as people there do. */
export function regionalLanguage() {
  return navigator.languages.find((tag) => new Intl.Locale(tag).language === language) ?? language;
}

/**
 * Shows the texts of a language from now on, everywhere on the page.
 * @param {string} tag one that the server has texts in
 */
export async function useTexts(tag) {
  if (tag === language && Object.keys(texts).length > 0) return;
  texts = await loadTexts(tag);
  language = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = directionOf(tag);
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = text(/** @type {TextKey} */ (element.getAttribute('data-text')));
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', text(/** @type {TextKey} */ (element.getAttribute('data-label'))));
  }
  for (const listener of listeners) listener();
}

/**
 * Calls `listener` whenever the texts are in another language.
 * @param {() => void} listener
 * @returns {() => void} the way back
 */
export function onTexts(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {string} tag */
function directionOf(tag) {
  return ['Arab', 'Hebr'].includes(new Intl.Locale(tag).maximize().script ?? '') ? 'rtl' : 'ltr';
}
