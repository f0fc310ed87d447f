/**
 * The parts of `@videosdk.live/js-sdk` 1.1.1 that the adapter uses, as they behave. The package declares itself in terms of
 * a browser's globals, which this project does not have.
 */
import type { SdkMediaStream, SdkTrack } from '../webrtc/wrtc-types.js';

/** A stream of a participant: `id` is the consumer's, new with every unmute. */
export type SdkStream = { id: string; kind: string; track: SdkTrack };

/** Someone as the service lists them; `metaData` is what they sent, with the SDK's own keys mixed in. */
export type SdkPeer = { id: string; displayName?: unknown; metaData?: unknown };

export interface SdkParticipant extends SdkPeer {
  readonly micOn: boolean;
  readonly streams: ReadonlyMap<string, SdkStream>;
  consumeMicStreams(): Promise<void>;
  on(event: 'stream-enabled' | 'stream-disabled', listener: (stream: SdkStream) => void): void;
  on(event: 'media-status-changed', listener: (change: { kind: string; newStatus: boolean }) => void): void;
}

/** What the service says about a participant's or our own leaving. */
export type SdkReason = { code?: unknown; message?: unknown };

export type SdkMessage = {
  message: unknown;
  senderId: unknown;
  senderName: unknown;
  timestamp: unknown;
  payload?: unknown;
};

export type SdkListeners = { onMessageReceived: (message: SdkMessage) => void };

export interface SdkPubSub {
  publish(
    topic: string,
    message: string,
    options: { persist: boolean; sendOnly?: string[] },
    payload?: object,
  ): Promise<void>;
  subscribe(topic: string, listeners: SdkListeners, options: { oldMessageLimit: number }): Promise<void>;
  unsubscribe(topic: string, listeners: SdkListeners): Promise<void>;
}

/** The meeting's events, with the arguments that the SDK emits. */
export type SdkMeetingEvents = {
  'meeting-joined': [joined: { peers: SdkPeer[] }];
  'meeting-left': [reason: SdkReason | undefined];
  'meeting-state-changed': [change: { state: string }];
  'socket-state-changed': [change: { state: string }];
  'entry-responded': [participantId: string, decision: string];
  'participant-joined': [participant: SdkParticipant];
  'participant-left': [participant: SdkParticipant, reason: SdkReason | undefined];
  'mic-requested': [request: { accept: () => void }];
  error: [error: { code?: unknown; message?: unknown }];
};

export interface SdkMeeting {
  readonly participants: ReadonlyMap<string, SdkParticipant>;
  readonly pubSub: SdkPubSub;
  join(): Promise<void>;
  leave(): Promise<void>;
  on<Name extends keyof SdkMeetingEvents>(
    event: Name,
    listener: (...args: SdkMeetingEvents[Name]) => void,
  ): void;
}

/** The `VideoSDK` object of one evaluated bundle. */
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
    customMicrophoneAudioTrack?: SdkMediaStream;
    metaData: Record<string, unknown>;
    signalingBaseUrl?: string;
  }): SdkMeeting;
}
