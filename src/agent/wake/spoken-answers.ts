/** What somebody means by a few words: yes, no, or that the agent is to be quiet. Pure; texts are only compared. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../package-root.js';
import { foldText } from './wake-words.js';

/** Longer than this is no answer. */
const MAX_CHARS = 60;

const KINDS = ['yes', 'no', 'quiet'] as const;
type Kind = (typeof KINDS)[number];
type Phrases = Readonly<Record<Kind, readonly (readonly string[])[]>>;

let phrases: Phrases | undefined;

/**
 * Whether a text says yes or no, in any of twelve languages: a yes is one with nothing in it that says no, and with little else.
 * Undefined for all that is neither, such as a sentence that only begins with "OK".
 */
export function answerOf(text: string): 'yes' | 'no' | undefined {
  const said = wordsOf(text);
  if (said === undefined) return undefined;
  const { yes, no } = load();
  if (no.some((phrase) => contains(said, phrase))) return 'no';
  return covers(said, yes) ? 'yes' : undefined;
}

/** Whether a text asks for nothing but quiet, in any of twelve languages. */
export function asksForQuiet(text: string): boolean {
  const said = wordsOf(text);
  return said !== undefined && covers(said, load().quiet);
}

/** One more word than the phrases: a name, or "please". */
function covers(said: readonly string[], all: Phrases[Kind]): boolean {
  const found = all.filter((phrase) => contains(said, phrase));
  const covered = new Set(found.flat());
  return found.length > 0 && said.filter((word) => !covered.has(word)).length <= 1;
}

function contains(said: readonly string[], phrase: readonly string[]): boolean {
  return said.some((_, at) => phrase.every((word, index) => said[at + index] === word));
}

/** Folded words; scripts without spaces are parted by the language-neutral segmenter. Undefined for a text that is too long. */
function wordsOf(text: string): readonly string[] | undefined {
  if (text.length > MAX_CHARS) return undefined;
  return Array.from(new Intl.Segmenter('und', { granularity: 'word' }).segment(foldText(text)))
    .filter(({ isWordLike }) => isWordLike === true)
    .map(({ segment }) => segment);
}

function load(): Phrases {
  if (phrases === undefined) {
    const file = join(packageRoot(), 'src', 'agent', 'wake', 'spoken-answers.json');
    const languages = Object.values(
      JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<Kind, readonly string[]>>,
    );
    const of = (kind: Kind): readonly (readonly string[])[] =>
      languages.flatMap((language) => language[kind].map((phrase) => wordsOf(phrase) ?? []));
    phrases = { yes: of('yes'), no: of('no'), quiet: of('quiet') };
  }
  return phrases;
}
