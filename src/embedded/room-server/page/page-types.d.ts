/** Shapes that the page's modules share. Everything that a participant says of themselves is untrusted text. */
import type { Meeting, MeetingParticipant } from './parley-client.js';

/** What the server gives one person to join with. */
export type Entry = {
  token: string;
  /** The room's own id, whatever name for it the address has. */
  meetingId: string;
  participantId: string;
  /** `host:port`, without a scheme. */
  signalingBaseUrl: string;
};

/** Someone in the meeting. */
export type Person = {
  id: string;
  name: string;
  /** The language they asked for, as they wrote it. */
  preferredLanguage: string;
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
  | { kind: 'left'; wasAsked: boolean; message: string };

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
