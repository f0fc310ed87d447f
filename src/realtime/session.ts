/**
 * The port to a speech-to-speech session: one speaker's audio in, one translation out. Times are milliseconds of the
 * meeting's clock (in replay, the recording's) unless a name says otherwise; audio is 24 kHz mono PCM16.
 */
import type { ParleyError } from '../errors.js';
import type { EventSource } from '../events.js';
import type { AudioChunk } from './uplink/audio-chunk.js';
import type { EngineAbilities } from './engines.js';
import type { SessionTools, ToolCalls } from './session-tools.js';
import type { SessionUsage } from './usage.js';

/**
 * Where a session is in its life. `reconnecting`: the connection was lost, for the reason given, and a new one is being opened;
 * `ready` follows, or `ended`. `ended` is final; `error` is set when it did not end because it was asked to.
 */
export type SessionState =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'ready' }
  | { kind: 'reconnecting'; error: ParleyError }
  | { kind: 'draining' }
  | { kind: 'ended'; error?: ParleyError };

/** One stretch of speech as the server heard it: bounds of the speech itself, padding and trailing silence removed. */
type TurnBounds = { turnId: string; startMs: number; endMs: number };

/** How the translation of a turn ended. `empty`: there was nothing to say (speech already in the target language). */
export type TurnOutcome = 'completed' | 'empty' | 'cancelled' | 'incomplete' | 'failed';

/** Something the caller may want to see, count or show; never fatal. */
export type SessionNotice = {
  kind:
    | 'benign_error' // the server refused something that had become moot
    | 'server_error' // the server reported an error that leaves the session open
    | 'update_rejected' // a session.update was not applied: the session runs on with its old configuration
    | 'response_failed'
    | 'response_retried' // it failed, and is asked for once more
    | 'reconnected' // the message says for how long the connection was gone, and what was lost
    | 'rotated' // a session that was about to expire was replaced by another
    | 'response_incomplete'
    | 'unknown_event'
    | 'malformed_event' // reported once per kind
    | 'audio_dropped' // stale uplink audio, oldest first
    | 'transcription_failed'
    | 'turn_abandoned'; // no commit or no answer came in time
  message: string;
  /** The server's error code or event type, where there is one. */
  code?: string;
  /** The server's `param`, where there is one. */
  param?: string;
  turnId?: string;
};

/** Words were said in here, nobody tells when exactly. Milliseconds. */
export type TimeWindow = { readonly fromMs: number; readonly toMs: number };

/** The events of a session. `outputId` names one spoken item, unique over all sessions of a process. */
export type SessionEvents = {
  state: [state: SessionState];
  /** Someone started to speak; `startMs` is when, not when the server noticed. */
  speechStarted: [speech: { turnId: string; startMs: number }];
  speechStopped: [bounds: TurnBounds];
  turnCommitted: [bounds: TurnBounds];
  /**
   * What was said: `text` is all of it so far. `language` is its BCP 47 code as the transcription reports it, where that
   * is one language: with the final text, and only by models that tell (`gpt-transcribe`).
   */
  sourceTranscript: [
    transcript: {
      turnId: string;
      text: string;
      final: boolean;
      language?: string;
      /** When the end of `text` was said, by services that tell: of the meeting. */
      said?: TimeWindow;
    },
  ];
  /** Translated speech, in order; nothing comes for an item after it was cut. */
  audio: [audio: { turnId: string; outputId: string; pcm: Int16Array }];
  /** No more audio will come for this item. */
  audioEnded: [audio: { turnId: string; outputId: string }];
  /** What is being said in the translation: `text` is all of it so far, spoken or not. */
  translationTranscript: [
    transcript: {
      turnId: string;
      text: string;
      final: boolean;
      /** When the end of `text` is said, by services that tell: since its voice began. */
      spoken?: TimeWindow;
    },
  ];
  /** The model calls functions; only in a session that has tools ({@link InterpretingSession.tools}). */
  toolCalls: [calls: ToolCalls];
  turnDone: [turn: { turnId: string; outcome: TurnOutcome; detail?: string }];
  /** Something that the server bills. */
  usage: [usage: SessionUsage];
  notice: [notice: SessionNotice];
};

/** What a session counts over its life. */
export type SessionCounters = {
  audioSentMs: number;
  /** Held back for a slow connection beyond the bound, oldest first. */
  audioDroppedMs: number;
  /** Said while the connection was gone, and too old to be answered when it was back. */
  staleAudioDroppedMs: number;
  silenceFedMs: number;
  /** Audio of translations as it came, filler included. */
  audioReceivedMs: number;
  /** Zeros that a continuous engine sends while it says nothing, left out. */
  fillerDroppedMs: number;
  /** Speech left to captions, since listeners would have been too far behind. */
  lateAudioDroppedMs: number;
  turns: number;
  responses: number;
  /** Failed ones that were asked for once more. */
  responsesRetried: number;
  continuations: number;
  truncations: number;
  /** Items of turns that are over, taken out of the conversation. */
  itemsDeleted: number;
  lateDeltas: number;
  /** Times that a model which is to interpret handed work over: it disobeyed. */
  delegations: number;
  /** Sessions billed by time that ended without telling how long they were: the cost is more than was told. */
  endsWithoutUsage: number;
  unknownEvents: number;
  malformedEvents: number;
  benignErrors: number;
  /** Connections that were lost and replaced. */
  reconnects: number;
  /** Connections that were replaced before they expired. */
  rotations: number;
  /** How often a listener of the session threw. */
  listenerErrors: number;
};

/** What became of an item's audio in playback, told to the session that made it. */
export type CutItem = {
  outputId: string;
  /** Milliseconds of this item really played (a fade-out included). */
  playedMs: number;
  /** Everything received so far was played and the item had ended: nothing was cut. */
  heardToEnd: boolean;
};

/** A session with a speech engine: one speaker's audio in, speech out, turn by turn. */
export interface SpeechSession {
  /** What its engine can do. */
  readonly capabilities: EngineAbilities;
  readonly events: EventSource<SessionEvents>;
  readonly state: SessionState;
  readonly counters: Readonly<SessionCounters>;
  /** Nothing is open: no turn, no wanted response, no audio held back. */
  readonly idle: boolean;

  /**
   * Opens the connection and configures it. Resolves when ready; rejects with a ParleyError that says what to do. A session that is
   * patient is `reconnecting` meanwhile, where trying again may help.
   */
  connect(): Promise<void>;
  /**
   * The speaker's next chunk; all sessions that hear a speaker are given the same. Before `ready` and while `reconnecting` it is
   * held back, bounded.
   */
  appendAudio(chunk: AudioChunk): void;
  /** The speaker's frames stop here (mute, leaving, end of recording): the open turn is brought to its end. */
  endOfSpeech(): void;
  /**
   * Makes a turn of what the speaker has said until now, although they go on: what follows becomes another turn. Does
   * nothing where no speech is open, where audio is held back, and where the server makes the responses (it would make
   * none for such a turn).
   */
  commitTurn(): void;
  /** Playback of these items was cleared; those of other sessions are ignored. Oldest first. */
  cut(items: readonly CutItem[]): void;
  /** Stops taking audio, finishes the open turns, waits for their translations up to `drainMs`, then ends. */
  close(drainMs?: number): Promise<void>;
}

/** Interprets one speaker into one language. */
export interface InterpretingSession extends SpeechSession {
  /** What can be chosen of how it interprets; undefined where its engine takes no instructions. */
  readonly controls: SessionControls | undefined;
  /** Absent where it was opened without tools, as sessions that interpret are. */
  readonly tools?: SessionTools | undefined;

  /**
   * Whether what is said is transcribed, and in which language (a language subtag) where that is known; before `connect`
   * it becomes the first setting. A session whose configuration names no model never transcribes.
   */
  setTranscription(transcription: { language?: string } | undefined): void;
  /** While true no further turn is asked to be spoken (playback is full); what is being spoken goes on. */
  holdTurns(hold: boolean): void;
  /**
   * The translation of this turn is not wanted any more: it is not asked for, or cancelled where it is being made, and later
   * turns are not told of it. Its turn is done soon, if it was not.
   */
  cancelTurn(turnId: string): void;
}

/** What a session can be told whose engine follows instructions ({@link EngineAbilities}). */
export interface SessionControls {
  /** Replaces the instructions; before `connect` they become the first ones. */
  setInstructions(instructions: string): void;
  /** Replaces the voice; after the first audio this opens a new connection, since the API refuses the change. */
  setVoice(voice: string): void;
  /**
   * How fast translations are spoken, 0.25 to 1.5 (1 is the model's own pace), from the next response on; before `connect`
   * it becomes the first setting. Throws ParleyError `config` out of that range.
   */
  setSpeed(speed: number): void;
  /**
   * Whether translations are spoken; otherwise they are written only, which costs less, where the engine can. From the next
   * response on; before `connect` it becomes the first setting.
   */
  setSpoken(spoken: boolean): void;
  /**
   * Has a text of ours spoken, as the instructions say, behind what is being translated: a turn without speech, told by
   * `turnCommitted` and what follows it. Does nothing unless the session is ready, or where the server makes the responses.
   */
  speak(text: string): void;
}
