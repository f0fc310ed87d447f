/**
 * The port to a meeting: being in a room, hearing everyone on their own track, speaking through one track, exchanging
 * data. Adapters: `videosdk/` and `stream/` (real meetings), `testing/` (a scripted one on any clock). Times are
 * milliseconds of the adapter's clock.
 */
import type { AudioFrame } from '../../audio/index.js';
import type { ParleyError } from '../errors.js';
import type { EventSource } from '../events.js';
import type { Metric } from '../metrics.js';

/** Someone in the room. `name` and `metadata` are what they say of themselves: untrusted text. */
export type Participant = {
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** An interpreter of ours, told by its participant id: never listened to. */
  readonly isBot: boolean;
};

/** Why a participant, or we, are not in the room any more. */
export type LeaveReason = {
  kind:
    | 'asked' // leave() was called
    | 'removed' // by a moderator, or by the API
    | 'room_closed'
    | 'duplicate' // somebody joined with the same participant id
    | 'denied' // the entry was refused, or nobody answered in the lobby
    | 'refused' // token, meeting id, quota: the service will not have us
    | 'lost'; // the connection is gone for good
  /** The service's own code, where it gave one. */
  code?: number;
  /** One line for a person. */
  message: string;
};

/** Where a room is in its life; `left` is final. */
export type RoomState =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'connected' }
  | { kind: 'reconnecting' }
  | { kind: 'left'; reason: LeaveReason; error?: ParleyError };

/** A message of the room's data channel. `text` and `payload` are untrusted. */
export type DataMessage = {
  topic: string;
  senderId: string;
  text: string;
  payload: Readonly<Record<string, unknown>>;
};

/** How a message goes out: to these participants only, and kept for those who come later, as far as the room can. */
export type PublishOptions = {
  sendOnly?: readonly string[];
  persist?: boolean;
  payload?: Readonly<Record<string, unknown>>;
};

/** What the data channel of a room can do beside reaching everyone who is there. */
export type RoomCapabilities = {
  /** A message can go to some participants only (`sendOnly`). */
  readonly directedData: boolean;
  /** The room keeps messages for those who come later (`persist`). */
  readonly keptData: boolean;
};

/** What a room tells. Nothing is told of ourselves. */
export type RoomEvents = {
  state: [state: RoomState];
  participantJoined: [participant: Participant];
  /** Name or metadata changed; the id stays. */
  participantChanged: [participant: Participant];
  participantLeft: [participant: Participant, reason: LeaveReason | undefined];
  /** A participant's microphone is on from here; frames follow through `onAudio`. */
  audioStarted: [participantId: string];
  /** Muted, gone, or the connection is down: no more frames come until `audioStarted`. */
  audioStopped: [participantId: string];
  /** A participant's shared screen has sound from here on, and no more. */
  shareAudioStarted: [participantId: string];
  shareAudioStopped: [participantId: string];
  /** Something worth a line in a log; never fatal. */
  notice: [message: string];
};

/** What is published: `pull` fills one 10 ms frame of 480 samples (48 kHz, mono) that is heard at `atMs`. */
export interface TrackSource {
  pull(out: Int16Array, atMs: number): void;
  /** Nothing is queued or sounding: until it wakes, `pull` would give silence and need not be called. Absent: never. */
  readonly idle?: boolean;
  /** Calls `listener` whenever there is something to pull again. Returns the way back. */
  onWake?(listener: () => void): () => void;
}

/**
 * Takes one frame of a participant. The samples are valid during the call; rate and channel count may differ from frame
 * to frame. `atMs` is the time of the first sample.
 */
export type OnAudio = (participantId: string, frame: AudioFrame, atMs: number) => void;

/** One meeting, joined once. */
export interface Room {
  readonly capabilities: RoomCapabilities;
  readonly events: EventSource<RoomEvents>;
  readonly state: RoomState;
  /** Our own id in the room. */
  readonly participantId: string;
  /** Everyone else, by id. */
  readonly participants: ReadonlyMap<string, Participant>;

  /** Resolves when we are in the meeting; rejects with a ParleyError that says what to do, after which `state` is `left`. */
  join(): Promise<void>;
  /** Leaves; safe in every state and to call twice. Resolves when nothing of the meeting is left in this process. */
  leave(): Promise<void>;
  /**
   * Where participants' audio goes, and the sound of screens that they share; without `onShareAudio` that is not received. Bots'
   * audio is never delivered. Set before `join`.
   */
  listen(onAudio: OnAudio, onShareAudio?: OnAudio): void;
  /** Publishes one audio track fed by `source`, from joining on; it survives mutes and reconnects. Set before `join`. */
  publish(source: TrackSource): void;
  /** Sends a message. What the room cannot do ({@link Room.capabilities}) is not asked of it. Rejects with a ParleyError when it could not be sent. */
  send(topic: string, text: string, options?: PublishOptions): Promise<void>;
  /** Numbers of this adapter, for a monitor; absent: it counts nothing. */
  metrics?(): readonly Metric[];
  /** Calls `onMessage` for each message of a topic that others send, from now on and after reconnects. Returns the way back. */
  subscribe(topic: string, onMessage: (message: DataMessage) => void): () => void;
}

/** Participant ids of interpreters begin with this, so that one never listens to another. */
export const BOT_ID_PREFIX = 'parley-';

/** Whether a participant id is an interpreter's. Names say nothing: anyone may call themselves Parley. */
export function isBotId(participantId: string): boolean {
  return participantId.startsWith(BOT_ID_PREFIX);
}
