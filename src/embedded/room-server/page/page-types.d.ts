/** Shapes that the page's modules share. Everything that a participant says of themselves is untrusted text. */
import type { Caption, Meeting, MeetingParticipant } from './parley-client.js';
import type { TextKey } from './text-keys.d.ts';

/** What the server gives one person to join with. */
export type Entry = {
  token: string;
  /** The room's own id, whatever name for it the address has. */
  meetingId: string;
  participantId: string;
  /** `host:port`, without a scheme. */
  signalingBaseUrl: string;
};

/** One language that can be chosen. */
export type LanguageChoice = {
  tag: string;
  /** In itself. */
  name: string;
  /** In the languages of the page's texts. */
  names: readonly string[];
};

/** What the server offers to choose from. */
export type Catalogue = {
  /** Languages that the page has texts in. */
  texts: readonly string[];
  languages: readonly LanguageChoice[];
  /** By language, what can be said in the person's place. */
  phrases: Readonly<Record<string, readonly { id: string; text: string }[]>>;
};

/** A caption as it stands on the screen, and is kept for a reload. All texts are untrusted. */
export type ShownCaption = Pick<
  Caption,
  | 'key'
  | 'kind'
  | 'speakerId'
  | 'speakerName'
  | 'sourceText'
  | 'sourceLanguage'
  | 'translatedText'
  | 'targetLanguage'
  | 'final'
  | 'mark'
  | 'cutReason'
  | 'sentAtMs'
> & { isYou: boolean };

/** Someone in the meeting. */
export type Person = {
  id: string;
  name: string;
  /** The language they asked for, as they wrote it. */
  preferredLanguage: string;
  /** Of an interpreter's voice of one language, that language; empty for everyone else. */
  channel: string;
  isMicOn: boolean;
  isYou: boolean;
};

/** Where the connection to the meeting is in its life; `left` is final. */
export type ConnectionState =
  | { kind: 'connecting' }
  /** Somebody has to let us in. */
  | { kind: 'waiting' }
  | { kind: 'connected' }
  | { kind: 'reconnecting' }
  | { kind: 'left'; wasAsked: boolean; text: TextKey; code: number };

/** The parts of `@videosdk.live/js-sdk` 1.1.1 that the page uses beside those that Parley's client does, as they behave. */
export interface SdkParticipant extends MeetingParticipant {
  readonly displayName?: unknown;
  readonly micOn: boolean;
  on(event: 'stream-enabled' | 'stream-disabled' | 'media-status-changed', listener: () => void): void;
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

export interface SdkMeeting extends Meeting {
  readonly localParticipant: SdkParticipant;
  join(): Promise<void>;
  leave(): Promise<void>;
  /** Sends this stream in the microphone's place. */
  changeMic(stream: MediaStream): Promise<void>;
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
