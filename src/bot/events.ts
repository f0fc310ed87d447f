/** What `parley join` tells, as JSON lines and to the terminal's views. Version 1: fields may be added, none changes. */
import { z } from 'zod';
import { ENGINE_NAMES } from '../realtime/engines.js';

const person = z.object({
  id: z.string(),
  /** What they call themselves: untrusted. */
  name: z.string(),
  isBot: z.boolean(),
  /** BCP 47 tags; empty when not known. */
  speaks: z.array(z.string()),
  prefers: z.string().optional(),
  /** What they speak was heard, not said. */
  heard: z.boolean().optional(),
  /** False: what they say is not for the agent, notes and minutes. */
  agent: z.literal(false).optional(),
  /** What they gave for a language, where it is none that is known: untrusted. */
  unread: z.string().optional(),
});
const reason = z.object({ kind: z.string(), code: z.number().optional(), message: z.string() });
/** Ear-voice spans of each route and engine: the last, the median and the 95th percentile of the last 200 turns. */
const spans = z.array(
  z.object({
    speakerId: z.string(),
    to: z.string(),
    engine: z.enum(ENGINE_NAMES),
    turns: z.number(),
    lastMs: z.number(),
    medianMs: z.number(),
    p95Ms: z.number(),
    /** It has grown far beyond what it was, and has not come down again. */
    isGrowing: z.literal(true).optional(),
  }),
);
/** What was used until now, in US dollars by a table of prices: an estimate. `unpriced`: what the table knows no price for. */
const cost = z.object({
  usd: z.number(),
  responses: z.number(),
  audioMs: z.number(),
  unpriced: z.number(),
  /** A session billed by time ended without telling its length: it cost this at least. */
  isLowerBound: z.literal(true).optional(),
  /** Missing where there is none. */
  budgetUsd: z.number().optional(),
});
/** What was dropped, repeated or taken back in the whole meeting. */
const counters = z.object({
  /** The speakers' audio: held back for a slow connection, and said while there was none. */
  audioDroppedMs: z.number(),
  staleAudioDroppedMs: z.number(),
  /** Captions that were never sent to the meeting. */
  captionsDropped: z.number(),
  /** Translations that were read only, since too much was waiting. */
  captionsOnly: z.number(),
  /** Translations that were none, and were taken back. */
  wrongLanguage: z.number(),
  answers: z.number(),
  ownVoice: z.number(),
  /** Lines that were lost and replaced, and replaced before they expired. */
  reconnects: z.number(),
  rotations: z.number(),
  /** Translations that failed and were asked for once more. */
  responsesRetried: z.number(),
  /** Of the embedded stand-in: speech that is not in its phrasebook, and was played back; no translation. */
  playedBack: z.number().optional(),
});
/** Milliseconds since the run began, and which event of the meeting it is, from 1; records of earlier versions have no `seq`. */
const at = { v: z.literal(1), atMs: z.number(), seq: z.int().positive().optional() };

/** One JSON line. Unknown fields are left out. */
export const joinEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    ...at,
    /** Wall-clock time of the start, ISO 8601. */
    time: z.string(),
    meetingId: z.string(),
    participantId: z.string(),
    name: z.string(),
    /** Where the meeting is, and who interprets: for people. */
    place: z.string(),
    interpreter: z.string(),
    /** A record is kept. */
    recorded: z.boolean().optional(),
  }),
  z.object({
    type: z.literal('state'),
    ...at,
    state: z.enum(['idle', 'connecting', 'connected', 'reconnecting', 'left']),
    reason: reason.optional(),
  }),
  z.object({ type: z.literal('joined'), ...at, person }),
  /** Name or languages changed. */
  z.object({ type: z.literal('changed'), ...at, person }),
  z.object({ type: z.literal('left'), ...at, person, reason: reason.optional() }),
  z.object({ type: z.literal('speaking'), ...at, participantId: z.string(), speaking: z.boolean() }),
  /** A segment's caption so far; later ones of the same segment replace it, the last one is final. See docs/captions.md. */
  z.object({
    type: z.literal('caption'),
    ...at,
    kind: z.enum(['speech', 'notice']),
    segmentId: z.string(),
    turnId: z.string(),
    part: z.number(),
    speakerId: z.string(),
    speakerName: z.string(),
    sourceLanguage: z.string(),
    targetLanguage: z.string(),
    sourceText: z.string(),
    translatedText: z.string(),
    original: z.boolean(),
    final: z.boolean(),
    mark: z.enum(['cut', 'captions_only', 'failed', 'doubtful']).optional(),
    /** Of what is marked `cut`: somebody spoke, or Parley left the meeting. */
    cutReason: z.enum(['barge_in', 'gone']).optional(),
    /** Of a notice that interpreting is interrupted, or goes on. */
    interruption: z.enum(['reconnecting', 'resumed', 'stopped', 'written', 'ended']).optional(),
    /** When it was said, in milliseconds since the interpreter joined. */
    startMs: z.number(),
    endMs: z.number(),
  }),
  z.object({
    type: z.literal('playback'),
    ...at,
    turnId: z.string(),
    /** Empty, and `to` is `und`, where one session hears the room and nobody knows who it was. */
    speakerId: z.string(),
    to: z.string(),
    what: z.enum(['heard', 'finished', 'cut', 'captions_only', 'withheld']),
    /** Of `cut`: somebody spoke, the rest of the translation did not come, or Parley left the meeting. */
    why: z.enum(['barge_in', 'stalled', 'gone']).optional(),
    /** From the end of the speech to the first audible frame of its translation. */
    firstAudioDelayMs: z.number().optional(),
    /**
     * When it fell silent, in milliseconds since the run began: of one that was cut, and of one whose end was known only later, as
     * with engines that speak without end.
     */
    silentAtMs: z.number().optional(),
  }),
  z.object({
    type: z.literal('route'),
    ...at,
    speakerId: z.string(),
    /** Missing where what they say is only written down. */
    to: z.string().optional(),
    state: z.enum(['opening', 'open', 'reconnecting', 'closed', 'failed']),
  }),
  /** With `--explain`: which engine interprets a route, and why. */
  z.object({
    type: z.literal('engine'),
    ...at,
    speakerId: z.string(),
    /** Missing where what they say is only written down. */
    to: z.string().optional(),
    engine: z.enum(ENGINE_NAMES),
    reason: z.string(),
    /** An estimate: of an hour of speech for `conversation`, of an hour with an open session for the others. */
    usdPerHour: z.number().optional(),
  }),
  /** With `--explain`: what a session was told. Holds what is private to people. */
  z.object({
    type: z.literal('instructions'),
    ...at,
    speakerId: z.string(),
    to: z.string(),
    text: z.string(),
  }),
  /** A translation was heard to its end: how far it was behind its speaker, by the times of words, or of the whole phrase. */
  z.object({
    type: z.literal('span'),
    ...at,
    turnId: z.string(),
    speakerId: z.string(),
    to: z.string(),
    engine: z.enum(ENGINE_NAMES),
    spanMs: z.number(),
    byWord: z.boolean(),
  }),
  /** Every five seconds: the loudest level of each open microphone since the last one, and the delays so far. */
  z.object({
    type: z.literal('status'),
    ...at,
    levelsDbfs: z.record(z.string(), z.number()),
    latency: z.object({ turns: z.number(), lastMs: z.number().optional(), medianMs: z.number().optional() }),
    spans: spans.optional(),
    cost: cost.optional(),
  }),
  /** What the meeting agent does: see docs/agent.md. `text` is untrusted. */
  z.object({
    type: z.literal('agent'),
    ...at,
    what: z.enum([
      'opened',
      'closed',
      'asked',
      'answering',
      'answered',
      'passed',
      'hushed',
      'refused',
      'failed',
    ]),
    askId: z.string().optional(),
    /** A participant; missing where nobody in the meeting asked. */
    askedBy: z.string().optional(),
    how: z.enum(['voice', 'chat', 'message', 'api', 'open_question']).optional(),
    text: z.string().optional(),
    language: z.string().optional(),
    /** Of `answering`: from the question to the first audible frame of the answer. */
    firstAudioMs: z.number().optional(),
    /** Of `answered`: it was silenced before its end. */
    cut: z.boolean().optional(),
  }),
  /** What becomes of a call of the agent. `arguments` is JSON text as the model wrote it: untrusted, to be shown in full. */
  z.object({
    type: z.literal('tool'),
    ...at,
    /** `asking`: it waits for a person's yes, for a minute; `approved` and `denied`: somebody said so, see `decidedBy`. */
    what: z.enum(['called', 'asking', 'approved', 'denied', 'over']),
    callId: z.string(),
    tool: z.string(),
    arguments: z.string(),
    level: z.enum(['read', 'write', 'confirm', 'host']).optional(),
    askedBy: z.string().optional(),
    /** A participant who said it; otherwise `host`, or who did by the service: `key:…`, `user:…`. */
    decidedBy: z.string().optional(),
    outcome: z
      .enum(['done', 'failed', 'unknown_tool', 'invalid_arguments', 'denied', 'unanswered', 'hosts_only'])
      .optional(),
    /** What it gave back, at most 4,000 characters, or why it gave back nothing: untrusted. */
    result: z.string().optional(),
    durationMs: z.number().optional(),
    wasLate: z.boolean().optional(),
  }),
  /** What becomes of a note of the agent. Texts are untrusted. */
  z.object({
    type: z.literal('note'),
    ...at,
    what: z.enum(['taken', 'changed', 'removed']),
    id: z.string().max(64),
    kind: z.enum(['note', 'decision', 'action', 'question']),
    text: z.string(),
    /** Of an action: who is to do it, and until when, as people said it. */
    who: z.string().optional(),
    due: z.string().optional(),
    /** A participant; missing where nobody in the meeting asked for it. */
    askedBy: z.string().optional(),
    /** What was last said when it was taken. */
    turnId: z.string().optional(),
    /** When it was taken, in milliseconds since the interpreter joined. */
    noteAtMs: z.number(),
  }),
  z.object({
    type: z.literal('notice'),
    ...at,
    kind: z.string(),
    message: z.string(),
    participantId: z.string().optional(),
  }),
  /** The last line. `error` when the meeting did not end in good order. */
  z.object({
    type: z.literal('ended'),
    ...at,
    reason,
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    latency: z.object({ turns: z.number(), lastMs: z.number().optional(), medianMs: z.number().optional() }),
    spans: spans.optional(),
    cost: cost.optional(),
    /** By route, the dearest first; those that cost least are left out. Missing where nothing is billed. */
    costByRoute: z
      .array(z.object({ route: z.string(), usd: z.number(), responses: z.number(), audioMs: z.number() }))
      .optional(),
    counters: counters.optional(),
  }),
]);

/** See {@link joinEventSchema}. */
export type JoinEvent = z.infer<typeof joinEventSchema>;
export type JoinEventOf<Type extends JoinEvent['type']> = Extract<JoinEvent, { type: Type }>;
export type JoinPerson = z.infer<typeof person>;
/** How far each route is behind its speaker, by engine. */
export type RouteSpans = z.infer<typeof spans>;
export type JoinCounters = z.infer<typeof counters>;
/** How long translations took to be heard. */
export type Latency = JoinEventOf<'status'>['latency'];

/** Where the events of a run are shown. */
export interface JoinView {
  show(event: JoinEvent): void;
  /** A participant's level, four times a second. */
  level(participantId: string, levelDbfs: number): void;
  /** Nothing more is shown: leaves the terminal as a shell expects it. */
  close(): void;
}
