/**
 * What a meeting process and its supervisor say to each other, as JSON in both directions, checked on arrival. Secrets travel
 * this way only, never by argv or environment.
 */
import { z } from 'zod';
import { MAX_NOTES, NOTE_KINDS } from '../agent/notes/note.js';
import { joinEventSchema } from '../bot/events.js';
import { END_REASONS, FAILURE_REASONS } from '../records/end-reasons.js';
import { answerSchema, questionSchema } from './questions.js';

/** Of every message: a process of another version is not understood. */
const v = z.literal(1);
const participantId = z.string().regex(/^parley-[\w.~-]{1,100}$/);

const prices = z.record(z.string(), z.json());

/** Where the meeting is, and what opens it. An embedded room speaks the protocol of VideoSDK at its own address. */
export const platformSpec = z.strictObject({
  kind: z.enum(['videosdk', 'embedded']),
  credentials: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('keys'), apiKey: z.string().min(1), secret: z.string().min(1) }),
    z.strictObject({ kind: z.literal('token'), token: z.string().min(1), source: z.string().optional() }),
  ]),
  apiUrl: z.string().optional(),
  signalingBaseUrl: z.string().optional(),
  /** PEM of the authority that is trusted for both addresses. */
  ca: z.string().optional(),
  /** For people: what the service is called. */
  description: z.string().max(200).optional(),
});

/** Who interprets. `embedded` is a server in another process, by its address. */
export const backendSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('openai'),
    apiKey: z.string().min(1),
    baseUrl: z.string().optional(),
    model: z.string().optional(),
    safetySecret: z.string().optional(),
    prices: prices.optional(),
  }),
  z.strictObject({
    kind: z.literal('azure'),
    endpoint: z.string().min(1),
    deployment: z.string().min(1),
    translateDeployment: z.string().optional(),
    transcriptionDeployment: z.string().optional(),
    prices: prices.optional(),
    authorization: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('key'), apiKey: z.string().min(1) }),
      z.strictObject({
        kind: z.literal('entra'),
        tenantId: z.string().min(1),
        clientId: z.string().min(1),
        clientSecret: z.string().min(1),
      }),
    ]),
  }),
  z.strictObject({
    kind: z.literal('server'),
    url: z.string().min(1),
    key: z.string().optional(),
    model: z.string().optional(),
    insecure: z.boolean().optional(),
    sessionShape: z.enum(['nested', 'flat']).optional(),
    inputRateHz: z.literal([8_000, 16_000, 24_000, 48_000]).optional(),
    prices: prices.optional(),
  }),
  z.strictObject({
    kind: z.literal('embedded'),
    /** `ws://127.0.0.1:8787/v1/realtime`. */
    url: z.string().min(1),
    key: z.string().min(1),
    /** What the server calls its model. */
    model: z.string().min(1),
    /** For people. */
    description: z.string().min(1),
    /** To try a budget with; absent: nothing is billed. */
    prices: prices.optional(),
  }),
]);

/** The host's word about one person; see `PersonSettings`. */
export const personSettings = z.strictObject({
  preferredLanguage: z.string().max(100).nullable().optional(),
  spokenLanguages: z.array(z.string().max(100)).max(20).nullable().optional(),
  interpret: z.boolean().optional(),
  agent: z.boolean().optional(),
});

/** A note of the agent, as events tell of it. */
const noteSchema = z.strictObject({
  ...{ id: z.string().max(64), kind: z.enum(NOTE_KINDS), text: z.string().max(2_000) },
  ...{ who: z.string().max(500).optional(), due: z.string().max(500).optional() },
  ...{
    askedBy: z.string().max(200).optional(),
    turnId: z.string().max(500).optional(),
    noteAtMs: z.number(),
  },
});

/** One stay in one meeting. */
export const assignmentSchema = z.strictObject({
  botId: z.string().regex(/^[\w-]{1,100}$/),
  /** Of the claim: the later of two processes has the larger one. */
  epoch: z.int().positive(),
  /** For people and records: where the meeting is. */
  place: z.string().max(200),
  meetingId: z.string().min(1).max(128),
  /** The same for every process that is in this meeting one after the other: the meeting lets the newest in and the others out. */
  participantId,
  /** Which stay in this meeting this is, from 1: a later one takes the meeting up again and does not announce itself. */
  incarnation: z.int().positive(),
  /** Settings of the meeting, as a host writes them. */
  settings: z.record(z.string(), z.json()),
  /** The host's word about people, and what is muted, which outlive a process. */
  people: z
    .array(z.strictObject({ participantId: z.string().min(1).max(200), settings: personSettings }))
    .max(1_000)
    .optional(),
  muted: z.union([z.literal('all'), z.array(z.string().max(100)).max(200)]).optional(),
  /** What the agent was told, which outlives a process too. */
  told: z.array(z.string().max(4_000)).max(20).optional(),
  /** Notes that the agent of this meeting took until now, which outlive a process too. */
  notes: z.array(noteSchema).max(MAX_NOTES).optional(),
  platform: platformSpec,
  backend: backendSpec,
  /** Folder of this meeting's journal; made where there is none. */
  journalFolder: z.string().min(1),
  /** Where a supervisor that starts later is found, once this one is gone; absent: the process ends with it. */
  adoptionSocket: z.string().min(1).optional(),
  /** Wall-clock time in milliseconds since 1970; absent: at once. */
  joinAtMs: z.number().optional(),
  /** Gets everything ready, and joins when it is told to. */
  prepareOnly: z.boolean().optional(),
  /** What tools that the settings name are called with. */
  agent: z
    .strictObject({
      /** By name. */
      secrets: z.record(z.string(), z.string()),
      /** Those tools may be at any address, and speak plain http. */
      toolsAtPrivateAddresses: z.boolean(),
    })
    .optional(),
  /** Everyone in the meeting is told that what is said is kept. */
  recorded: z.boolean().optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional(),
});

/** What a host does to a meeting that runs. */
export const commandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('update'), patch: z.record(z.string(), z.json()) }),
  z.strictObject({
    kind: z.literal('setPerson'),
    participantId: z.string().min(1).max(200),
    settings: personSettings,
  }),
  z.strictObject({
    kind: z.literal('say'),
    text: z.string(),
    languages: z.array(z.string().max(100)).max(50).optional(),
  }),
  /** Asks the agent, which answers everybody. */
  z.strictObject({
    kind: z.literal('ask'),
    text: z.string(),
    /** The participant who asks; absent: the host. */
    from: z.string().min(1).max(200).optional(),
    language: z.string().max(100).optional(),
  }),
  /** Tells the agent something without asking. */
  z.strictObject({ kind: z.literal('inform'), text: z.string() }),
  /** Somebody's word about a call that waits for it. */
  z.strictObject({
    kind: z.literal('approve'),
    callId: z.string().min(1).max(200),
    yes: z.boolean(),
    /** A yes goes for this tool whenever the same person asks for it. */
    remember: z.boolean().optional(),
    /** Who says it, for the record. */
    by: z.string().max(200),
  }),
  /** The agent falls silent. */
  z.strictObject({ kind: z.literal('hush') }),
  z.strictObject({
    kind: z.literal('mute'),
    muted: z.boolean(),
    language: z.string().max(100).optional(),
  }),
  z.strictObject({
    kind: z.literal('stop'),
    drainMs: z.number().min(0).max(60_000).optional(),
    /** Said before leaving. */
    say: z.string().max(1_000).optional(),
  }),
  z.strictObject({ kind: z.literal('status') }),
]);

/** From the supervisor to a meeting process. */
export const parentMessage = z.discriminatedUnion('type', [
  z.strictObject({ v, type: z.literal('assign'), assignment: assignmentSchema }),
  z.strictObject({ v, type: z.literal('command'), id: z.int().nonnegative(), command: commandSchema }),
  /** Events up to this one are kept elsewhere: the journal need not have them any more. */
  z.strictObject({ v, type: z.literal('ack'), seq: z.int().nonnegative() }),
  /** The claim of this epoch holds, or holds no more. */
  z.strictObject({ v, type: z.literal('confirm'), epoch: z.int().positive(), isValid: z.boolean() }),
  /** One that waits staged joins now. */
  z.strictObject({ v, type: z.literal('join') }),
  /** To a question of the process; without an answer nothing can be known now. */
  z.strictObject({
    v,
    type: z.literal('answer'),
    id: z.int().nonnegative(),
    answer: answerSchema.optional(),
  }),
]);

/** Why a meeting is over. After `fenced` another process has the meeting. */
export const endReason = z.enum([...END_REASONS, 'cancelled', 'fenced', ...FAILURE_REASONS]);

const failure = z.object({ code: z.string(), message: z.string() });
const ended = z.object({
  reason: endReason,
  exitCode: z.int(),
  /** One line for people, without keys. */
  message: z.string().optional(),
  failure: failure.optional(),
  /** The meeting was not joined, and another process may succeed. */
  retry: z.literal(true).optional(),
});
const state = z.enum(['preparing', 'staged', 'joining', 'active', 'reconnecting', 'leaving']);
const waitingFor = z.enum(['line', 'admission']);
const beat = z.object({
  /** Frames of 10 ms of our own track that were taken, and of people's that came; both only grow. */
  framesPulled: z.number(),
  framesHeard: z.number(),
  /** Something waits to be heard of us: frames have to be taken. */
  speaking: z.boolean(),
  /** People whose microphone is on: frames have to come. */
  openMicrophones: z.number(),
  roomState: z.enum(['idle', 'connecting', 'connected', 'reconnecting', 'left']),
  /** The longest that the event loop was late since the last beat. */
  loopDelayMs: z.number(),
  rssBytes: z.number(),
  /** Silent, until the supervisor has confirmed the claim. */
  fenced: z.boolean(),
  /** Events that the journal could not take. */
  journalLost: z.number(),
});

/** From a meeting process to its supervisor. */
export const childMessage = z.discriminatedUnion('type', [
  /** Everything is loaded. */
  z.object({ v, type: z.literal('ready'), pid: z.int(), version: z.string() }),
  z.object({ v, type: z.literal('state'), state, waitingFor: waitingFor.optional() }),
  /** Every event of the meeting, with its wall-clock time. */
  z.object({
    v,
    type: z.literal('event'),
    seq: z.int().positive(),
    at: z.number(),
    event: joinEventSchema,
  }),
  z.object({ v, type: z.literal('beat'), beat }),
  z.object({
    v,
    type: z.literal('result'),
    id: z.int().nonnegative(),
    ok: z.boolean(),
    value: z.json().optional(),
    error: failure.optional(),
  }),
  /** This process stood still for so long: does its claim still hold? */
  z.object({ v, type: z.literal('confirmRequest'), gapMs: z.number() }),
  /** The agent looks something up. */
  z.object({
    v,
    type: z.literal('question'),
    id: z.int().nonnegative(),
    epoch: z.int().positive(),
    question: questionSchema,
  }),
  /** The journal cannot be written, or can be again. */
  z.object({ v, type: z.literal('journal'), failing: z.boolean(), message: z.string().optional() }),
  z.object({ v, type: z.literal('ended'), ended }),
  /** To a supervisor that did not start this process: this is what it does. */
  z.object({
    v,
    type: z.literal('adopt'),
    pid: z.int(),
    version: z.string(),
    assignment: assignmentSchema,
    state,
    lastSeq: z.int().nonnegative(),
  }),
]);

/** See {@link platformSpec}. */
export type PlatformSpec = z.infer<typeof platformSpec>;
/** See {@link backendSpec}. */
export type BackendSpec = z.infer<typeof backendSpec>;
/** See {@link assignmentSchema}. */
export type MeetingAssignment = z.infer<typeof assignmentSchema>;
/** See {@link commandSchema}. */
export type MeetingCommand = z.infer<typeof commandSchema>;
/** See {@link parentMessage}. */
export type ParentMessage = z.infer<typeof parentMessage>;
/** See {@link childMessage}. */
export type ChildMessage = z.infer<typeof childMessage>;
/** See {@link endReason}. */
export type EndReason = z.infer<typeof endReason>;
/** How a meeting ended; `failure` where that was not in good order. */
export type MeetingEnd = z.infer<typeof ended>;
/** Where a meeting process is. */
export type ProcessState = z.infer<typeof state>;
/** What it waits for while it joins: the connection, or somebody who lets it in. */
export type WaitingFor = z.infer<typeof waitingFor>;
/** One beat of a meeting process. */
export type Beat = z.infer<typeof beat>;

/** Exit code of a process whose claim is lost: nobody starts it again. */
export const EXIT_FENCED = 75;
