/**
 * Texts turned from one writing of their language into another, where no translator is needed for it: Chinese by OpenCC
 * (opencc-js, with its dictionaries of phrases), Serbian and Bosnian letter by letter.
 */
import { createRequire } from 'node:module';
import type { LanguageTag } from './language-tags.js';
import { sameLanguage } from './languages.js';
import { writtenLanguage } from './written-languages.js';

type Convert = (text: string) => string;

const require = createRequire(import.meta.url);
const CHINESE = new Set(['zh', 'zh-Hant']);
const SERBIAN = new Set(['sr', 'sr-Latn', 'bs', 'bs-Cyrl']);

let toSimplified: Convert | undefined;
let toTraditional: Convert | undefined;

/** Whether {@link rewritten} turns texts of one tag into the writing of the other. */
export function canRewrite(from: LanguageTag, to: LanguageTag): boolean {
  return [CHINESE, SERBIAN].some(
    (writings) =>
      writings.has(writtenLanguage(from)) && writings.has(writtenLanguage(to)) && sameLanguage(from, to),
  );
}

/** Whether texts of one tag, turned into the writing of the other by {@link rewritten}, are in another one than before. */
export function changesWriting(from: LanguageTag, to: LanguageTag): boolean {
  return canRewrite(from, to) && writtenLanguage(from) !== writtenLanguage(to);
}

/** Of several writings of a language, the one that the others are made from with the least loss; others as they are. */
export function isSourceWriting(tag: LanguageTag): boolean {
  return ['zh-Hant', 'sr', 'bs-Cyrl'].includes(writtenLanguage(tag));
}

/**
 * A text for readers of `to`, in their writing; as it is where {@link canRewrite} says no. Dictionaries are loaded when they are
 * needed first: 0.05 s into simplified characters, 0.3 s into traditional ones.
 */
export function rewritten(text: string, from: LanguageTag, to: LanguageTag): string {
  if (text === '' || !canRewrite(from, to)) return text;
  const [given, wanted] = [writtenLanguage(from), writtenLanguage(to)];
  if (SERBIAN.has(wanted)) return wanted === 'sr' || wanted === 'bs-Cyrl' ? inCyrillic(text) : inLatin(text);
  if (given === wanted) return text;
  return wanted === 'zh'
    ? (toSimplified ??= converter('opencc-js/t2cn', { from: 't', to: 'cn' }))(text)
    : (toTraditional ??= converter('opencc-js/cn2t', { from: 'cn', to: 'twp' }))(text);
}

function converter(name: string, options: { from: string; to: string }): Convert {
  const { Converter } = require(name) as { Converter: (options: { from: string; to: string }) => Convert };
  return Converter(options);
}

/** Letters of Serbian, Cyrillic and Latin. */
const LETTERS =
  'а a б b в v г g д d ђ đ е e ж ž з z и i ј j к k л l љ lj м m н n њ nj о o п p р r с s т t ћ ć у u ф f х h ц c ч č џ dž ш š'.split(
    ' ',
  );
const LATIN_OF = new Map<string, string>();
const CYRILLIC_OF = new Map<string, string>();
for (let at = 0; at < LETTERS.length; at += 2) {
  LATIN_OF.set(LETTERS[at]!, LETTERS[at + 1]!);
  CYRILLIC_OF.set(LETTERS[at + 1]!, LETTERS[at]!);
}
/** Words in which two letters that are mostly one sound are two. */
const TWO_SOUNDS = /^(?:nad|pod|od)(?=ž)|^(?:in|kon|van)(?=j)|^tan(?=jug)/;
/** Letters that no Serbian word has: names, and words of other languages, stay. */
const FOREIGN = /[qwxy]/i;

function inLatin(text: string): string {
  return text.replace(/\p{Script=Cyrillic}+/gu, (word) =>
    Array.from(word, (letter, at) => {
      const small = letter.toLowerCase();
      const latin = LATIN_OF.get(small);
      if (latin === undefined || letter === small) return latin ?? letter;
      const isShouted = /\p{Lu}/u.test(word[at + 1] ?? word[at - 1] ?? '');
      return isShouted ? latin.toUpperCase() : latin[0]!.toUpperCase() + latin.slice(1);
    }).join(''),
  );
}

/** What is in Cyrillic to a third or more stays: its Latin words are names. */
function inCyrillic(text: string): string {
  const countOf = (script: RegExp): number => text.match(script)?.length ?? 0;
  if (2 * countOf(/\p{Script=Cyrillic}/gu) >= countOf(/\p{Script=Latin}/gu)) return text;
  return text
    .normalize('NFC')
    .replace(/[\p{Script=Latin}]+/gu, (word) => (FOREIGN.test(word) ? word : cyrillicWord(word)));
}

function cyrillicWord(word: string): string {
  const [apart = ''] = TWO_SOUNDS.exec(word.toLowerCase()) ?? [];
  let cyrillic = '';
  for (let at = 0; at < word.length;) {
    const pair = at + 1 === apart.length ? '' : word.slice(at, at + 2);
    const length = pair.length === 2 && CYRILLIC_OF.has(pair.toLowerCase()) ? 2 : 1;
    const latin = word.slice(at, at + length);
    const letter = CYRILLIC_OF.get(latin.toLowerCase()) ?? latin;
    cyrillic += latin.startsWith(latin[0]!.toLowerCase()) ? letter : letter.toUpperCase();
    at += length;
  }
  return cyrillic;
}
