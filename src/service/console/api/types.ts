/** What the API answers, as far as the console shows it. Names and texts of meetings are untrusted. */

/** Where a bot is in its life. */
export type BotState =
  | 'scheduled'
  | 'queued'
  | 'starting'
  | 'staged'
  | 'joining'
  | 'active'
  | 'recovering'
  | 'leaving'
  | 'processing'
  | 'ended'
  | 'cancelled'
  | 'failed';

/** States after which nothing more happens. */
export const OVER: ReadonlySet<string> = new Set(['ended', 'cancelled', 'failed']);

/** A bot, as lists have it. */
export type BotSummary = {
  readonly id: string;
  readonly place: string;
  readonly meetingId: string;
  readonly name: string;
  readonly state: BotState;
  readonly reason?: string;
  readonly waitingFor?: string;
  readonly joinAt?: string;
  readonly createdAt: string;
  readonly joinedAt?: string;
  readonly endedAt?: string;
  readonly erasedAt?: string;
};

/** When the agent answers. */
export const AGENT_MODES = ['off', 'silent', 'addressed', 'open-questions'] as const;
export type AgentMode = (typeof AGENT_MODES)[number];

/** Settings of a meeting that the console shows and changes. */
export type BotSettings = {
  readonly agent?: AgentMode;
  readonly minutes?: boolean;
  readonly languages?: readonly string[];
  readonly engine?: 'conversation' | 'translate' | 'live' | 'auto';
  readonly voice?: string;
  readonly voices?: 'auto' | 'one' | 'per-language';
  readonly voiceLanguages?: readonly string[];
  readonly speed?: number;
  readonly bargeIn?: 'others' | 'any' | 'off';
  readonly glossary?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly budgetUsd?: number;
  readonly budgetPolicy?: 'captions' | 'stop';
};

/** A bot, whole. */
export type Bot = BotSummary & {
  readonly revision: number;
  readonly record: boolean;
  readonly message?: string;
  readonly worker?: string;
  readonly settings: BotSettings;
  /** Languages whose voice was silenced. */
  readonly muted?: 'all' | readonly string[];
};

/** Somebody in a meeting. */
export type Person = {
  readonly id: string;
  readonly name: string;
  readonly isBot?: boolean;
  readonly speaks: readonly string[];
  readonly prefers?: string;
  readonly heard?: boolean;
};

/** A caption, as the feed tells it. */
export type Caption = {
  readonly kind: 'speech' | 'notice';
  readonly segmentId: string;
  readonly turnId: string;
  readonly part: number;
  readonly speakerId: string;
  readonly speakerName: string;
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  readonly sourceText: string;
  readonly translatedText: string;
  readonly original: boolean;
  readonly final: boolean;
  readonly mark?: 'cut' | 'captions_only' | 'failed' | 'doubtful';
  readonly startMs: number;
  readonly endMs: number;
};

/** One speaker's way into one language. */
export type LiveRoute = { readonly speakerId: string; readonly to?: string; readonly state: string };

/** How long translations took to be heard. */
export type Latency = { readonly turns: number; readonly lastMs?: number; readonly medianMs?: number };
/** How far one route is behind its speaker, in milliseconds. */
export type RouteSpan = {
  readonly speakerId: string;
  readonly to: string;
  readonly engine: string;
  readonly turns: number;
  readonly lastMs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly isGrowing?: true;
};
/** What a meeting cost so far: an estimate. */
export type Cost = {
  readonly usd: number;
  readonly responses: number;
  readonly audioMs: number;
  readonly unpriced: number;
  readonly isLowerBound?: true;
  readonly budgetUsd?: number;
};

/** What somebody said, with its translations, as the transcript has it. */
export type Speech = {
  readonly speakerId: string;
  readonly speakerName: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly language: string;
  readonly text: string;
  readonly mark?: string;
  readonly cutReason?: string;
  readonly said: { readonly language: string; readonly text: string };
  readonly translated: readonly { readonly language: string; readonly text: string }[];
};
/** A meeting in writing. */
export type Transcript = {
  readonly meetingId: string;
  readonly startedAt: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly speeches: readonly Speech[];
};

/** A page of a list. */
export type Page<Row> = { readonly data: readonly Row[]; readonly nextCursor?: string };

/** A note to a meeting. Texts are untrusted. */
export type Note = {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly who?: string;
  readonly due?: string;
  readonly by?: string;
  readonly createdAt?: string;
};

/** What became of a note of the agent in a running meeting. */
export type LiveNote = Note & { readonly what: 'taken' | 'changed' | 'removed' };

/** A decision, a task, an open question or a note of minutes. Texts are untrusted. */
export type MinutesItem = {
  readonly text: string;
  readonly who?: string;
  readonly due?: string;
  readonly places?: readonly { readonly speaker: string; readonly atMs: number }[];
};

/** Minutes in one language. */
export type Minutes = {
  readonly language: string;
  /** A model, or `extract`. */
  readonly madeBy: string;
  readonly decisions: readonly MinutesItem[];
  readonly tasks: readonly MinutesItem[];
  readonly questions: readonly MinutesItem[];
  readonly notes: readonly MinutesItem[];
};
