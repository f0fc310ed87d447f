/** The one way to do something to a bot: the API calls it, whatever runs the meetings. */
import type { AgentAnswer } from '../../agent/meeting/agent-options.js';
import type { MeetingSettingsInput, MeetingSettingsPatch } from '../../bot/meeting-settings.js';
import type { PersonSettings } from '../../meeting/meeting-change.js';
import type { BotRow } from '../../records/store/bots.js';
import type { PlaceName } from './places.js';

/** An invitation, checked. */
export type InviteRequest = {
  readonly workspaceId: string;
  /** Who invites: `key:…` or `user:…`. */
  readonly actor: string;
  readonly meetingId: string;
  /** Absent: wherever the meeting is known. */
  readonly place?: PlaceName | undefined;
  readonly settings: MeetingSettingsInput;
  readonly record: boolean;
  readonly joinAt?: Date | undefined;
  readonly retentionDays?: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly deduplicationKey?: string | undefined;
  readonly webhooks: readonly { url: string; events: readonly string[]; secret: string }[];
};

/** What is to change of a bot; absent fields stay. */
export type BotChange = {
  readonly settings: MeetingSettingsPatch;
  readonly joinAt?: Date | undefined;
  readonly record?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly retentionDays?: number | null | undefined;
};

/** What the agent is asked. */
export type AgentQuestion = {
  readonly text: string;
  /** The participant who asks; absent: the host. */
  readonly from?: string | undefined;
  readonly language?: string | undefined;
};

/** Somebody's word about a call that waits for it. */
export type ApprovalWord = {
  readonly callId: string;
  readonly yes: boolean;
  /** A yes goes for this tool, in this process of the meeting, whenever the same person asks for it. */
  readonly remember?: boolean;
  readonly by: string;
};

/** What became of a change. */
export type ChangeResult = { readonly revision: number; readonly changes: Readonly<Record<string, unknown>> };

/** All methods reject with a Problem, or a ParleyError, that says what to do. */
export interface Meetings {
  /** Writes the bot down and sets it going; `isNew` is false where the deduplication key has a bot that is not over. */
  invite(request: InviteRequest): Promise<{ bot: BotRow; isNew: boolean }>;
  /** `ifRevision`: only where that is still the present one. */
  change(bot: BotRow, change: BotChange, ifRevision?: number): Promise<ChangeResult>;
  /** Leaves the meeting, after `say`; a bot that did not begin is cancelled. */
  leave(bot: BotRow, options: { say?: string | undefined }): Promise<BotRow>;
  say(bot: BotRow, text: string, languages?: readonly string[]): Promise<unknown>;
  mute(bot: BotRow, muted: boolean, language?: string): Promise<void>;
  /** Asks the agent; resolves with its answer when that is over. */
  ask(bot: BotRow, ask: AgentQuestion): Promise<AgentAnswer>;
  /** Tells the agent something without asking. */
  inform(bot: BotRow, text: string): Promise<void>;
  /** Somebody's word about a call that waits for it; false: it does not, or not any more. */
  approve(bot: BotRow, word: ApprovalWord): Promise<boolean>;
  /** The agent falls silent. */
  hush(bot: BotRow): Promise<void>;
  setPerson(bot: BotRow, participantId: string, settings: PersonSettings): Promise<void>;
  /** Takes what is left of an erased meeting off this machine's disk: its journal. */
  forget(botId: string): Promise<void>;
  /** Meetings that run here now, and how many can. */
  readonly running: number;
  readonly slots: number;
  /** Lets meetings go, or leaves them. Safe to call twice. */
  close(): Promise<void>;
}
