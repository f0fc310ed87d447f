/**
 * Minutes without a model: what was noted, what was said in the words by which people decide and promise, and questions that
 * nobody answered. In the language of a reader as far as it was interpreted into it. Pure, but for its table of words.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import { packageRoot } from '../../package-root.js';
import { words } from '../../search/words.js';
import type { Minutes, MinutesItem, MinutesTask } from './minutes.js';
import {
  linesOf,
  type MaterialNote,
  type MinutesLine,
  type MinutesMaterial,
  placeOf,
  spokenTimes,
} from './minutes-material.js';

type CueWords = Readonly<Record<'decisions' | 'tasks', Readonly<Record<string, readonly string[]>>>>;

/** A question that somebody else speaks after within this time is taken as answered. */
const ANSWERED_WITHIN_MS = 15_000;
const MAX_ITEMS = 50;
const QUESTION = /[?？؟]\s*["'»”’)]*\s*$/;

let table: CueWords | undefined;

function cueWords(): CueWords {
  table ??= JSON.parse(
    readFileSync(join(packageRoot(), 'src', 'agent', 'minutes', 'cue-words.json'), 'utf8'),
  ) as CueWords;
  return table;
}

/** See above. Everything in them has its place in the transcript, or is a note. */
export function extractMinutes(material: MinutesMaterial, language: LanguageTag): Minutes {
  const lines = linesOf(material);
  const itemOf = (line: MinutesLine): MinutesItem => {
    const place = placeOf(line, language);
    return { text: place.text, places: [place] };
  };
  const said = (kind: 'decisions' | 'tasks'): MinutesItem[] =>
    lines.filter((line) => hasCue(line, kind)).map(itemOf);
  const noted = (kind: MaterialNote['kind']): MinutesTask[] =>
    material.notes.filter((note) => note.kind === kind).map((note) => itemOfNote(note, lines, language));
  const tasks = lines
    .filter((line) => hasCue(line, 'tasks'))
    .map((line): MinutesTask => ({ ...itemOf(line), ...(isPromise(line) ? { who: line.speaker } : {}) }));
  return {
    ...{ v: 1, meetingId: material.meetingId, startedAt: material.startedAt, language, madeBy: 'extract' },
    people: spokenTimes(material, lines),
    decisions: [...noted('decision'), ...said('decisions')].slice(0, MAX_ITEMS),
    tasks: [...noted('action'), ...tasks].slice(0, MAX_ITEMS),
    questions: [...noted('question'), ...openQuestions(lines).map(itemOf)].slice(0, MAX_ITEMS),
    notes: material.notes.filter(({ kind }) => kind === 'note').map(({ text }) => ({ text })),
    leftOut: 0,
  };
}

/** A note as an item, with the place that it is about. */
export function itemOfNote(
  { text, who, due, segment }: MaterialNote,
  lines: readonly MinutesLine[],
  language: LanguageTag,
): MinutesTask {
  const line = segment === undefined ? undefined : lines.find((each) => each.segment === segment);
  return {
    ...{ text, places: line === undefined ? [] : [placeOf(line, language)] },
    ...(who === undefined ? {} : { who }),
    ...(due === undefined ? {} : { due }),
  };
}

function hasCue({ text, language }: MinutesLine, kind: 'decisions' | 'tasks'): boolean {
  const byLanguage = new Map(Object.entries(cueWords()[kind]));
  const own = byLanguage.get(language === '' ? '' : spokenLanguage(language));
  const cues = own ?? [...byLanguage.values()].flat();
  if (QUESTION.test(text)) return false;
  const said = ` ${words(text).join(' ')} `;
  return cues.some((cue) => said.includes(` ${words(cue).join(' ')} `));
}

/** Who says "I will" is meant; of other tasks nobody can tell without understanding them. */
function isPromise({ text }: MinutesLine): boolean {
  return /(?:^|[^\p{L}])(?:i'll|i will|ich|yo me|me encargo|voy a|je|j'|mi occupo|me ne|eu|vou|я|私|我来|我负责|我会|سأ\p{L}+|제가|मैं)(?![\p{Ll}])/iu.test(
    text,
  );
}

function openQuestions(lines: readonly MinutesLine[]): MinutesLine[] {
  return lines.filter(({ text, speakerId, endMs }, index) => {
    if (!QUESTION.test(text)) return false;
    const next = lines.slice(index + 1).find((line) => line.speakerId !== speakerId);
    return next === undefined || next.atMs - endMs > ANSWERED_WITHIN_MS;
  });
}
