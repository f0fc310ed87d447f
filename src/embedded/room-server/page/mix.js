/**
 * How loud everyone is for one listener: those who speak, and the interpreter's translation. While the translation sounds the
 * originals step back, as far as the listener wants it. Pure.
 */
import { isSameLanguage } from './languages.js';

/** @typedef {import('./page-types.d.ts').Role} Role */

/** Where the listener's balance stands at first, from 0 (the original alone) to 100 (the translation alone). */
export const DEFAULT_BALANCE = 80;

/**
 * What a participant's voice is for a listener of `language`. The interpreter speaks through a participant of its own for
 * each language where everybody's app can choose (docs/host-app.md), and through one for all where not.
 * @param {{ isBot: boolean, looksLikeBot: boolean, channel: string }} participant `isBot`: the server vouches for it;
 *   `channel`: the language that it says it speaks, empty for none
 * @param {string} language
 * @returns {Role}
 */
export function roleOf({ isBot, looksLikeBot, channel }, language) {
  if (!isBot) return looksLikeBot ? 'unheard' : 'original';
  return channel === '' || isSameLanguage(channel, language) ? 'translation' : 'unheard';
}

/**
 * Volumes from 0 to 1. Up to the middle the translation grows, from there on the originals step back.
 * @param {number} balance 0 to 100
 * @param {boolean} isTranslating the translation sounds at present
 * @returns {{ original: number, translation: number }}
 */
export function volumesOf(balance, isTranslating) {
  const share = Math.min(100, Math.max(0, balance)) / 100;
  return {
    original: isTranslating ? Math.min(1, 2 * (1 - share)) ** 2 : 1,
    translation: Math.min(1, 2 * share),
  };
}
