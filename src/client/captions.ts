/** Captions as an interpreter sends them (docs/captions.md): checked, kept by segment, read in one language. */
import type { Caption, CaptionText, MeetingMessage } from './api.js';
import { isSameLanguage } from './languages.js';

/** A caption before it is known in which language it is read. */
export type Segment = Omit<Caption, 'text' | 'language'>;

/** Segments that stay readable; the oldest is forgotten. */
const MAX_SEGMENTS = 500;
const MAX_TEXT_CHARS = 4_000;
const MAX_WORD_CHARS = 200;
const MARKS = ['cut', 'captions_only', 'failed', 'doubtful'] as const;
const CUTS = ['barge_in', 'gone'] as const;
const INTERRUPTIONS = ['reconnecting', 'resumed', 'stopped', 'written', 'ended'] as const;

/** Whether a message is for this participant: where messages reach everybody, some name those whom they are for. */
export function isFor(participantId: string, { payload }: MeetingMessage): boolean {
  const ids = (payload as { recipientIds?: unknown } | null | undefined)?.recipientIds;
  return !Array.isArray(ids) || ids.includes(participantId);
}

/**
 * What an interpreter's message says of a segment; undefined when it is no caption. A segment with two empty texts is
 * withdrawn. Nothing of it is longer than a screen can show.
 */
export function parseCaption(
  senderId: string,
  { payload, timestamp }: MeetingMessage,
  kept: boolean,
): Segment | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { v, final, segmentId, kind, mark, cutReason, interruption, ...fields } = payload as Record<
    string,
    unknown
  >;
  if (v !== 2 || typeof final !== 'boolean' || typeof segmentId !== 'string' || segmentId === '')
    return undefined;
  const text = (name: string, maxChars = MAX_WORD_CHARS): string => {
    const value = fields[name];
    return typeof value === 'string' ? value.trim().slice(0, maxChars) : '';
  };
  const number = (name: string): number => {
    const value = fields[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : 0;
  };
  const sentAtMs = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  return {
    key: `${senderId}\n${segmentId.slice(0, MAX_WORD_CHARS)}`,
    kind: kind === 'notice' ? 'notice' : 'speech',
    turnId: text('turnId'),
    part: number('part'),
    speakerId: text('speakerId'),
    speakerName: text('speakerName'),
    sourceText: text('sourceText', MAX_TEXT_CHARS),
    sourceLanguage: text('sourceLanguage'),
    translatedText: text('translatedText', MAX_TEXT_CHARS),
    targetLanguage: text('targetLanguage'),
    final,
    mark: MARKS.find((known) => known === mark),
    cutReason: CUTS.find((known) => known === cutReason),
    interruption: INTERRUPTIONS.find((known) => known === interruption),
    startMs: number('startMs'),
    endMs: number('endMs'),
    sentAtMs: Number.isNaN(sentAtMs) ? Date.now() : sentAtMs,
    kept,
  };
}

/**
 * A caption's two texts for a reader of `language` (BCP 47): `main` is what they read first, empty while it has not come
 * yet; `other` stands below it. The translation is read where it is in that language, else what was said; of words that nobody
 * transcribed there is the translation alone.
 */
export function captionTexts(
  {
    sourceText,
    sourceLanguage,
    translatedText,
    targetLanguage,
  }: Pick<Caption, 'sourceText' | 'sourceLanguage' | 'translatedText' | 'targetLanguage'>,
  language: string,
): { main: CaptionText; other: CaptionText } {
  const said = { text: sourceText, language: sourceLanguage };
  const translated = { text: translatedText, language: targetLanguage };
  if (isSameLanguage(targetLanguage, language)) return { main: translated, other: said };
  const isUnwritten = sourceText === '' && !isSameLanguage(sourceLanguage, language);
  return isUnwritten ? { main: translated, other: said } : { main: said, other: translated };
}

/** The segments of a meeting, in the order in which they were first heard of. */
export class CaptionFeed {
  readonly #segments = new Map<string, Segment>();

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return [...this.#segments.values()];
  }

  /**
   * Takes a new segment, the next state of one, or the end of one that is withdrawn. Of a segment that is final only
   * another final state is taken, and of a state that is known already nothing.
   */
  add(segment: Segment): { changed?: Segment; removed?: Segment | undefined } {
    const { key, final, sourceText, translatedText } = segment;
    const former = this.#segments.get(key);
    if (sourceText === '' && translatedText === '') {
      if (final) this.#segments.delete(key);
      return final ? { removed: former } : {};
    }
    if (former !== undefined) {
      const { kept, sentAtMs } = former;
      if ((former.final && !final) || isEqual({ ...segment, kept, sentAtMs }, former)) return {};
    }
    this.#segments.set(key, segment);
    const [oldest] = this.#segments.values();
    if (this.#segments.size <= MAX_SEGMENTS || oldest === undefined) return { changed: segment };
    this.#segments.delete(oldest.key);
    return { changed: segment, removed: oldest };
  }
}

function isEqual(a: Segment, b: Segment): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
