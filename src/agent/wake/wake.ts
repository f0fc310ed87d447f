/** Whether somebody calls the agent by its name, or only speaks of it. Pure; texts are untrusted and only compared. */
import type { LanguageTag } from '../../languages/languages.js';
import { foldText, spellingsOf, type WakeWords, wakeWordsOf } from './wake-words.js';

/** `unsure`: it may be called; somebody who understands the sentence can say. */
export type Wake = {
  readonly kind: 'called' | 'unsure';
  /** What is asked, without the name; empty where it was only called. */
  readonly request: string;
};

/** Looked at of a text. */
const MAX_CHARS = 2_000;
/** A call may have so many words before the name. */
const MAX_OPENING_WORDS = 4;
const SENTENCE_END = /(?<=[!?。！？؟।…\n]|\.(?=\s|$))/u;
const COMMA = /^[\s"“”«»「」]*[,،、，:：;；!！?？؟.。…–—-]/u;
const COMMA_OR_SPACE = /[,،、，:：;；–—\s"“”«»「」¿¡]/u;
const COMMAS = /[,،、，:：;；–—]/u;
const WORD = /[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}'-]*[\p{L}\p{M}\p{N}])?/gu;
/** Polite endings of a name, and those of a name that is called. */
const HONORIFIC = /^(?:さん|くん|ちゃん|さま|様|君|야| ?씨| ?님| ?जी(?![\p{L}\p{M}]))+/u;
const POSSESSIVE = /^['’]\p{L}/u;
/** Scripts that put no space between words: there a word's border does not show. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}ー]/u;

/**
 * What a text asks of the agent; undefined where it does not call it.
 *
 * @param text of a transcript: one turn
 * @param names that the agent is called by; each is found in other scripts too where it is known there
 * @param languages that the text may be in, as far as that is known
 */
export function wakeOf(
  text: string,
  names: readonly string[],
  languages: readonly LanguageTag[] = [],
): Wake | undefined {
  const whole = text.slice(0, MAX_CHARS).normalize('NFC');
  const words = wakeWordsOf(languages);
  const spellings = [...new Set(names.flatMap((name) => spellingsOf(name, languages)))].filter(Boolean);
  const folded = foldText(whole);
  if (!spellings.some((spelling) => folded.includes(spelling))) return undefined;
  const sentences = whole.split(SENTENCE_END);
  let unsure: Wake | undefined;
  for (const [index, sentence] of sentences.entries()) {
    for (const found of occurrences(sentence, spellings)) {
      const kind = judge(found, words);
      if (kind === undefined) continue;
      const wake = { kind, request: requestOf(sentences, index, found, words) };
      if (kind === 'called' && !asksNothing(wake.request, words)) return wake;
      if (kind === 'unsure') unsure ??= wake;
    }
  }
  return unsure;
}

type Occurrence = { readonly before: string; readonly after: string };

/** Where a name stands as a word of its own. */
function occurrences(sentence: string, spellings: readonly string[]): Occurrence[] {
  const characters = Array.from(sentence);
  const folded = Array.from(sentence, (character) => foldText(character));
  const names = spellings.map((spelling) => Array.from(spelling));
  const found: Occurrence[] = [];
  for (let start = 0; start < folded.length; start++) {
    const spelling = names.find((name) => name.every((character, at) => folded[start + at] === character));
    if (spelling === undefined) continue;
    const end = start + spelling.length;
    if (continues(spelling[0]!, folded[start - 1]) || continues(spelling.at(-1)!, folded[end])) continue;
    const after = characters.slice(end).join('').replace(HONORIFIC, '');
    if (!POSSESSIVE.test(after)) found.push({ before: characters.slice(0, start).join(''), after });
    start = end - 1;
  }
  return found;
}

/** Whether a neighbour belongs to the same word. */
function continues(letter: string, neighbour: string | undefined): boolean {
  if (neighbour === undefined) return false;
  if (/[\p{Script=Katakana}ー]/u.test(letter)) return /[\p{Script=Katakana}ー]/u.test(neighbour);
  if (UNSPACED.test(letter)) return false;
  return /[\p{L}\p{M}\p{N}]/u.test(neighbour) && !UNSPACED.test(neighbour);
}

function judge({ before, after }: Occurrence, words: WakeWords): Wake['kind'] | undefined {
  const isAfterComma = endsWithComma(before);
  const clause = isAfterComma ? before : before.slice(lastCommaOf(before) + 1);
  const opening = wordsOf(clause);
  const isFirst = wordsOf(before.slice(0, before.length - clause.length)).length === 0;
  const next = wordsOf(after);
  const rest = foldText(after).trimStart();
  if (next.length === 0 || next.every((word) => words.polite.has(word)))
    return atTheEnd(before, after, words);
  const hasComma = COMMA.test(after);
  const isCall = opening.length <= MAX_OPENING_WORDS && opening.some((word) => words.calls.has(word));
  const isOpening = opening.length <= MAX_OPENING_WORDS && isOnlyOpening(opening, words);
  const asks = beginsWith(rest.replace(COMMA, ''), next, words.requests);
  if (!isOpening) {
    if (!isAfterComma || words.and.has(next[0]!)) return undefined;
    return hasComma && asks ? 'called' : 'unsure';
  }
  if (!hasComma) return withoutComma(rest, next, isFirst && isCall, asks, words);
  if (words.and.has(next[0]!) || isSpokenOf(after, words)) return undefined;
  return isFirst || isCall || asks ? 'called' : 'unsure';
}

/** "Parley what did she say", as transcripts have it, or "Parley is …". */
function withoutComma(
  rest: string,
  next: readonly string[],
  isCall: boolean,
  asks: boolean,
  words: WakeWords,
): Wake['kind'] | undefined {
  const toYou = next.slice(1, 3).some((word) => words.you.has(word));
  if (asks && toYou) return 'called';
  if (beginsWith(rest, next, words.statements)) return undefined;
  return asks || isCall ? 'called' : 'unsure';
}

/** "…, Parley?", or the name alone. */
function atTheEnd(before: string, after: string, words: WakeWords): Wake['kind'] | undefined {
  if (isOnlyOpening(wordsOf(before), words)) return 'called';
  if (endsWithComma(before)) return 'called';
  return /[?？؟]/u.test(after) ? 'unsure' : undefined;
}

/** "Parley, our interpreter, is …": after a second comma the sentence goes on about it. */
function isSpokenOf(after: string, words: WakeWords): boolean {
  const [, ...clauses] = after.replace(COMMA, '').split(/[,،、，]/u);
  const [first] = wordsOf(clauses[0] ?? '');
  return first !== undefined && words.statements.has(first) && !words.requests.has(first);
}

function isOnlyOpening(said: readonly string[], words: WakeWords): boolean {
  return said.every((word) => words.calls.has(word) || words.fillers.has(word));
}

function endsWithComma(text: string): boolean {
  for (let at = text.length - 1; at >= 0; at--) {
    if (COMMAS.test(text[at]!)) return true;
    if (!COMMA_OR_SPACE.test(text[at]!)) return false;
  }
  return false;
}

function lastCommaOf(text: string): number {
  let at = text.length - 1;
  while (at >= 0 && !COMMAS.test(text[at]!)) at--;
  return at;
}

/** Whether a text begins with one of these; in scripts without spaces with the letters of one. */
function beginsWith(folded: string, next: readonly string[], of: ReadonlySet<string>): boolean {
  if (next[0] !== undefined && of.has(next[0])) return true;
  const text = folded.trimStart();
  if (!UNSPACED.test(text)) return false;
  for (const word of of) if (text.startsWith(word)) return true;
  return false;
}

/** The sentence without the name, with what follows it; what came before it where nothing follows. */
function requestOf(
  sentences: readonly string[],
  index: number,
  { before, after }: Occurrence,
  words: WakeWords,
): string {
  const rest = [after.replace(COMMA, ''), ...sentences.slice(index + 1)].join(' ');
  const own = isOnlyOpening(wordsOf(before), words) ? '' : before;
  const earlier = index > 0 && wordsOf(own + rest).length === 0 ? sentences[index - 1]! : '';
  return `${earlier} ${endsWithComma(own) ? own.slice(0, lastCommaOf(own)) : own} ${rest}`
    .replace(/\s+/gu, ' ')
    .replace(/^[\s,،、，]+|\s+(?=[?!.？！。]$)/gu, '')
    .trim();
}

/** "Thanks, Parley." */
function asksNothing(request: string, words: WakeWords): boolean {
  const said = wordsOf(request);
  return said.length > 0 && said.every((word) => words.thanks.has(word));
}

function wordsOf(text: string): string[] {
  return foldText(text).match(WORD) ?? [];
}
