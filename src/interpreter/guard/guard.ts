/**
 * What a model says as a translation, and is none: words in a language that nobody asked for, an answer to what was said, or
 * our own voice translated back. Pure; rather silent than wrong, since what is found here is taken off the air.
 */
import { DETECTED_BYTES, type LanguageDetector } from '../../languages/language-detector.js';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import { ASSISTANT_PHRASES, type AssistantSubject, SUBJECT_ROOTS } from './assistant-phrases.js';
import {
  comparable,
  letterCount,
  lettersByScript,
  ordinaryText,
  piecesOf,
  scriptsOf,
  wordsOf,
} from './plain-words.js';

/** What a translation is instead. `language`: the one that it is in. */
export type GuardFinding =
  | { readonly kind: 'wrong_language'; readonly language: LanguageTag }
  | { readonly kind: 'answer' }
  | { readonly kind: 'own_voice' };

/** A text that was spoken in one of our voices; `toMs` is undefined while it is. Times are of the meeting's clock. */
export type SpokenPhrase = {
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number | undefined;
};

/** Letters that a language is judged by, names and quotations left out; fewer say nothing. Of a text that goes on, more. */
const MIN_LETTERS = 20;
const MIN_PARTIAL_LETTERS = 48;
const MIN_WORDS = 4;
/** A text is in another language where that fits it so well, and so much better than any that it may be in (eld's scores). */
const MIN_SCORE = 0.6;
const MIN_LEAD = 0.2;
/** Of the letters, at most so many are of the scripts that the language is written in. */
const MAX_OWN_SCRIPT_SHARE = 0.1;
/** Of a long text, so much is in another language where the whole is taken to be. */
const WRONG_SHARE = 0.5;
/** Of the letters of a Japanese text, so many are kana at least. */
const MIN_KANA_SHARE = 0.1;
/** Not told apart here: a short text in one is easily taken for the other. As the detector names them. */
const CLOSE_LANGUAGES: readonly (readonly string[])[] = [
  ['da', 'no', 'sv', 'is'],
  ['cs', 'sk', 'sl'],
  ['hr', 'sr', 'sl', 'bg'],
  ['ru', 'uk', 'be', 'bg', 'sr'],
  ['es', 'ca', 'pt'],
  ['hi', 'mr'],
  ['fa', 'ar', 'ur', 'ku'],
  ['tr', 'az'],
];

/** A question that is answered is not one any more, and says so much more than was asked. */
const ANSWER_RATIO = 3;
const MIN_ASKED_LETTERS = 20;
const QUESTION_MARK = /[?？؟;՞]/u;

/** Sound comes back so long after it was sent, at most: network, buffers, air, and the end of a turn. */
const ECHO_MS = 1_500;
/** Words of a turn that repeats us, how many of them different, and how much of it we said. */
const MIN_REPEATED_WORDS = 4;
const MIN_DIFFERENT_WORDS = 3;
const REPEATED_SHARE = 0.8;
/** How much of the turn was said while we spoke. */
const MIN_OVERLAP_SHARE = 0.8;
/** Words that are compared of each side. */
const MAX_COMPARED_WORDS = 120;

/**
 * A translation into one of `targets` that is in none of them; undefined where that is not certain, or the detector cannot tell
 * a target in the script that it is written in. A long text is judged piece by piece. `whole`: no more of it is to come.
 */
export function judgeLanguage(
  translation: string,
  targets: readonly LanguageTag[],
  whole: boolean,
  detector: LanguageDetector,
): GuardFinding | undefined {
  const { text, wordCount } = ordinaryText(translation);
  if (wordCount < MIN_WORDS || letterCount(text) < (whole ? MIN_LETTERS : MIN_PARTIAL_LETTERS))
    return undefined;
  const wrong = new Map<string, number>();
  let letters = 0;
  for (const piece of piecesOf(text, DETECTED_BYTES)) {
    const count = letterCount(piece);
    letters += count;
    const language = otherLanguageOf(piece, targets, detector);
    if (language !== undefined) wrong.set(language, (wrong.get(language) ?? 0) + count);
  }
  const [most] = [...wrong].sort(([, a], [, b]) => b - a);
  return most === undefined || most[1] < WRONG_SHARE * letters
    ? undefined
    : { kind: 'wrong_language', language: most[0] };
}

/** The language of a piece of text, where that is certainly none of the targets. */
function otherLanguageOf(
  text: string,
  targets: readonly LanguageTag[],
  detector: LanguageDetector,
): LanguageTag | undefined {
  const letters = lettersByScript(text);
  const [script = 'Zzzz'] = [...letters].sort(([, a], [, b]) => b - a)[0] ?? [];
  const count = [...letters.values()].reduce((sum, found) => sum + found, 0);
  const shareOf = (scripts: readonly string[]): number =>
    [...letters].reduce((sum, [code, found]) => sum + (scripts.includes(code) ? found : 0), 0) / count;
  const scores = detector.scoresOf(text);
  const [best] = scores;
  if (best === undefined || best.score < MIN_SCORE || !detector.tells(best.language, script))
    return undefined;
  const names = targets.map((tag) => detector.nameOf(tag));
  const foreign = shareOf(targets.flatMap((tag) => scriptsOf(tag))) <= MAX_OWN_SCRIPT_SHARE;
  // A language of which nothing is known, or not as it is written here.
  if (!foreign && names.some((name) => name === undefined || !detector.tells(name, script))) return undefined;
  const kana = shareOf(['Hira', 'Kana']);
  if (best.language === 'ja' && names.includes('zh') && kana < MIN_KANA_SHARE) return undefined;
  if (best.language === 'zh' && names.includes('ja') && kana >= MIN_KANA_SHARE) return undefined;
  const allowed = scores.filter(({ language }) => names.some((name) => areClose(name, language)));
  return best.score - (allowed[0]?.score ?? 0) < MIN_LEAD ? undefined : best.language;
}

/**
 * Whether `translation` is what a model says that answers what was said: it speaks of itself, or of translating, of which
 * nothing was said; or a question has become something much longer that is none. Never where what was said is not known, or
 * in a language that this knows nothing of.
 */
export function isAnswer(source: string, translation: string, from: readonly LanguageTag[]): boolean {
  const said = comparable(source);
  if (said === '') return false;
  return (
    (from.length > 0 &&
      from.every((tag) => isCovered(tag)) &&
      speaksAsAssistant(said, comparable(translation))) ||
    answersQuestion(source, translation)
  );
}

function isCovered(tag: LanguageTag): boolean {
  return Object.hasOwn(ASSISTANT_PHRASES, spokenLanguage(tag));
}

function speaksAsAssistant(said: string, translated: string): boolean {
  return Object.values(ASSISTANT_PHRASES).some((phrases) =>
    (Object.keys(phrases) as AssistantSubject[]).some(
      (subject) => phrases[subject].test(translated) && !SUBJECT_ROOTS[subject].test(said),
    ),
  );
}

/** Nothing but questions were asked, and none is in the translation. */
function answersQuestion(source: string, translation: string): boolean {
  const asked = letterCount(source);
  return (
    /^[^.!。！]*[?？؟]$/u.test(source.trim()) &&
    asked >= MIN_ASKED_LETTERS &&
    !QUESTION_MARK.test(translation) &&
    letterCount(translation) >= asked * ANSWER_RATIO
  );
}

/**
 * Whether a turn is what our voices said while it was heard: its words, in their order, are ours. `spoken` is what was
 * spoken lately, oldest first.
 */
export function isOwnVoice(
  turn: { readonly startMs: number; readonly endMs: number; readonly source: string },
  spoken: readonly SpokenPhrase[],
): boolean {
  const words = wordsOf(turn.source).slice(0, MAX_COMPARED_WORDS);
  if (words.length < MIN_REPEATED_WORDS || new Set(words).size < MIN_DIFFERENT_WORDS) return false;
  const heard = spoken.filter(
    ({ fromMs, toMs = Infinity }) => fromMs < turn.endMs && toMs + ECHO_MS > turn.startMs,
  );
  const overlapMs = heard.reduce(
    (sum, { fromMs, toMs = Infinity }) =>
      sum + Math.min(turn.endMs, toMs + ECHO_MS) - Math.max(turn.startMs, fromMs),
    0,
  );
  if (overlapMs < MIN_OVERLAP_SHARE * (turn.endMs - turn.startMs)) return false;
  const ours = heard.flatMap(({ text }) => wordsOf(text)).slice(-MAX_COMPARED_WORDS);
  return commonWords(words, ours) >= REPEATED_SHARE * words.length;
}

/** Words that both have in the same order (longest common subsequence). */
function commonWords(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const next = [0];
    for (let at = 1; at <= b.length; at++) {
      next.push(b[at - 1] === word ? row[at - 1]! + 1 : Math.max(row[at]!, next[at - 1]!));
    }
    row = next;
  }
  return row.at(-1)!;
}

function areClose(a: string | undefined, b: string): boolean {
  if (a === undefined) return false;
  return a === b || CLOSE_LANGUAGES.some((group) => group.includes(a) && group.includes(b));
}
