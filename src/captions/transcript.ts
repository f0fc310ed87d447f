/** What was said in a meeting, put together from its captions: who said what, and what became of it in which language. Pure. */
import { type LanguageTag, parseLanguage, sameLanguage } from '../languages/languages.js';
import { changesWriting, rewritten } from '../languages/rewriting.js';
import { sameWriting } from '../languages/written-languages.js';
import type { Caption, CaptionCut, CaptionMark } from './caption.js';
import { type Cue, SHORTEST_CUE_MS } from './cue.js';

/** A caption wherever it was kept. */
export type KeptCaption = Omit<Caption, 'v'>;

/** One session's view of a stretch of speech: its segments, in order. */
type Turn = {
  turnId: string;
  speakerId: string;
  speakerName: string;
  startMs: number;
  endMs: number;
  original: boolean;
  segments: KeptCaption[];
};

/** What somebody said in one stretch, with every translation of it. */
export type Speech = {
  speakerId: string;
  speakerName: string;
  startMs: number;
  endMs: number;
  /** The turn that stands for the original. */
  original: readonly KeptCaption[];
  /** By translation, the one that stands for the original included. */
  translations: readonly (readonly KeptCaption[])[];
};

/** Some words in one language; `''` where it is not known. */
export type Words = { language: string; text: string; mark?: CaptionMark; cutReason?: CaptionCut };

/**
 * Speeches by start, out of captions in any order. Of several captions of a segment the last one counts; partial ones,
 * notices, and those that were withdrawn are left out. Translations by different sessions are brought together by speaker
 * and time.
 */
export function speechesOf(captions: Iterable<KeptCaption>): Speech[] {
  const turns = turnsOf(captions);
  const speeches = turns.filter(({ original }) => original).map(newSpeech);
  for (const turn of turns) {
    if (turn.original) continue;
    const speech = sameSpeech(speeches, turn);
    if (speech === undefined) speeches.push(newSpeech(turn));
    else speech.translations.push(turn.segments);
  }
  return speeches.sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

function turnsOf(captions: Iterable<KeptCaption>): Turn[] {
  const segments = new Map<string, KeptCaption>();
  for (const caption of captions) {
    if (!caption.final || caption.kind !== 'speech') continue;
    const { segmentId, sourceText, translatedText } = caption;
    if (sourceText === '' && translatedText === '') segments.delete(segmentId);
    else segments.set(segmentId, caption);
  }
  const turns = new Map<string, Turn>();
  for (const segment of [...segments.values()].sort((a, b) => a.startMs - b.startMs || a.part - b.part)) {
    const { turnId, speakerId, speakerName, startMs, endMs, original } = segment;
    const turn = turns.get(turnId);
    if (turn === undefined) {
      turns.set(turnId, { turnId, speakerId, speakerName, startMs, endMs, original, segments: [segment] });
    } else {
      turn.segments.push(segment);
      turn.endMs = Math.max(turn.endMs, endMs);
    }
  }
  return [...turns.values()];
}

type OpenSpeech = Speech & { translations: (readonly KeptCaption[])[] };

function newSpeech({ speakerId, speakerName, startMs, endMs, segments }: Turn): OpenSpeech {
  const translated = segments.some(({ targetLanguage }) => targetLanguage !== '');
  return {
    ...{ speakerId, speakerName, startMs, endMs },
    original: segments,
    translations: translated ? [segments] : [],
  };
}

/** The speech of this speaker that the turn has most of its time in common with. */
function sameSpeech(speeches: readonly OpenSpeech[], turn: Turn): OpenSpeech | undefined {
  let best: OpenSpeech | undefined;
  let longestMs = 0;
  for (const speech of speeches) {
    if (speech.speakerId !== turn.speakerId) continue;
    const overlapMs = Math.min(speech.endMs, turn.endMs) - Math.max(speech.startMs, turn.startMs);
    if (overlapMs > longestMs) [best, longestMs] = [speech, overlapMs];
  }
  return best;
}

/**
 * A speech as its readers read it: in `language` where it is translated into it, else as it was said; always as it was said
 * without a language.
 */
export function wordsIn(speech: Speech, language: LanguageTag | undefined): Words {
  const segments = segmentsIn(speech, language);
  return wordsOf(
    segments,
    segments.map((segment) => wordsOfSegment(segment, language)),
  );
}

/** What was said, and its translations, each language once. */
export function versionsOf({ original, translations }: Speech): { said: Words; translated: Words[] } {
  const translated = new Map<string, Words>();
  for (const segments of translations) {
    const words = wordsOf(
      segments,
      segments.map(({ translatedText, targetLanguage }) => ({
        text: translatedText,
        language: targetLanguage,
      })),
    );
    const known = translated.get(words.language);
    if (words.text !== '') translated.set(words.language, known === undefined ? words : joined(known, words));
  }
  const said = original.map(({ sourceText, sourceLanguage }) => ({
    text: sourceText,
    language: sourceLanguage,
  }));
  return {
    said: { language: said[0]?.language ?? '', text: textOf(said) },
    translated: [...translated.values()],
  };
}

/** A cue for each segment, by start: what {@link wordsIn} reads, at the time at which it was said. */
export function cuesIn(speeches: readonly Speech[], language: LanguageTag | undefined): Cue[] {
  return speeches
    .flatMap((speech) => segmentsIn(speech, language))
    .map((segment) => {
      const startMs = Math.max(0, segment.startMs);
      const endMs = Math.max(segment.endMs, startMs + SHORTEST_CUE_MS);
      return { startMs, endMs, speaker: segment.speakerName, ...wordsOfSegment(segment, language) };
    })
    .filter(({ text }) => text !== '')
    .sort((a, b) => a.startMs - b.startMs);
}

/** The segments that are read: all of one translation, the one in this writing before others, or the original. */
function segmentsIn(
  { original, translations }: Speech,
  language: LanguageTag | undefined,
): readonly KeptCaption[] {
  const wanted = translations.filter(([first]) => isIn(first?.targetLanguage, language));
  const best = wanted.find(([first]) => isWrittenIn(first?.targetLanguage, language)) ?? wanted[0];
  return best === undefined
    ? original
    : wanted.filter(([first]) => first?.targetLanguage === best[0]?.targetLanguage).flat();
}

function wordsOfSegment(segment: KeptCaption, language: LanguageTag | undefined): Words {
  const { sourceText, sourceLanguage, translatedText, targetLanguage } = segment;
  const said = { language: sourceLanguage, text: sourceText };
  const translated = { language: targetLanguage, text: translatedText };
  // A translation of what was not written down is in no language that was spoken.
  if (language === undefined && sourceText === '') return { language: '', text: translatedText };
  const [first, second] = isIn(targetLanguage, language) ? [translated, said] : [said, translated];
  return inWriting(first.text === '' ? second : first, language);
}

/** Words in the language that is read, in its writing. */
function inWriting(words: Words, language: LanguageTag | undefined): Words {
  const known = parseLanguage(words.language);
  if (known === undefined || language === undefined || !isIn(known, language)) return words;
  const text = rewritten(words.text, known, language);
  return { language: changesWriting(known, language) ? language : words.language, text };
}

function isWrittenIn(tag: string | undefined, language: LanguageTag | undefined): boolean {
  const known = tag === undefined ? undefined : parseLanguage(tag);
  return known !== undefined && language !== undefined && sameWriting(known, language);
}

/** Words of several segments as one text; a mark says what holds of any of them. */
function wordsOf(segments: readonly KeptCaption[], words: readonly Words[]): Words {
  const language = words.find(({ text }) => text !== '')?.language ?? words[0]?.language ?? '';
  const translated = segments.some(
    ({ targetLanguage, sourceText }) =>
      targetLanguage === language ||
      isIn(targetLanguage, parseLanguage(language)) ||
      (language === '' && sourceText === ''),
  );
  const marked = translated ? segments.find(({ mark }) => mark !== undefined) : undefined;
  return { language, text: textOf(words), ...markOf(marked) };
}

function joined(a: Words, b: Words): Words {
  return { language: a.language, text: textOf([a, b]), ...markOf(a.mark === undefined ? b : a) };
}

function markOf(marked: Pick<Words, 'mark' | 'cutReason'> = {}): Pick<Words, 'mark' | 'cutReason'> {
  const { mark, cutReason } = marked;
  return {
    ...(mark === undefined ? {} : { mark }),
    ...(cutReason === undefined ? {} : { cutReason }),
  };
}

function textOf(words: readonly { text: string }[]): string {
  return words
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join(' ');
}

/** Tags of captions may be anything. */
function isIn(tag: string | undefined, language: LanguageTag | undefined): boolean {
  if (tag === undefined || language === undefined) return false;
  const known = parseLanguage(tag);
  return known !== undefined && sameLanguage(known, language);
}
