/** What a meeting tells, for a terminal, a record or a page. Times are milliseconds since the interpreter joined. */
import type { NoteNews } from '../agent/notes/note.js';
import type { Caption } from '../captions/caption.js';
import type { EngineName } from '../realtime/engines.js';
import type { CutCause, PlaybackFate } from '../interpreter/route/route.js';
import type { LanguageTag } from '../languages/languages.js';
import type { LeaveReason, RoomState } from '../room/room.js';

/** Someone in the meeting. `name` is made fit for showing; it proves nothing. */
export type MeetingPerson = {
  readonly id: string;
  readonly name: string;
  /** An interpreter: never listened to. */
  readonly isBot: boolean;
  /** What they speak; empty when it is not known. */
  readonly speaks: readonly LanguageTag[];
  /** What they prefer to hear; undefined when it is not known. */
  readonly prefers: LanguageTag | undefined;
  /** What they speak was heard, not said. */
  readonly heard: boolean;
  /** What they gave for a language and is none that is known, fit for showing; absent otherwise. */
  readonly unread?: string;
  /** What they say is not for the agent, notes and minutes, by their own word or the host's; absent otherwise. */
  readonly agent?: false;
  /** The host wants them not to be interpreted; absent otherwise. */
  readonly interpret?: false;
};

/** Something for whoever runs the meeting to read; never fatal. `message` is one line without personal texts but names. */
export type MeetingNotice = {
  kind:
    | 'language_unknown' // nobody knows what this person prefers to hear
    | 'session_failed' // one route is silent until its session is open again
    | 'session_notice' // a session tells of something that costs quality
    | 'engine' // a route is interpreted by another engine than was meant for it, or that engine cannot do all that is asked
    | 'guard' // what was said as a translation was none, and was taken back
    | 'interruption' // a session lost its connection, and opens another
    | 'budget' // most of it is spent, or all of it
    | 'other_interpreter' // it says and costs everything once more
    | 'at_cap' // somebody is not interpreted: too many sessions are open
    | 'audio_unusable'
    | 'quiet_microphone' // somebody's speech has to be raised
    | 'share_audio' // a shared screen has sound, and what becomes of it
    | 'one_room' // two microphones hear the same people: that is interpreted once
    | 'captions_unsent'
    | 'profile' // somebody's profile is used, or profiles cannot be had
    | 'glossary' // terms of it are not used
    | 'agent' // it could not do what it was asked, or one of its tools is not there
    | 'voices' // which languages are heard has changed, and why
    | 'room';
  message: string;
  participantId?: string;
};

/** One route's session. */
export type RouteState = {
  readonly speakerId: string;
  /** Undefined: what they say is only written down. */
  readonly to: LanguageTag | undefined;
  readonly state: 'opening' | 'open' | 'reconnecting' | 'closed' | 'failed';
};

/** Which engine interprets a route, why, and what that costs in US dollars per hour, where something is billed. */
export type RouteEngineChoice = {
  readonly speakerId: string;
  readonly to: LanguageTag | undefined;
  readonly engine: EngineName;
  readonly reason: string;
  /** Of speech for the conversation engine, of the open session for the translate engine; an estimate. */
  readonly usdPerHour: number | undefined;
};

/** What a route's session was told. `text` holds what is private to people: for whoever asks to see it, never for a record. */
type RouteInstructions = {
  readonly speakerId: string;
  readonly to: LanguageTag;
  readonly text: string;
};

/** What became of one turn's translation in the room. */
export type TurnPlayback = {
  readonly turnId: string;
  /** With one session for the room: whom our own speech detector heard begin; empty, and `to` is `und`, where that does not tell. */
  readonly speakerId: string;
  readonly to: LanguageTag;
  /**
   * First heard, heard to an end, cut before it, left to captions because too much was waiting, or taken back. What is first heard while
   * it is still being said is told as heard again at the end of the speech, with the delay.
   */
  readonly what: PlaybackFate;
  /** Of one that is cut. */
  readonly why?: CutCause;
  /** From the end of the speech to the first audible frame of its translation, negative where that came before the end. */
  readonly firstAudioDelayMs: number | undefined;
  /**
   * When it fell silent, by the meeting's clock: of one that was cut, and of one that had been heard to its end before that was
   * certain.
   */
  readonly silentAtMs?: number;
};

/** What the meeting agent does. `text` is untrusted: what somebody asked, or what the model answered. */
export type AgentNews = {
  /**
   * `opened` and `closed`: its session; `asked`: somebody asks; `answering`: its answer is heard from now on; `answered`: it is over;
   * `passed`: there was nothing to say; `hushed`: it was told to be quiet; `refused`, `failed`: nothing comes of it.
   */
  readonly what:
    'opened' | 'closed' | 'asked' | 'answering' | 'answered' | 'passed' | 'hushed' | 'refused' | 'failed';
  /** Which question this is about, where it is about one. */
  readonly askId?: string;
  /** The participant; missing where nobody in the meeting asked. */
  readonly askedBy?: string;
  /** How it was asked: by voice, in the chat, by message, by a host's program, or by an open question. */
  readonly how?: 'voice' | 'chat' | 'message' | 'api' | 'open_question';
  readonly text?: string;
  readonly language?: LanguageTag;
  /** Of `answering`: from the question to the first audible frame of the answer. */
  readonly firstAudioMs?: number;
  /** Of `answered`: it was silenced before its end. */
  readonly cut?: true;
};

/** What becomes of a call of the meeting agent. `arguments` is JSON text as the model wrote it, and `result` text: both untrusted. */
export type ToolNews = {
  /** `asking`: somebody has to approve it, within a minute; `over`: see `outcome`. */
  readonly what: 'called' | 'asking' | 'approved' | 'denied' | 'over';
  readonly callId: string;
  readonly tool: string;
  readonly arguments: string;
  /** What it may do; missing for a tool that is not there. */
  readonly level?: 'read' | 'write' | 'confirm' | 'host';
  readonly askedBy?: string;
  /** Who approved or denied it: a participant, or whom the host's program names. */
  readonly decidedBy?: string;
  readonly outcome?:
    'done' | 'failed' | 'unknown_tool' | 'invalid_arguments' | 'denied' | 'unanswered' | 'hosts_only';
  /** What it gave back, at most 4,000 characters, or why it gave back nothing. */
  readonly result?: string;
  readonly durationMs?: number;
  /** The model had been told that it was still running. */
  readonly wasLate?: true;
};

/** How far one translation was behind its speaker, once it was heard to its end: its ear-voice span. */
export type TurnSpan = {
  readonly turnId: string;
  readonly speakerId: string;
  readonly to: LanguageTag;
  readonly engine: EngineName;
  readonly spanMs: number;
  /** By the times of words; otherwise by those of the whole phrase. */
  readonly byWord: boolean;
};

export type MeetingEvents = {
  state: [state: RoomState];
  joined: [person: MeetingPerson];
  /** Name or languages changed. */
  changed: [person: MeetingPerson];
  left: [person: MeetingPerson, reason: LeaveReason | undefined];
  /** By our own speech detector, whether or not it is translated. */
  speaking: [speech: { participantId: string; speaking: boolean }];
  /** Four times a second for everyone whose microphone is on: the loudest RMS level meanwhile. */
  level: [level: { participantId: string; levelDbfs: number }];
  /** The present state of a turn's caption, as often as it changes. */
  caption: [caption: Caption];
  playback: [playback: TurnPlayback];
  span: [span: TurnSpan];
  route: [route: RouteState];
  /** At a route's first session, and whenever its engine changes. */
  engine: [choice: RouteEngineChoice];
  /** A session was opened with these instructions, or was sent them in place of others. */
  instructions: [instructions: RouteInstructions];
  notice: [notice: MeetingNotice];
  agent: [news: AgentNews];
  tool: [news: ToolNews];
  /** What becomes of a note of the agent. */
  note: [news: NoteNews];
  /** The meeting ends by itself, for this reason. */
  ending: [why: string];
};
