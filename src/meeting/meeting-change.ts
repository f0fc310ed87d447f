/** What can be changed while a meeting runs, and what became of it. */
import type { BudgetPolicy } from '../cost/spending.js';
import type { Glossary } from '../interpreter/instructions/glossary.js';
import type { ChannelsMode } from '../interpreter/plan/channel-plan.js';
import type { EngineChoice } from '../interpreter/plan/engine.js';
import type { BargeInPolicy } from '../interpreter/playback/barge-in.js';
import type { LanguageTag } from '../languages/languages.js';

/**
 * A change of a running meeting. Absent fields stay as they are. The audio of routes that stay goes on without a gap.
 */
export type MeetingChange = {
  /** The meeting's languages; empty: whatever people prefer. */
  readonly languages?: readonly LanguageTag[];
  /** Which engine interprets. Routes whose engine is another one now change over in their speaker's next pause. */
  readonly engine?: EngineChoice;
  /** Terms and how they are translated; undefined: none. Sessions are sent their new instructions at once. */
  readonly glossary?: Glossary | undefined;
  /** One output channel for all, or one for each language. */
  readonly voices?: ChannelsMode;
  /** Languages that one channel speaks; undefined: the two that are needed most. */
  readonly voiceLanguages?: readonly LanguageTag[] | undefined;
  /** The model's voice name for a language. */
  readonly voiceOf?: (to: LanguageTag) => string;
  /** How fast a language is spoken, 0.25 to 1.5. */
  readonly speedOf?: (to: LanguageTag) => number;
  /** Whose speech silences a translation. */
  readonly bargeIn?: BargeInPolicy;
  /** How long somebody must speak before they silence a translation. */
  readonly bargeInMinMs?: number;
  /** The longest sound that may be a backchannel; 0: all that people say interrupts and is interpreted. */
  readonly backchannelMaxMs?: number;
  /** How long a translation may wait before it becomes captions only. */
  readonly maxBacklogMs?: number;
  /** The meeting keeps final captions for those who come later. */
  readonly persistCaptions?: boolean;
  /** Final captions are posted to the meeting's chat too. */
  readonly chatCaptions?: boolean;
  /** What the meeting may cost in US dollars, what was spent already included; undefined: no limit. */
  readonly budgetUsd?: number | undefined;
  /** What follows when the budget is spent. */
  readonly budgetPolicy?: BudgetPolicy;
};

/** The name of a field of a {@link MeetingChange}. */
export type MeetingChangeField = keyof MeetingChange;

/**
 * Why a field was refused, for programs: `one_session` one session interprets the whole room, `engine_missing` that engine cannot
 * be had, `no_more_voices` no further output channel can join, `out_of_range` a number that does not fit, `keeps_no_messages` and
 * `chat_for_all` what the meeting's service cannot do, `leaving` the meeting is being left, `not_billed` nothing is billed; of
 * settings: `fixed` it cannot change in a running meeting, `unknown` there is no such setting, `invalid` any other reason.
 */
export const CHANGE_REFUSALS = [
  'one_session',
  'engine_missing',
  'no_more_voices',
  'out_of_range',
  'keeps_no_messages',
  'chat_for_all',
  'leaving',
  'not_billed',
  'fixed',
  'unknown',
  'invalid',
] as const;
/** One of {@link CHANGE_REFUSALS}. */
export type ChangeRefusal = (typeof CHANGE_REFUSALS)[number];

/** What could not be done: `refused` says why in English, for people. */
export type Refused = { readonly refused: string; readonly code: ChangeRefusal };

/**
 * What became of one field: `applied`, `unchanged` (it was so already), `applied` in part or later, with what to know of it in
 * one line, or `refused`, with the reason.
 */
export type ChangeOutcome = 'applied' | 'unchanged' | { readonly applied: string } | Refused;

/** What became of each field that a change named. */
export type MeetingChangeReport = Readonly<Partial<Record<MeetingChangeField, ChangeOutcome>>>;

/** The host's word about one person. It wins over what they say themselves; null takes it back, absent leaves it. */
export type PersonSettings = {
  /** What they hear: a tag, or a language's name. */
  readonly preferredLanguage?: string | null;
  /** What they speak: tags or names. */
  readonly spokenLanguages?: readonly string[] | null;
  /** False: what they say is not interpreted; they still hear and read the others. True by default. */
  readonly interpret?: boolean;
  /**
   * False: what they say is not for the agent, notes and minutes. True takes the host's word back; their own, `metaData.parleyAgent`,
   * stands.
   */
  readonly agent?: boolean;
};
