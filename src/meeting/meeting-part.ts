/** Parts of a meeting: what attaches to it without the meeting knowing it. */
import type { Caption, Interruption } from '../captions/caption.js';
import type { Clock } from '../clock.js';
import type { EventSource } from '../events.js';
import type { GuardFinding } from '../interpreter/guard/guard.js';
import type { LanguageNotice } from '../interpreter/notices/language-notices.js';
import type { RouteSpec } from '../interpreter/plan/routes.js';
import type { TurnRecord } from '../interpreter/route/turn-record.js';
import type { LanguageTag } from '../languages/languages.js';
import type { Metric } from '../metrics.js';
import type { EngineName } from '../realtime/engines.js';
import type { SessionEvents } from '../realtime/session.js';
import type { LeaveReason, Participant, Room } from '../room/room.js';
import type { NoteNews } from '../agent/notes/note.js';
import type {
  AgentNews,
  MeetingEvents,
  MeetingNotice,
  MeetingPerson,
  RouteState,
  ToolNews,
} from './meeting-events.js';
import type { SpeechTime } from './listening/kept-speech.js';
import type { PersonAspect } from './people/roster.js';
import type { Said, SayOptions } from './speaking/announcer.js';
import type { MeetingSpeech } from './speaking/meeting-speech.js';

/** One route as it is now. */
export type RouteSnapshot = RouteState & {
  /** Names the route for as long as it stays. */
  readonly key: string;
  /** The route goes both ways: what is said in `to` is translated into this. */
  readonly back?: LanguageTag;
  /** Its translations are read, and never heard. */
  readonly written?: true;
  /** Fit for showing. */
  readonly speakerName: string;
  /** Who needs it, sorted. */
  readonly listenerIds: readonly string[];
  /** Its session transcribes what the speaker says. */
  readonly transcribes: boolean;
  /** Of its present session, or the last one; undefined before the first. */
  readonly engine: EngineName | undefined;
};

/** Whose words a turn is, and which way it goes. Languages are empty where they are not known. */
export type TurnAttribution = {
  readonly speakerId: string;
  readonly speakerName: string;
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
};

/** One session of a route, while it lives: for parts that follow what is said on it. */
export interface RouteSessionView {
  readonly engine: EngineName;
  /** Of the route, as it is now. */
  readonly spec: RouteSpec;
  readonly speakerName: string;
  /** Listeners hear of a turn when its record and attribution are up to date. */
  readonly events: EventSource<SessionEvents>;
  /** What is known of a turn of this session. */
  turn(turnId: string): TurnRecord | undefined;
  attributionOf(turnId: string): TurnAttribution | undefined;
  /** Of what was said at the same time as a turn of another session: this session's turn, if it has one. */
  turnOver(speech: Pick<TurnRecord, 'startMs' | 'endMs'>): TurnRecord | undefined;
  /** This turn's translation is none: it is taken back, for this reason. */
  withhold(turnId: string, finding: GuardFinding): void;
  /** Nothing is heard of this turn's translation until it is released or dropped. */
  hold(turnId: string): void;
  release(turnId: string): void;
  /** This turn is no contribution: it is interpreted and captioned for nobody. */
  drop(turnId: string): void;
}

/** What a plan came to. */
export type MeetingPlan = {
  /** Who is interpreted, or reads and hears the others. */
  readonly people: readonly MeetingPerson[];
  readonly routes: readonly RouteSpec[];
  /** The meeting's languages, as the host declares them; empty: whatever people prefer. */
  readonly declared: readonly LanguageTag[];
  /** What one can hear here: the meeting's languages, else what people prefer. */
  readonly languages: readonly LanguageTag[];
  /** Who has chosen none of them. */
  readonly undecided: readonly MeetingPerson[];
};

/** What one turn's speaker said, as it was transcribed at last. */
export type SaidSpeech = {
  /** Where one session hears everybody, whose speech began with the turn; `ROOM_SPEAKER_ID` where nobody can tell. */
  readonly speakerId: string;
  readonly turnId: string;
  readonly text: string;
  /** As the transcription reports it; absent where it does not. */
  readonly language?: LanguageTag;
  /** One session hears everybody: others may be heard in it, or have said it. */
  readonly isMixed?: boolean;
} & SpeechTime;

/** The meeting as its parts see it. */
export interface MeetingContext {
  readonly clock: Clock;
  readonly room: Pick<Room, 'participantId' | 'participants' | 'capabilities' | 'send' | 'subscribe'>;
  /** How the interpreter is called. */
  readonly name: string;
  readonly events: EventSource<MeetingEvents>;
  /** Who is here, interpreters not counted. */
  people(): readonly MeetingPerson[];
  personOf(participantId: string): MeetingPerson | undefined;
  routes(): readonly RouteSnapshot[];
  /**
   * How it sounded what somebody said at this time of the clock, 24 kHz mono PCM16; undefined where it is not kept: speech is, for
   * some seconds, of those whose words are written down (`MeetingOptions.writesDown`).
   */
  soundOf(participantId: string, time: SpeechTime): Int16Array | undefined;
  /** Milliseconds since the interpreter joined, from a time of the clock. */
  toMeetingMs(atMs: number): number;
  /** Something for whoever runs the meeting to read. */
  notice(notice: MeetingNotice): void;
  /** Tells one person something, in private. */
  notify(person: MeetingPerson, notice: LanguageNotice, interruption?: Interruption): void;
  /** Shows a caption to whoever follows this meeting's events. */
  showCaption(caption: Caption): void;
  /** Whether a voice speaks this language; others are read. */
  isSpoken(language: LanguageTag): boolean;
  /** Says a text to everyone, see `MeetingInterpreter.say`. */
  say(text: string, languages?: readonly LanguageTag[], options?: SayOptions): Promise<readonly Said[]>;
  /** For parts that speak with sessions of their own. */
  readonly speech: MeetingSpeech;
  /** What the agent does, for whoever follows this meeting's events. */
  tell(news: { readonly agent: AgentNews } | { readonly tool: ToolNews } | { readonly note: NoteNews }): void;
  /**
   * Somebody asks for other languages of theirs: `preferredLanguage` and `spokenLanguages` of these fields. Returns false where
   * nothing of them makes sense, and for whoever is not here.
   */
  choose(participantId: string, fields: Readonly<Record<string, unknown>>): boolean;
  /** What sessions are to be told has changed: they are sent what differs. */
  refreshInstructions(): void;
}

/**
 * A part of a meeting. Every hook is optional, and called at its phase: first what happened (`joined`, `changed`, `left`), then
 * `planned`. Parts are called in no particular order and must not depend on one another's. A part that throws is logged and
 * counted, and harms neither the meeting nor other parts.
 */
export interface MeetingPart {
  /** For the log. */
  readonly name: string;
  /** Once, before anything else. */
  attach?(meeting: MeetingContext): void;
  /** Somebody is here, interpreters included. */
  joined?(person: MeetingPerson, participant: Participant): void;
  /** Somebody's name or metadata changed, as they say themselves. */
  updated?(participant: Participant): void;
  /** This of a person is another from now on. */
  changed?(person: MeetingPerson, what: PersonAspect): void;
  left?(person: MeetingPerson, reason: LeaveReason | undefined): void;
  /** Routes are in line with who is here. */
  planned?(plan: MeetingPlan): void;
  /** A session of a route was made, and is about to connect. */
  session?(session: RouteSessionView): void;
  /** A route's session opened, closed, failed, or is reconnecting. */
  route?(route: RouteSnapshot): void;
  /** What somebody said, unless it was the interpreter's own voice. */
  said?(said: SaidSpeech): void;
  /** A turn's translation is about to be taken back. */
  doubted?(turnId: string, finding: GuardFinding): void;
  /** A turn is no contribution to the meeting: it is as if nothing had been said. */
  dropped?(turnId: string): void;
  /** A translation is heard from now on, was cut, or left to captions; of our own texts that they are heard. */
  played?(turn: TurnRecord, what: 'heard' | 'cut' | 'captions_only'): void;
  /** The interpreter itself said this, in this language. */
  announced?(text: string, language: LanguageTag): void;
  /** One person is to be told something, in private. */
  notified?(person: MeetingPerson, notice: LanguageNotice, interruption?: Interruption): void;
  /** A caption as it is now. */
  caption?(caption: Caption): void;
  /** The meeting is being left: nothing new begins; what was said is still translated. */
  closing?(): void;
  /** Nothing more is said. What is still to be sent is sent, within `timeoutMs`; 0: we are not in the meeting any more. */
  flush?(timeoutMs: number): Promise<void>;
  /** The meeting was left. */
  closed?(): void | Promise<void>;
  /** Numbers of this part. */
  metrics?(): readonly Metric[];
}
