/** Languages for people to choose from, through Intl. */
import { isSameLanguage } from './parley-client.js';

/** What a person can choose. Any other language can still be spoken: it is the interpreter that decides. */
const TAGS = (
  'af ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr gl gu he hi hr hu hy id is it ja ka kk kn ko lt lv ' +
  'mk ml mr ms nb ne nl pa pl pt pt-BR ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh-Hans zh-Hant'
).split(' ');

/**
 * A language's name in that language, with a capital where its script has them. Empty when `tag` is no language, since
 * tags come from other people.
 * @param {string} tag
 */
export function ownName(tag) {
  try {
    const name = new Intl.DisplayNames([tag], { type: 'language', fallback: 'none' }).of(tag) ?? '';
    const [first = ''] = name;
    return first.toLocaleUpperCase(tag) + name.slice(first.length);
  } catch {
    return '';
  }
}

/**
 * Everything there is to choose, by its own name, in alphabetical order.
 * @returns {{ tag: string, name: string }[]}
 */
export function languageChoices() {
  const collator = new Intl.Collator('en');
  return TAGS.map((tag) => ({ tag, name: ownName(tag) })).sort((a, b) => collator.compare(a.name, b.name));
}

/**
 * The choice that fits a browser's languages best; English when none fits.
 * @param {readonly string[]} preferred tags, the most wanted first
 */
export function bestChoice(preferred) {
  for (const tag of preferred) {
    const exact = TAGS.find((choice) => choice.toLowerCase() === tag.toLowerCase());
    if (exact !== undefined) return exact;
    const script = scriptOf(tag);
    const close = TAGS.filter((choice) => isSameLanguage(choice, tag));
    const match = close.find((choice) => scriptOf(choice) === script) ?? close[0];
    if (match !== undefined) return match;
  }
  return 'en';
}

/** @param {string} tag */
function scriptOf(tag) {
  try {
    return new Intl.Locale(tag).maximize().script;
  } catch {
    return undefined;
  }
}
