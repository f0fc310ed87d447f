/** A running interpreter, as `interpret` gives it. */
import type { EventSource } from '../events.js';
import type { LanguageTag } from '../languages/languages.js';
import type { RouteState } from '../meeting/meeting-events.js';
import type { Said } from '../meeting/speaking/announcer.js';
import type { EngineName } from '../realtime/engines.js';
import type { RoomState } from '../room/room.js';
import type { BotEvent, BotEventMap, EventsLost } from './event-log.js';
import type { JoinCounters, JoinEventOf, JoinPerson, Latency } from './events.js';
import type { MeetingSettings } from './meeting-settings.js';
import type { StayEnd } from './stay-watch.js';

/** One route as it is now: one speaker, one target language. */
export type RouteStatus = {
  readonly speakerId: string;
  /** Undefined: what they say is only written down. */
  readonly to: LanguageTag | undefined;
  readonly state: RouteState['state'];
  /** Undefined before its first session. */
  readonly engine: EngineName | undefined;
};

/** How a meeting stands. */
export type InterpreterStatus = {
  readonly meetingId: string;
  readonly participantId: string;
  readonly state: RoomState['kind'];
  /** Wall-clock time of the start, ISO 8601, and milliseconds since then. */
  readonly startedAt: string;
  readonly atMs: number;
  /** The settings as they are in force. */
  readonly settings: MeetingSettings;
  /** Who is here with their languages, interpreters not counted. */
  readonly people: readonly JoinPerson[];
  readonly routes: readonly RouteStatus[];
  /** An estimate in US dollars; undefined where nothing is billed and there is no budget. */
  readonly cost: JoinEventOf<'status'>['cost'];
  /** From the end of a speech to the first audible frame of its translation. */
  readonly latency: Latency;
  /** What was dropped, repeated or taken back. */
  readonly counters: JoinCounters;
  /** Of this interpreter's events: how often a listener threw, and how many events slow consumers did not get. */
  readonly listenerErrors: number;
  readonly eventsLost: number;
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
   * Leaves. With `drainMs`, what was said until now is translated, spoken and captioned first, as far as that time suffices.
   * Resolves when everything is closed. Safe to call twice.
   */
  stop(options?: { drainMs?: number }): Promise<void>;
}
