/** Shapes that the page's modules share. Everything that a participant says of themselves is untrusted text. */

/** What the server gives one person to join with. */
export type Entry = {
  token: string;
  /** The room's own id, whatever name for it the address has. */
  meetingId: string;
  participantId: string;
  /** `host:port`, without a scheme. */
  signalingBaseUrl: string;
  /** Interpreters that the server vouches for. */
  botIds: readonly string[];
};

/** Someone in the meeting. */
export type Person = {
  id: string;
  name: string;
  /** The language they asked for, as they wrote it. */
  preferredLanguage: string;
  /** The language that this participant says it is the interpreter's voice of; empty for none. */
  channel: string;
  isMicOn: boolean;
  isYou: boolean;
};

/** As much of somebody as decides whether they are heard. */
export type Other = Pick<Person, 'id' | 'channel'>;

/** What a voice is for the listener. */
export type Role = 'original' | 'translation' | 'unheard';

/** Where the line to the meeting is in its life; `left` is final. */
export type LineState =
  | { kind: 'connecting' }
  /** Somebody has to let us in. */
  | { kind: 'waiting' }
  | { kind: 'connected' }
  | { kind: 'reconnecting' }
  | { kind: 'left'; wasAsked: boolean; message: string };

/** One segment of what was said and how it was translated, so far. */
export type Caption = {
  /** `notice`: the interpreter's own words. */
  kind: 'speech' | 'notice';
  /** The bot's own id of the segment; a later caption of the same segment takes its place. */
  segmentId: string;
  speakerId: string;
  speakerName: string;
  sourceLanguage: string;
  targetLanguage: string;
  sourceText: string;
  translatedText: string;
  isFinal: boolean;
  /** What is to be known of the translation: cut, never spoken, not whole, or probably none. */
  mark: 'cut' | 'captions_only' | 'failed' | 'doubtful' | undefined;
  /** There is no such segment after all. */
  isWithdrawn: boolean;
};

/** One text of a caption with its language (a BCP 47 tag, or empty when it is not known). */
export type CaptionText = { text: string; language: string };

/** The parts of `@videosdk.live/js-sdk` 1.1.1 that the page uses, as they behave. */
export interface SdkStream {
  readonly id: string;
  readonly kind: string;
  readonly track: MediaStreamTrack;
}

export interface SdkParticipant {
  readonly id: string;
  readonly displayName?: unknown;
  readonly metaData?: unknown;
  readonly micOn: boolean;
  readonly streams: ReadonlyMap<string, SdkStream>;
  consumeMicStreams(): Promise<void>;
  stopConsumingMicStreams(): Promise<void>;
  on(event: 'stream-enabled' | 'stream-disabled', listener: (stream: SdkStream) => void): void;
  on(event: 'media-status-changed', listener: () => void): void;
}

export type SdkMessage = { senderId?: unknown; payload?: unknown };

export interface SdkPubSub {
  publish(topic: string, message: string, options: { persist: boolean }, payload: object): Promise<void>;
  subscribe(
    topic: string,
    listeners: { onMessageReceived: (message: SdkMessage) => void },
    options: { oldMessageLimit: number },
  ): Promise<void>;
  /** Takes the same `listeners` object as `subscribe`. */
  unsubscribe(topic: string, listeners: { onMessageReceived: (message: SdkMessage) => void }): Promise<void>;
}

type SdkReason = { code?: unknown; message?: unknown };

export type SdkMeetingEvents = {
  'meeting-joined': [joined: { peers: readonly { id: string }[] }];
  'meeting-left': [reason: SdkReason | undefined];
  'meeting-state-changed': [change: { state: string }];
  'socket-state-changed': [change: { state: string }];
  'entry-responded': [participantId: string, decision: string];
  'participant-joined': [participant: SdkParticipant];
  'participant-left': [participant: SdkParticipant];
  'speaker-changed': [participantId: string | null];
  error: [error: SdkReason];
};

export interface SdkMeeting {
  readonly localParticipant: SdkParticipant;
  readonly pubSub: SdkPubSub;
  join(): Promise<void>;
  leave(): Promise<void>;
  muteMic(): Promise<void>;
  unmuteMic(): Promise<void>;
  on<Name extends keyof SdkMeetingEvents>(
    event: Name,
    listener: (...args: SdkMeetingEvents[Name]) => void,
  ): void;
}

export interface VideoSdk {
  config(token: string): void;
  initMeeting(options: {
    meetingId: string;
    participantId: string;
    name: string;
    micEnabled: boolean;
    webcamEnabled: boolean;
    multiStream: boolean;
    autoConsume: boolean;
    debugMode: boolean;
    signalingBaseUrl: string;
    metaData: Record<string, unknown>;
  }): SdkMeeting;
}

declare global {
  interface Window {
    /** Set by the SDK's bundle. */
    VideoSDK?: VideoSdk;
  }
}
