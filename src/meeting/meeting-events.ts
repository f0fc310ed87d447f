/** What a meeting tells, for a terminal, a record or a page. Times are milliseconds since the interpreter joined. */
import type { Caption } from '../captions/caption.js';
import type { PlaybackFate } from '../interpreter/route.js';
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
};

/** Something for whoever runs the meeting to read; never fatal. `message` is one line without personal texts but names. */
export type MeetingNotice = {
  kind:
    | 'language_unknown' // nobody knows what this person prefers to hear
    | 'session_failed' // one route is silent until its session is open again
    | 'session_notice' // a session tells of something that costs quality
    | 'at_cap' // somebody is not interpreted: too many sessions are open
    | 'audio_unusable'
    | 'captions_unsent'
    | 'profile' // somebody's profile is used, or profiles cannot be had
    | 'glossary' // terms of it are not used
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
  readonly state: 'opening' | 'open' | 'closed' | 'failed';
};

/** What a route's session was told. `text` holds what is private to people: for whoever asks to see it, never for a record. */
export type RouteInstructions = {
  readonly speakerId: string;
  readonly to: LanguageTag;
  readonly text: string;
};

/** What became of one turn's translation in the room. */
export type TurnPlayback = {
  readonly turnId: string;
  /** With one session for the room: whom our own ears heard begin; empty, and `to` is `und`, where that does not tell. */
  readonly speakerId: string;
  readonly to: LanguageTag;
  /** First heard, heard to an end, cut before it, or left to captions because too much was waiting. */
  readonly what: PlaybackFate;
  /** From the end of the speech to the first audible frame of its translation. */
  readonly firstAudioDelayMs: number | undefined;
};

export type MeetingEvents = {
  state: [state: RoomState];
  joined: [person: MeetingPerson];
  /** Name or languages changed. */
  changed: [person: MeetingPerson];
  left: [person: MeetingPerson, reason: LeaveReason | undefined];
  /** By our own ear, whether or not it is translated. */
  speaking: [speech: { participantId: string; speaking: boolean }];
  /** Four times a second for everyone whose microphone is on: the loudest RMS level meanwhile. */
  level: [level: { participantId: string; levelDbfs: number }];
  /** The present state of a turn's caption, as often as it changes. */
  caption: [caption: Caption];
  playback: [playback: TurnPlayback];
  route: [route: RouteState];
  /** A session was opened with these instructions, or was sent them in place of others. */
  instructions: [instructions: RouteInstructions];
  notice: [notice: MeetingNotice];
};
