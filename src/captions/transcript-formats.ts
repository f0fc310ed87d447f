/** A meeting's transcript as files for people and programs: SubRip, WebVTT, JSON, Markdown and plain text. Pure. */
import { type LanguageTag, ownLanguageName, parseLanguage, sameLanguage } from '../languages/languages.js';
import type { CaptionCut, CaptionMark } from './caption.js';
import { captionLine, cueTime, namedLine } from './cue.js';
import { markdownText } from './markdown-text.js';
import { writeSrt } from './srt.js';
import {
  cuesIn,
  type KeptCaption,
  type Speech,
  speechesOf,
  versionsOf,
  type Words,
  wordsIn,
} from './transcript.js';
import { writeVtt } from './vtt.js';

/** What is known of a meeting. Texts and names are untrusted. */
export type MeetingRecord = {
  meetingId: string;
  /** When the interpreter came: wall-clock time, ISO 8601. */
  startedAt: string;
  /** Everyone who was there, interpreters not counted, in the order in which they came. */
  people: readonly { id: string; name: string }[];
  captions: readonly KeptCaption[];
};

export const TRANSCRIPT_FORMATS = ['srt', 'vtt', 'json', 'md', 'txt'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

const MARK_WORDS: Readonly<Record<CaptionMark, string>> = {
  cut: 'spoken only in part',
  captions_only: 'not spoken',
  failed: 'not translated to its end',
  doubtful: 'probably not a translation',
};
const CUT_WORDS: Readonly<Record<CaptionCut, string>> = {
  barge_in: 'somebody else spoke',
  gone: 'the interpreter left',
};

/** The transcript in one language; without one, everything as it was said, with its translations where a format has room. */
export function writeTranscript(
  record: MeetingRecord,
  format: TranscriptFormat,
  language: LanguageTag | undefined,
): string {
  const speeches = speechesOf(record.captions);
  switch (format) {
    case 'srt':
      return writeSrt(cuesIn(speeches, language), { named: true });
    case 'vtt':
      return writeVtt(cuesIn(speeches, language));
    case 'json':
      return writeJson(record, speeches, language);
    case 'md':
      return writeMarkdown(record, speeches, language);
    case 'txt':
      return writeText(speeches, language);
  }
}

/** A line for each speech: `00:01:02 Ana: Hello.` */
function writeText(speeches: readonly Speech[], language: LanguageTag | undefined): string {
  const lines = speeches.flatMap((speech) => {
    const read = wordsIn(speech, language);
    if (read.text === '') return [];
    const words = language === undefined ? versionsOf(speech).said : read;
    const time = cueTime(speech.startMs, '.').replace(/\.\d+$/, '');
    const text = words.text === '' ? '(not written down)' : words.text;
    const who = `${captionLine(speech.speakerName)}${markOf(words)}`;
    return [`${time} ${namedLine(who, text)}\n`];
  });
  return lines.join('');
}

/** The schema is in docs/captions.md. */
function writeJson(
  { meetingId, startedAt, people }: MeetingRecord,
  speeches: readonly Speech[],
  language: LanguageTag | undefined,
): string {
  const document = {
    v: 1,
    meetingId,
    startedAt,
    language: language ?? null,
    people,
    speeches: speeches.map((speech) => {
      const { speakerId, speakerName, startMs, endMs } = speech;
      const { said, translated } = versionsOf(speech);
      return { speakerId, speakerName, startMs, endMs, ...wordsIn(speech, language), said, translated };
    }),
  };
  const json = JSON.stringify(document, null, 2);
  // JSON escapes only the first of the two ranges of control characters; terminals know both.
  return `${json.replace(/[\u007f-\u009f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`)}\n`;
}

function writeMarkdown(
  { meetingId, startedAt, people }: MeetingRecord,
  speeches: readonly Speech[],
  language: LanguageTag | undefined,
): string {
  const lines = [
    `# ${markdownText(`Meeting ${meetingId}`)}`,
    '',
    `- Started: ${markdownText(startedAt)}`,
    `- People: ${[...new Set(people.map(({ name }) => name))].map(markdownText).join(', ') || 'nobody'}`, // who comes again has another id
    `- Language: ${language === undefined ? 'as it was said' : markdownText(ownLanguageName(language))}`,
  ];
  for (const speech of speeches) {
    const read = wordsIn(speech, language);
    if (read.text === '') continue;
    const { said, translated } = versionsOf(speech);
    // Without a language everything stands as it was said: a translation is none, and stands in the list below.
    const words = language === undefined ? said : read;
    const time = cueTime(speech.startMs, '.').replace(/\.\d+$/, '');
    const who = `${time} ${markdownText(speech.speakerName)}`.trim();
    lines.push('', `**${who}**${noteOf(words, language)}`, '');
    lines.push(words.text === '' ? '_(not written down)_' : markdownText(words.text));
    if (language !== undefined) continue;
    if (translated.length > 0) lines.push('');
    for (const other of translated)
      lines.push(`- ${markdownText(nameOf(other.language))}${markOf(other)}: ${markdownText(other.text)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What a reader should know of the words: another language than theirs, and what became of a translation. */
function noteOf(words: Words, language: LanguageTag | undefined): string {
  const known = parseLanguage(words.language);
  const isOwn = known !== undefined && language !== undefined && sameLanguage(known, language);
  const name = isOwn || words.language === '' ? '' : ` (${markdownText(nameOf(words.language))})`;
  return name + markOf(words);
}

function markOf({ mark, cutReason }: Words): string {
  if (mark === undefined) return '';
  return ` (${MARK_WORDS[mark]}${cutReason === undefined ? '' : `: ${CUT_WORDS[cutReason]}`})`;
}

function nameOf(tag: string): string {
  const language = parseLanguage(tag);
  return language === undefined ? tag || 'unknown language' : ownLanguageName(language);
}
