/** A language named in a text. */
type LanguageMention = {
  /** language subtag: `es` */
  language: string;
  start: number;
  end: number;
};

/** Languages that instructions may name. Small ones are left out: their names are words of other languages too often. */
const LANGUAGES = (
  'af ar bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk kn ko lt lv mk ' +
  'ml mr ms nb ne nl pa pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur vi zh'
).split(' ');
/** Languages in which their names are understood, beside their own. */
const NAMING_LANGUAGES = ['en', 'es', 'de', 'fr', 'it', 'pt', 'nl'];
/** Bare codes that are taken for a language after a word such as "language"; others are words ("it", "is", "no", "he"). */
const BARE_CODES = 'en|es|de|fr|pt|nl|ru|ja|zh|ko|ar|pl|sv|uk|cs';

const codeOf = new Map<string, string>();
for (const naming of [...NAMING_LANGUAGES, ...LANGUAGES]) {
  const names = new Intl.DisplayNames([naming], { type: 'language', fallback: 'none' });
  for (const language of NAMING_LANGUAGES.includes(naming) ? LANGUAGES : [naming]) {
    const name = names.of(language)?.toLowerCase();
    if (name !== undefined && name.length > 1 && !codeOf.has(name)) codeOf.set(name, language);
  }
}
codeOf.set('mandarin', 'zh').set('castilian', 'es').set('castellano', 'es');

const WORD = /[\p{L}\p{M}]+/gu;
const MAX_NAME_WORDS = Math.max(...[...codeOf.keys()].map((name) => name.match(WORD)?.length ?? 0));
/** German names are declined: "ins Englische", "aus dem Spanischen". */
const GERMAN_ENDING = /(?<=sch)e[nmrs]?$/u;
/** Scripts without spaces: the name may stand between other letters. */
const UNSPACED = /日本語|中文|한국어|ไทย/gu;
const REGIONAL_TAG =
  /(?<![\p{L}\p{N}-])([a-z]{2,3})(?:-[A-Z][a-z]{3})?-(?:[A-Z]{2}|\d{3})(?![\p{L}\p{N}-])/gu;
const BARE_CODE = new RegExp(
  `(?<=(?:\\blanguage|\\blang|\\blocale|\\bspeaks|\\bwhen|\\bfrom|\\binto|\\bto|->|→|=>|⇒)[ :="'\`(]*|["'\`(])(?<![\\p{L}\\p{N}])(${BARE_CODES})(?![\\p{L}\\p{N}-])` +
    `|(?<![\\p{L}\\p{N}-])(${BARE_CODES})(?=\\s*(?:->|→|=>|⇒|↔|<->))`,
  'gu',
);

/** The languages named in a text, in order: by name (in its own or another language), or by tag ("fr-FR", "language: en"). */
export function findLanguages(text: string): LanguageMention[] {
  const found: LanguageMention[] = [];
  const add = (match: RegExpMatchArray, language: string | undefined): void => {
    const start = match.index ?? 0;
    if (language !== undefined) found.push({ language, start, end: start + match[0].length });
  };
  const all = [...text.matchAll(WORD)];
  all.forEach(({ index: start }, first) => {
    for (let count = Math.min(MAX_NAME_WORDS, all.length - first); count > 0; count--) {
      const last = all[first + count - 1]!;
      const end = last.index + last[0].length;
      const name = text.slice(start, end);
      if (name === 'polish') continue; // the verb
      const language =
        codeOf.get(name.toLowerCase()) ?? codeOf.get(name.toLowerCase().replace(GERMAN_ENDING, ''));
      if (language === undefined) continue;
      found.push({ language, start, end });
      return;
    }
  });
  for (const match of text.matchAll(UNSPACED)) add(match, codeOf.get(match[0]));
  for (const match of text.matchAll(REGIONAL_TAG))
    add(
      match,
      LANGUAGES.find((language) => language === match[1]),
    );
  for (const match of text.matchAll(BARE_CODE)) add(match, match[1] ?? match[2]);
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  return found.filter((mention, i) => i === 0 || mention.start >= found[i - 1]!.end);
}
