/** Minutes as Markdown for people. Texts are untrusted: they are text in it, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cueTime } from '../../captions/cue.js';
import { markdownText } from '../../captions/markdown-text.js';
import { packageRoot } from '../../package-root.js';
import { oneLine } from '../../text.js';
import type { Minutes, MinutesItem, MinutesTask } from './minutes.js';

type MinutesWords = readonly [
  title: string,
  decisions: string,
  tasks: string,
  questions: string,
  notes: string,
  spoke: string,
  none: string,
  until: string,
];

const MAX_TEXT_CHARS = 4_000;
const MAX_QUOTE_CHARS = 300;

let table: Readonly<Record<string, MinutesWords>> | undefined;

function wordsFor(language: string): MinutesWords {
  table ??= JSON.parse(
    readFileSync(join(packageRoot(), 'src', 'agent', 'minutes', 'minutes-words.json'), 'utf8'),
  ) as Readonly<Record<string, MinutesWords>>;
  const known = new Map(Object.entries(table));
  const locale = new Intl.Locale(language).maximize();
  return (
    known.get(`${locale.language}-${locale.script ?? ''}`) ?? known.get(locale.language) ?? known.get('en')!
  );
}

/** Headings are in the language of the minutes, in English where there are none. */
export function minutesMarkdown(minutes: Minutes): string {
  const [title, decisions, tasks, questions, notes, spoke, none, until] = wordsFor(minutes.language);
  const section = (heading: string, rows: readonly string[]): string =>
    `## ${heading}\n\n${rows.length === 0 ? none : rows.join('\n')}\n`;
  return [
    `# ${title}: ${inline(minutes.meetingId, 200)}\n`,
    `${minutes.startedAt}\n`,
    section(
      decisions,
      minutes.decisions.map((item) => rowOf(item)),
    ),
    section(
      tasks,
      minutes.tasks.map((task) => rowOf(task, taskWords(task, until))),
    ),
    section(
      questions,
      minutes.questions.map((item) => rowOf(item)),
    ),
    ...(minutes.notes.length === 0
      ? []
      : [
          section(
            notes,
            minutes.notes.map(({ text }) => `- ${inline(text, MAX_TEXT_CHARS)}`),
          ),
        ]),
    section(
      spoke,
      minutes.people.map(
        ({ name, spokeMs }) => `- ${inline(name, 200) || '–'}: ${cueTime(spokeMs, '.').slice(0, 8)}`,
      ),
    ),
  ].join('\n');
}

function rowOf({ text, places }: MinutesItem, more = ''): string {
  const cited = places.map(({ atMs, speaker, text: said }) => {
    const who = inline(speaker, 200);
    const words = inline(said, MAX_QUOTE_CHARS);
    return `  - ${cueTime(atMs, '.').slice(0, 8)} ${who === '' ? words : `${who}: ${words}`}`;
  });
  return [`- ${inline(text, MAX_TEXT_CHARS)}${more}`, ...cited].join('\n');
}

function taskWords({ who, due }: MinutesTask, until: string): string {
  const facts = [
    ...(who === undefined ? [] : [inline(who, 200)]),
    ...(due === undefined ? [] : [`${until} ${inline(due, 200)}`]),
  ];
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

function inline(text: string, maxChars: number): string {
  return markdownText(oneLine(text, maxChars));
}
