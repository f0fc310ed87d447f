import { z } from 'zod';
import { ENGINE_NAMES } from '../../realtime/engines.js';
import { medianOf } from '../median.js';

/** Milliseconds of the meeting: since the interpreter joined. */
const ms = z.number().nonnegative();
const span = z.strictObject({ fromMs: ms, toMs: ms });

/** What became of something said in one language. Null stands where a value does not exist: nothing was heard of it. */
const translationSchema = z.strictObject({
  /** BCP 47 tag of the language; `''` where it was only written down. */
  to: z.string(),
  text: z.string(),
  /** The voice that spoke it. */
  voiceId: z.string().nullable(),
  heardFromMs: ms.nullable(),
  consumedToMs: ms.nullable(),
  /** From the end of the speech to the first audible frame; negative when the answer began before that end. */
  firstAudioDelayMs: z.number().nullable(),
  /** Its playback was cut before its end. */
  cut: z.boolean(),
  /** What its readers were told of it. */
  mark: z.enum(['cut', 'captions_only', 'failed', 'doubtful']).nullable(),
});

/** Something that was said. */
const phraseSchema = z.strictObject({
  speakerId: z.string(),
  /** Bounds of the speech itself, padding and trailing silence removed. */
  startMs: ms,
  endMs: ms,
  sourceText: z.string(),
  /** BCP 47 tag; `''` where it is not known. */
  sourceLanguage: z.string(),
  translations: z.array(translationSchema),
});

/** What `parley replay --json` prints of a meeting. Paths are as they were given or made. */
export const meetingDocumentSchema = z.strictObject({
  meeting: z.strictObject({ path: z.string(), title: z.string(), durationMs: ms }),
  people: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      /** As the interpreter knew them last. */
      speaks: z.array(z.string()),
      prefers: z.string().nullable(),
      present: z.array(span),
      muted: z.array(span),
    }),
  ),
  /** Those that were heard. `language`: the only one that it speaks; null for the one voice that speaks several. */
  voices: z.array(
    z.strictObject({ id: z.string(), name: z.string(), language: z.string().nullable(), path: z.string() }),
  ),
  /** What interpreted each route, and why; a route whose engine changed is here again. */
  engines: z.array(
    z.strictObject({
      speakerId: z.string(),
      /** `''` where it was only written down. */
      to: z.string(),
      engine: z.enum(ENGINE_NAMES),
      reason: z.string(),
    }),
  ),
  phrases: z.array(phraseSchema),
  /** By language: what its readers got, as WebVTT and SubRip. */
  captions: z.array(
    z.strictObject({ language: z.string(), cues: z.int(), vtt: z.string(), srt: z.string() }),
  ),
  notices: z.array(z.strictObject({ atMs: ms, kind: z.string(), message: z.string() })),
  warnings: z.array(z.string()),
  /**
   * In US dollars by a table of prices, an estimate; `unpriced`: what it has no price for. `isLowerBound`: a session billed by time
   * ended without telling its length, it cost this at least. Null where nothing was billed.
   */
  cost: z
    .strictObject({
      usd: z.number(),
      responses: z.int(),
      audioMs: z.number(),
      unpriced: z.int(),
      isLowerBound: z.literal(true).optional(),
    })
    .nullable(),
  totals: z.strictObject({
    phrases: z.int(),
    translations: z.int(),
    heard: z.int(),
    cut: z.int(),
    captionsOnly: z.int(),
    /** Over all translations that were heard; null without one. */
    medianFirstAudioDelayMs: z.number().nullable(),
    longestFirstAudioDelayMs: z.number().nullable(),
  }),
});

/** See {@link meetingDocumentSchema}. */
export type MeetingDocument = z.infer<typeof meetingDocumentSchema>;
/** Somebody who was in the meeting. */
export type DocumentPerson = MeetingDocument['people'][number];
/** Something that was said, and its translations. */
export type DocumentPhrase = z.infer<typeof phraseSchema>;
/** One translation of something said. */
export type DocumentTranslation = z.infer<typeof translationSchema>;

/** What a meeting's phrases add up to. */
export function totalsOf(phrases: readonly DocumentPhrase[]): MeetingDocument['totals'] {
  const translations = phrases.flatMap((phrase) => phrase.translations).filter(({ to }) => to !== '');
  const waitsMs = translations.flatMap(({ firstAudioDelayMs }) => firstAudioDelayMs ?? []);
  return {
    phrases: phrases.length,
    translations: translations.length,
    heard: translations.filter(({ heardFromMs }) => heardFromMs !== null).length,
    cut: translations.filter(({ cut }) => cut).length,
    captionsOnly: translations.filter(({ mark }) => mark === 'captions_only').length,
    medianFirstAudioDelayMs: medianOf(waitsMs),
    longestFirstAudioDelayMs: waitsMs.length === 0 ? null : Math.max(...waitsMs),
  };
}
