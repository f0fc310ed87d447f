/** Which words only say that somebody listens: "mhm", "ja", "sí", "OK". Pure; texts are untrusted and only compared. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import { packageRoot } from '../../package-root.js';
import { comparable, wordsOf } from '../guard/plain-words.js';

type Data = {
  /** Each says it alone, and in a row with others of them. */
  readonly words: readonly string[];
  /** Each says it as a whole. */
  readonly phrases: readonly string[];
  /** Words that say something else elsewhere: only in these languages. */
  readonly ofLanguage: Readonly<Record<string, readonly string[]>>;
};

const MAX_WORDS = 4;

type Vocabulary = {
  readonly words: ReadonlySet<string>;
  readonly phrases: ReadonlySet<string>;
  readonly languagesOf: ReadonlyMap<string, readonly string[]>;
};

let vocabulary: Vocabulary | undefined;

/** `backchannel-words.json`, read when the first text is judged. */
function load(): Vocabulary {
  if (vocabulary !== undefined) return vocabulary;
  const path = join(packageRoot(), 'src', 'interpreter', 'route', 'backchannel-words.json');
  const data = JSON.parse(readFileSync(path, 'utf8')) as Data;
  vocabulary = {
    words: new Set(data.words.map(keyOf)),
    phrases: new Set(data.phrases.map(keyOf)),
    languagesOf: new Map(Object.entries(data.ofLanguage).map(([word, tags]) => [keyOf(word), tags])),
  };
  return vocabulary;
}

/**
 * Whether a text is a backchannel or holds no word at all. It says nothing of when it was said: "ja" over somebody's speech is
 * one, "ja" as an answer is none.
 *
 * @param languages that the text may be in, where they are known: some words are backchannels in their own language only
 */
export function isBackchannel(text: string, languages: readonly LanguageTag[]): boolean {
  const said = wordsOf(text);
  if (said.length === 0) return true;
  if (said.length > MAX_WORDS) return false;
  const { words, phrases, languagesOf } = load();
  const own = languages.map((language) => spokenLanguage(language).split('-', 1)[0]!);
  const saysNothing = (key: string): boolean => {
    const only = languagesOf.get(key);
    return words.has(key) && (only === undefined || only.some((language) => own.includes(language)));
  };
  const whole = keyOf(text);
  return phrases.has(whole) || saysNothing(whole) || said.every((word) => saysNothing(keyOf(word)));
}

/** Letters alone, however long a sound was drawn: "mmmhmmm" is "mhm". */
function keyOf(text: string): string {
  return comparable(text)
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '')
    .replace(/(.)\1+/gu, '$1');
}
