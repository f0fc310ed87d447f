/** Captions as a reader of two languages sees them: one row for each speech, in the order in which it was said. Pure. */
import type { Caption } from '../api/types.js';
import { closeness } from '../languages.js';

/** What one column shows of a row. */
export type Words = {
  readonly text: string;
  readonly language: string;
  /** It is what was said, in the speaker's own language. */
  readonly isOriginal: boolean;
  /** It is in another language than the column's: no translation is there (yet). */
  readonly isForeign: boolean;
  readonly mark?: Caption['mark'];
};

/** One speech, or one notice. */
export type CaptionRow = {
  readonly key: string;
  readonly kind: 'speech' | 'notice';
  readonly speakerId: string;
  readonly speakerName: string;
  readonly language: string;
  readonly startMs: number;
  /** Nothing of it is expected to change. */
  readonly isFinal: boolean;
  readonly words: readonly Words[];
};

type Turn = { readonly id: string; readonly segments: Caption[]; startMs: number; endMs: number };
type Speech = { readonly key: string; readonly original: Turn; readonly turns: Turn[] };

/** Rows with the words for each of `columns`, languages that somebody reads. */
export function rowsOf(captions: readonly Caption[], columns: readonly string[]): readonly CaptionRow[] {
  const speech = speechesOf(captions.filter(({ kind }) => kind === 'speech')).map((each) =>
    speechRow(each, columns),
  );
  const notices = captions
    .filter(
      ({ kind, targetLanguage }) => kind === 'notice' && closeness(targetLanguage, columns[0] ?? '') > 1,
    )
    .map((caption) => noticeRow(caption, columns));
  return [...speech, ...notices].sort((a, b) => a.startMs - b.startMs);
}

/** Turns of different sessions that are the same speech come together by speaker and time. */
function speechesOf(captions: readonly Caption[]): readonly Speech[] {
  const turns = new Map<string, Turn>();
  for (const caption of captions) {
    const turn = turns.get(caption.turnId);
    if (turn === undefined) {
      const { turnId: id, startMs, endMs } = caption;
      turns.set(id, { id, segments: [caption], startMs, endMs });
    } else {
      turn.segments.push(caption);
      turn.startMs = Math.min(turn.startMs, caption.startMs);
      turn.endMs = Math.max(turn.endMs, caption.endMs);
    }
  }
  const all = [...turns.values()];
  const isOriginal = ({ segments }: Turn): boolean => segments.some(({ original }) => original);
  const speeches: Speech[] = all.filter(isOriginal).map(newSpeech);
  for (const turn of all) {
    if (isOriginal(turn)) continue;
    const same = sameSpeech(speeches, turn);
    if (same === undefined) speeches.push(newSpeech(turn));
    else same.turns.push(turn);
  }
  return speeches;
}

function newSpeech(turn: Turn): Speech {
  return { key: turn.id, original: turn, turns: [turn] };
}

function sameSpeech(speeches: readonly Speech[], turn: Turn): Speech | undefined {
  const speakerId = turn.segments[0]?.speakerId;
  let best: Speech | undefined;
  let longestMs = 0;
  for (const speech of speeches) {
    const { original } = speech;
    if (original.segments[0]?.speakerId !== speakerId) continue;
    const overlapMs = Math.min(original.endMs, turn.endMs) - Math.max(original.startMs, turn.startMs);
    if (overlapMs > longestMs) [best, longestMs] = [speech, overlapMs];
  }
  return best;
}

function speechRow({ key, original, turns }: Speech, columns: readonly string[]): CaptionRow {
  const [first] = original.segments as [Caption];
  return {
    key,
    kind: 'speech',
    ...{ speakerId: first.speakerId, speakerName: first.speakerName, language: first.sourceLanguage },
    startMs: original.startMs,
    isFinal: turns.every(({ segments }) => segments.every(({ final }) => final)),
    words: columns.map((column) => wordsFor(original, turns, column)),
  };
}

function wordsFor(original: Turn, turns: readonly Turn[], column: string): Words {
  const [first] = original.segments as [Caption];
  const said: Words = {
    text: textOf(original.segments, ({ sourceText }) => sourceText),
    language: first.sourceLanguage,
    isOriginal: true,
    isForeign: closeness(first.sourceLanguage, column) === 0,
  };
  let best = said;
  let bestCloseness = closeness(said.language, column);
  for (const { segments } of turns) {
    const language = segments.find(({ targetLanguage }) => targetLanguage !== '')?.targetLanguage ?? '';
    const close = closeness(language, column);
    const text = textOf(segments, ({ translatedText }) => translatedText);
    if (close <= bestCloseness || text === '') continue;
    const mark = segments.findLast((each) => each.mark !== undefined)?.mark;
    best = { text, language, isOriginal: false, isForeign: false, ...(mark === undefined ? {} : { mark }) };
    bestCloseness = close;
  }
  return best;
}

function noticeRow(caption: Caption, columns: readonly string[]): CaptionRow {
  const { segmentId, speakerId, speakerName, targetLanguage, translatedText, startMs, final } = caption;
  const words = { text: translatedText, language: targetLanguage, isOriginal: false, isForeign: false };
  return {
    key: `notice ${segmentId}`,
    kind: 'notice',
    ...{ speakerId, speakerName, startMs },
    language: targetLanguage,
    isFinal: final,
    words: columns.map(() => words),
  };
}

/** Languages without spaces between words have none between sentences either. */
const JOINED = /[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef\u0e00-\u0e7f]$/u;

function textOf(segments: readonly Caption[], textIn: (segment: Caption) => string): string {
  return [...segments]
    .sort((a, b) => a.part - b.part)
    .map(textIn)
    .filter((each) => each !== '')
    .reduce((whole, next) => (whole === '' || JOINED.test(whole) ? whole + next : `${whole} ${next}`), '');
}
