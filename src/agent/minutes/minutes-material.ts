/** What minutes are made of: what was said by those who agree, and what was noted. Pure. */
import { type KeptCaption, type Speech, speechesOf, wordsIn } from '../../captions/transcript.js';
import { type LanguageTag, parseLanguage, sameLanguage } from '../../languages/languages.js';
import type { NoteKind } from '../notes/note.js';
import type { MinutesPlace } from './minutes.js';

/** A note, by the agent or by people. */
export type MaterialNote = {
  readonly kind: NoteKind;
  readonly text: string;
  readonly who?: string | undefined;
  readonly due?: string | undefined;
  /** The segment that it is about. */
  readonly segment?: string | undefined;
};

/** What is known of a meeting. */
export type MinutesMaterial = {
  readonly meetingId: string;
  readonly startedAt: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly captions: readonly KeptCaption[];
  readonly notes: readonly MaterialNote[];
  /** What each participant reads: the language that they prefer, else the one that they speak. */
  readonly readers: readonly LanguageTag[];
  /** People whose words are not for minutes. */
  readonly withheld: ReadonlySet<string>;
};

/** What one person said at once. Its number is its place among all, from 1. */
export type MinutesLine = {
  readonly number: number;
  readonly segment: string;
  readonly speakerId: string;
  readonly speaker: string;
  readonly atMs: number;
  readonly endMs: number;
  /** As it was said. */
  readonly text: string;
  readonly language: string;
  readonly speech: Speech;
};

/** What was said, in order, without the words of those who do not agree. */
export function linesOf({ captions, withheld }: MinutesMaterial): MinutesLine[] {
  return speechesOf(captions)
    .filter(({ speakerId }) => !withheld.has(speakerId))
    .flatMap((speech) => {
      const { text, language } = wordsIn(speech, undefined);
      const first = speech.original[0];
      return text === '' || first === undefined ? [] : [{ speech, text, language, segment: first.segmentId }];
    })
    .map((line, index) => ({
      ...line,
      ...{ number: index + 1, speakerId: line.speech.speakerId, speaker: line.speech.speakerName },
      ...{ atMs: line.speech.startMs, endMs: line.speech.endMs },
    }));
}

/** Where a line stands, as a reader of `language` reads it. */
export function placeOf(
  { segment, speaker, atMs, speech }: MinutesLine,
  language: LanguageTag,
): MinutesPlace {
  return { segment, speaker, atMs: Math.max(0, Math.round(atMs)), text: wordsIn(speech, language).text };
}

/** How long each person spoke who agrees, the longest first; others are not in it. */
export function spokenTimes(
  { people, withheld }: MinutesMaterial,
  lines: readonly MinutesLine[],
): { name: string; spokeMs: number }[] {
  const spoken = new Map<string, number>();
  for (const { speakerId, atMs, endMs } of lines)
    spoken.set(speakerId, (spoken.get(speakerId) ?? 0) + Math.max(0, endMs - atMs));
  return people
    .filter(({ id }) => !withheld.has(id))
    .map(({ id, name }) => ({ name, spokeMs: Math.round(spoken.get(id) ?? 0) }))
    .sort((a, b) => b.spokeMs - a.spokeMs);
}

/** What somebody reads: the language that they prefer, else the one that they speak; none where nobody knows. */
export function readerLanguages({
  prefers,
  speaks,
}: {
  prefers?: string | undefined;
  speaks: readonly string[];
}): LanguageTag[] {
  const [only, ...others] = speaks;
  const tag = prefers ?? (others.length === 0 ? only : undefined);
  const known = tag === undefined ? undefined : parseLanguage(tag);
  return known === undefined || known === 'und' ? [] : [known];
}

/**
 * Languages that the minutes are for: what was translated into, else what was spoken, the most used first; then those of
 * participants that are not among them.
 */
export function languagesOf({
  captions,
  readers,
}: Pick<MinutesMaterial, 'captions' | 'readers'>): LanguageTag[] {
  const counts = new Map<LanguageTag, number>();
  const count = (tags: readonly string[]): void => {
    for (const each of tags) {
      const tag = parseLanguage(each);
      if (tag !== undefined && tag !== 'und') counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
  };
  const speech = captions.filter(({ kind, final }) => kind === 'speech' && final);
  count(speech.flatMap(({ targetLanguage }) => (targetLanguage === '' ? [] : [targetLanguage])));
  if (counts.size === 0) count(speech.map(({ sourceLanguage }) => sourceLanguage));
  const all = [...counts].sort((a, b) => b[1] - a[1]).map(([tag]) => tag);
  for (const reader of readers) if (!all.some((tag) => sameLanguage(tag, reader))) all.push(reader);
  return all;
}
