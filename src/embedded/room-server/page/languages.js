/** The languages that people choose from, as the server names them: browsers do not know them all. */
import { isSameLanguage } from './parley-client.js';

/** @typedef {import('./page-types.d.ts').LanguageChoice} LanguageChoice */

export class Languages {
  #choices;

  /** @param {readonly LanguageChoice[]} choices by their own names, in alphabetical order */
  constructor(choices) {
    this.#choices = choices;
  }

  /**
   * A language's name in that language. Empty when `tag` is no language, since tags come from other people.
   * @param {string} tag
   */
  nameOf(tag) {
    return this.#choices.find((choice) => choice.tag === tag)?.name ?? nameByBrowser(tag);
  }

  /**
   * The choice that fits a reader's languages best; English when none fits.
   * @param {readonly string[]} preferred tags, the most wanted first
   */
  best(preferred) {
    return bestOf(
      this.#choices.map(({ tag }) => tag),
      preferred,
    );
  }

  /**
   * The choices that a query finds, the best first; all of them for an empty one. A language is found by its tag and by its
   * name in itself or in any language of the page.
   * @param {string} query
   * @returns {readonly LanguageChoice[]}
   */
  search(query) {
    const wanted = searchKey(query);
    if (wanted === '') return this.#choices;
    return this.#choices
      .map((choice) => ({ choice, rank: rankOf(choice, wanted) }))
      .filter(({ rank }) => rank < Infinity)
      .sort((a, b) => a.rank - b.rank)
      .map(({ choice }) => choice);
  }

  /**
   * The choices that are languages of a meeting, in the meeting's order.
   * @param {readonly string[]} tags
   * @returns {readonly LanguageChoice[]}
   */
  among(tags) {
    return tags.flatMap((tag) => this.#choices.find((choice) => choice.tag === tag) ?? []);
  }
}

/**
 * The tag among `tags` that fits a reader's languages best; English when none fits.
 * @param {readonly string[]} tags
 * @param {readonly string[]} preferred tags, the most wanted first
 */
export function bestOf(tags, preferred) {
  for (const tag of preferred) {
    const close = tags
      .filter((other) => isSameLanguage(other, tag))
      .map((other) => ({ other, distance: distanceOf(other, tag) }))
      .sort((a, b) => a.distance - b.distance);
    if (close[0] !== undefined) return close[0].other;
  }
  return 'en';
}

/**
 * How far a choice is from a reader's tag of the same spoken language: by language subtag, then script, then region. The
 * tag itself is nearest, and one without a region is nearer than that of another region.
 * @param {string} choice
 * @param {string} wanted
 */
function distanceOf(choice, wanted) {
  if (choice.toLowerCase() === wanted.toLowerCase()) return 0;
  const [one, other] = [new Intl.Locale(choice), new Intl.Locale(wanted)];
  const isOtherScript = one.maximize().script !== other.maximize().script;
  const regions = one.region === other.region ? 0 : one.region === undefined ? 1 : 2;
  return 1 + 8 * Number(one.language !== other.language) + 4 * Number(isOtherScript) + regions;
}

/**
 * @param {LanguageChoice} choice
 * @param {string} wanted a search key
 */
function rankOf({ tag, name, names }, wanted) {
  const keys = [name, ...names].map(searchKey);
  if (tag.toLowerCase() === wanted) return 0;
  if (keys.includes(wanted)) return 1;
  if (keys.some((key) => key.startsWith(wanted))) return 2;
  if (keys.some((key) => key.split(/[\s(]+/).some((word) => word.startsWith(wanted)))) return 3;
  return keys.some((key) => key.includes(wanted)) ? 4 : Infinity;
}

/** Names are looked for without case and accents. @param {string} text */
function searchKey(text) {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’ʻʼ]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** @param {string} tag */
function nameByBrowser(tag) {
  try {
    const name = new Intl.DisplayNames([tag], { type: 'language', fallback: 'none' }).of(tag) ?? '';
    const [first = ''] = name;
    return first.toLocaleUpperCase(tag) + name.slice(first.length);
  } catch {
    return '';
  }
}
