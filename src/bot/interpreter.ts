/** A running interpreter, as `interpret` gives it. */
import type { AgentAnswer } from '../agent/meeting/agent-options.js';
import type { AskBy } from '../agent/meeting/meeting-agent.js';
import type { EventSource } from '../events.js';
import type { LanguageTag } from '../languages/languages.js';
import type { PersonSettings } from '../meeting/meeting-change.js';
import type { RouteSnapshot } from '../meeting/meeting-part.js';
import type { Said } from '../meeting/speaking/announcer.js';
import type { Metric } from '../metrics.js';
import type { RoomState } from '../room/room.js';
import type { BotEvent, BotEventMap, EventsLost } from './event-log.js';
import type { JoinCounters, JoinEventOf, JoinPerson, Latency, RouteSpans } from './events.js';
import type { MeetingSettings, MeetingSettingsPatch } from './meeting-settings.js';
import type { UpdateReport } from './settings-change.js';
import type { StayEnd } from './stay-watch.js';

/** How a meeting stands. */
export type InterpreterStatus = {
  readonly meetingId: string;
  readonly participantId: string;
  readonly state: RoomState['kind'];
  /** Wall-clock time of the start, ISO 8601, and milliseconds since then. */
  readonly startedAt: string;
  readonly atMs: number;
  /** Languages that were muted, without regions, or all of them. */
  readonly muted: 'all' | readonly LanguageTag[];
  /** The settings as they are in force. */
  readonly settings: MeetingSettings;
  /** Who is here with their languages, interpreters not counted. */
  readonly people: readonly JoinPerson[];
  readonly routes: readonly RouteSnapshot[];
  /** An estimate in US dollars; undefined where nothing is billed and there is no budget. */
  readonly cost: JoinEventOf<'status'>['cost'];
  /** From the end of a speech to the first audible frame of its translation. */
  readonly latency: Latency;
  /** How far translations are behind their speakers, by route and engine: the last, the median, the 95th percentile. */
  readonly spans: RouteSpans;
  /** What was dropped, repeated or taken back. */
  readonly counters: JoinCounters;
  /** Everything that is counted, for a monitor. */
  readonly metrics: readonly Metric[];
};

/**
 * An interpreter in a meeting. Iterating it gives every event from the first on, in order; each consumer goes at its own
 * pace, and one that falls more than 1,000 events behind gets {@link EventsLost} in place of the oldest.
 */
export interface Interpreter extends AsyncIterable<BotEvent | EventsLost>, AsyncDisposable {
  readonly meetingId: string;
  /** Its own id in the meeting. */
  readonly participantId: string;
  /** Events as they come. A listener that throws is logged and counted, and harms nothing. */
  readonly events: EventSource<BotEventMap>;
  /** Resolves when the meeting was left and everything is closed, with the reason; never rejects. */
  readonly ended: Promise<StayEnd>;
  /** How things are now. */
  status(): InterpreterStatus;
  /** Events after this `seq`, as far back as they are kept, and those that come. */
  eventsAfter(seq: number): AsyncIterableIterator<BotEvent | EventsLost>;
  /**
   * Says a text to everyone, by voice and in captions, translated into each of these languages; by default those that people
   * prefer to hear. Resolves with what became of each when the last is over. Rejects with ParleyError `usage` for a text that
   * is empty or too long, `service_unavailable` where it was not said; in captions it stands all the same.
   */
  say(text: string, languages?: readonly LanguageTag[]): Promise<readonly Said[]>;
  /**
   * Asks the meeting's agent, which answers everybody by voice and in captions, and in writing only where it is silent. Resolves with
   * its answer when that is over. Rejects with ParleyError `usage` for a text that is empty or too long, somebody who is not here, a
   * language that is none, or where the agent is off; `service_unavailable` where there is no answer.
   */
  ask(text: string, by?: AskBy): Promise<AgentAnswer>;
  /**
   * Tells the meeting's agent something without asking: it knows that at every question from now on. Returns all that it was told, as
   * far as it is kept: the newest 20 lines of 400 characters. Throws ParleyError `usage` for a text that is empty or longer than 4,000
   * characters, or where there is no agent.
   */
  inform(text: string): readonly string[];
  /**
   * A host's word about a call that waits for it (event `tool`, `asking`). `by` says whose word it is, for the record: `host` by default.
   * With `remember` a yes goes for this tool, until the meeting is over, whenever the same person asks for it in their own words. Returns
   * false where the call does not wait, or not any more.
   */
  approve(callId: string, yes: boolean, by?: string, remember?: boolean): boolean;
  /** The agent falls silent, and leaves open questions alone for ten minutes. Does nothing where there is none. */
  hush(): void;
  /**
   * Changes settings while the meeting runs; null stands for a default. The audio of routes that stay goes on. Returns what
   * became of each field: one that is refused keeps no other from being applied. Throws ParleyError `usage` for what is no
   * object.
   */
  update(patch: MeetingSettingsPatch): UpdateReport;
  /**
   * The host's word about one person, who may still be to come: it wins over what they say themselves, until null takes it
   * back. Throws ParleyError `usage` for what is no language.
   */
  setPerson(participantId: string, settings: PersonSettings): void;
  /**
   * Silences a language, what is being said included, or gives it its voice back; captions go on. Without a language: all of
   * them. Throws ParleyError `usage` for what is no language.
   */
  mute(muted: boolean, language?: LanguageTag): void;
  /**
   * Leaves. With `drainMs`, what was said until now is translated, spoken and captioned first, as far as that time suffices.
   * Resolves when everything is closed. Safe to call twice.
   */
  stop(options?: { drainMs?: number }): Promise<void>;
}
