import { z } from 'zod';
import { ENGINES, type EngineName } from '../../realtime/engines.js';

/** Milliseconds of the meeting: since the interpreter joined. */
const ms = z.number().nonnegative();

/** Delays of one kind in milliseconds, 95th percentile by nearest rank; null where there was none. */
const delaySchema = z
  .strictObject({ count: z.int(), medianMs: z.number(), p95Ms: z.number(), longestMs: z.number() })
  .nullable();

/** How many were said, and how many of them are in the translations. */
const keptSchema = z.strictObject({ kept: z.int(), said: z.int() });

/** One thing that was said, by the references or by the sound of the microphone; no engine has a say in when. */
const segmentSchema = z.strictObject({
  speakerId: z.string(),
  fromMs: ms,
  toMs: ms,
  /** BCP 47 tag; `''` where nobody knows it. */
  language: z.string(),
  /** By the references; without, as the first engine that heard it transcribed it. */
  text: z.string(),
  /** By language: how people would translate it. */
  references: z.record(z.string(), z.string()),
});

/** What one contender made of one or several segments in one language. */
const resultSchema = z.strictObject({
  /** Places in `segments`: several where the engine took them for one. */
  segments: z.array(z.int()),
  to: z.string(),
  text: z.string(),
  /** As this contender transcribed it. */
  transcript: z.string(),
  /**
   * `heard`: in a voice; `captions_only`: in writing; `lost`: not translated; `played_back`: the stand-in repeated what it does not know;
   * `taken_back`: what was said was no translation.
   */
  outcome: z.enum(['heard', 'captions_only', 'lost', 'played_back', 'taken_back']),
  /** The voice that spoke it, by its place in `voices`. */
  voice: z.int().nullable(),
  heardFromMs: ms.nullable(),
  heardToMs: ms.nullable(),
  /** Its playback was cut before its end. */
  cut: z.boolean(),
  firstWordMs: z.number().nullable(),
  lastWordMs: z.number().nullable(),
  /** Against the reference, 0 to 100; null without one. */
  chrf: z.number().nullable(),
  /** What of the source is not in it. */
  missing: z.strictObject({
    terms: z.array(z.string()),
    numbers: z.array(z.string()),
    names: z.array(z.string()),
  }),
});

const contenderSchema = z.strictObject({
  key: z.string(),
  label: z.string(),
  engine: z.enum(Object.keys(ENGINES) as [EngineName, ...EngineName[]]),
  /** Null where the settings named none for it. */
  model: z.string().nullable(),
  /** Its routes that another engine interpreted, a line each: the figures are that engine's, too. */
  replaced: z.array(z.string()),
  durationMs: ms,
  /** The report of its run. */
  report: z.string(),
  voices: z.array(
    z.strictObject({ id: z.string(), name: z.string(), language: z.string().nullable(), path: z.string() }),
  ),
  results: z.array(resultSchema),
  /** Translations of something that nobody said. */
  added: z.array(
    z.strictObject({ speakerId: z.string(), startMs: ms, endMs: ms, to: z.string(), text: z.string() }),
  ),
  delays: z.strictObject({
    /** Phrase by phrase, from the middle of what was said to the middle of what was heard. */
    earVoiceSpan: delaySchema,
    firstWord: delaySchema,
    lastWord: delaySchema,
    /** From the end of a monologue to the last word heard of it; null without a monologue of 30 s. */
    catchUpMs: z.number().nullable(),
  }),
  outcomes: z.strictObject({
    expected: z.int(),
    heard: z.int(),
    captionsOnly: z.int(),
    lost: z.int(),
    playedBack: z.int(),
    takenBack: z.int(),
    cut: z.int(),
    added: z.int(),
  }),
  /** Over all that has a reference, what is lost included, 0 to 100; null without references. */
  chrf: z.number().nullable(),
  chrfByLanguage: z.record(z.string(), z.number()),
  kept: z.strictObject({ terms: keptSchema, numbers: keptSchema, names: keptSchema }),
  /** What the guard found in place of translations. */
  findings: z.strictObject({ wrongLanguage: z.int(), answers: z.int(), ownVoice: z.int() }),
  /**
   * US dollars per hour of this meeting by a table of prices; null where nothing was billed. `unpriced`: uses without a price.
   * `isLowerBound`: a session billed by time ended without telling its length.
   */
  cost: z
    .strictObject({
      usdPerHour: z.number(),
      unpriced: z.int(),
      isLowerBound: z.literal(true).optional(),
    })
    .nullable(),
  notices: z.array(z.string()),
});

/** What `parley compare --json` prints of a meeting. Paths are as they were given or made. */
export const compareDocumentSchema = z.strictObject({
  meeting: z.strictObject({ path: z.string(), title: z.string(), durationMs: ms }),
  /** Who interpreted. `isStandIn`: the embedded server, so that no figure says anything of a model. */
  host: z.string(),
  isStandIn: z.boolean(),
  people: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  references: z.string().nullable(),
  segments: z.array(segmentSchema),
  /** Sound of somebody's microphone that no contender took for speech. */
  unheard: z.array(z.strictObject({ speakerId: z.string(), fromMs: ms, toMs: ms })),
  contenders: z.array(contenderSchema),
  /** Contenders that came to no end, and why. */
  failed: z.array(z.strictObject({ key: z.string(), label: z.string(), message: z.string() })),
  warnings: z.array(z.string()),
  /** Everyone's microphones together, the page, and this document. */
  original: z.string(),
  page: z.string(),
});

/** See {@link compareDocumentSchema}. */
export type CompareDocument = z.infer<typeof compareDocumentSchema>;
/** One contender, and all that is known of its run. */
export type ComparedContender = CompareDocument['contenders'][number];
/** What it made of one thing that was said. */
export type ContenderResult = z.infer<typeof resultSchema>;
/** One thing that was said. */
export type ComparedSegment = z.infer<typeof segmentSchema>;
