/** Words around a name that show whether somebody is called or only mentioned: `wake-words.json`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import { packageRoot } from '../../package-root.js';

/** Of one or several languages; every word folded by `foldText`. */
export type WakeWords = {
  /** Said to somebody just before the name: "hey". */
  readonly calls: ReadonlySet<string>;
  /** May stand before a name that is called, and call nobody by themselves: "so", "OK". */
  readonly fillers: ReadonlySet<string>;
  /** Begin a question or a request: "what", "note". */
  readonly requests: ReadonlySet<string>;
  /** Follow a name that is spoken of: "Parley is …". */
  readonly statements: ReadonlySet<string>;
  /** Words for the one who is spoken to. */
  readonly you: ReadonlySet<string>;
  /** Ask for nothing: "thanks". */
  readonly thanks: ReadonlySet<string>;
  /** May follow a name at the end: "please". */
  readonly polite: ReadonlySet<string>;
  readonly and: ReadonlySet<string>;
};

type Data = {
  /** Other spellings of a name: in other scripts, and as transcripts have it. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** Spellings that are words in these languages. */
  readonly notInLanguage: Readonly<Record<string, readonly string[]>>;
  readonly languages: Readonly<Record<string, Readonly<Record<(typeof KINDS)[number], readonly string[]>>>>;
};

const KINDS = ['calls', 'fillers', 'requests', 'statements', 'you', 'thanks', 'polite', 'and'] as const;

let data: Data | undefined;
const vocabularies = new Map<string, WakeWords>();

/** The words of these languages; of all where none is known. */
export function wakeWordsOf(languages: readonly LanguageTag[]): WakeWords {
  const { languages: known } = load();
  const named = baseLanguages(languages).filter((name) => name in known);
  const names = named.length === 0 ? Object.keys(known) : named;
  const key = names.join();
  let words = vocabularies.get(key);
  if (words === undefined) {
    const sets = KINDS.map((kind) => [
      kind,
      new Set(names.flatMap((name) => known[name]![kind].map(foldText))),
    ]);
    words = Object.fromEntries(sets) as WakeWords;
    vocabularies.set(key, words);
  }
  return words;
}

/** All spellings of a name in a text that is in one of these languages, folded. */
export function spellingsOf(name: string, languages: readonly LanguageTag[]): string[] {
  const { aliases, notInLanguage } = load();
  const bases = baseLanguages(languages);
  const key = foldText(name);
  const isWord = (spelling: string): boolean =>
    (notInLanguage[spelling] ?? []).some((language) => bases.length === 0 || bases.includes(language));
  return [key, ...(aliases[key] ?? []).filter((alias) => !isWord(alias)).map(foldText)];
}

function baseLanguages(languages: readonly LanguageTag[]): string[] {
  const bases = languages.map((language) => spokenLanguage(language).split('-', 1)[0]!);
  return [...new Set(bases)].map((base) => (base === 'yue' ? 'zh' : base)).sort();
}

/** A text as it is compared: each character without case and accents, and as many characters as before. */
export function foldText(text: string): string {
  return Array.from(text.normalize('NFC'), foldedCharacter).join('');
}

function foldedCharacter(character: string): string {
  if (character <= '\x7f') return character.toLowerCase();
  const [first = character, ...marks] = Array.from(character.normalize('NFKD'));
  const plain = marks.every((mark) => /\p{M}/u.test(mark)) ? first : character;
  const lower = plain.toLowerCase();
  if (/[\u2019\u02bc\uff07]/.test(lower)) return "'";
  return Array.from(lower).length === 1 ? lower : plain;
}

function load(): Data {
  data ??= JSON.parse(
    readFileSync(join(packageRoot(), 'src', 'agent', 'wake', 'wake-words.json'), 'utf8'),
  ) as Data;
  return data;
}
