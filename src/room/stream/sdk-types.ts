/**
 * The members of `@stream-io/video-client` that are used, as we found them to behave with 1.60.0. These are declarations of our
 * own: the package is the host's, under its vendor's licence, and nothing of it is here.
 */
import type { SdkMediaStream } from '../webrtc/wrtc-types.js';

/** Numbers of kinds of tracks. */
export const AUDIO_TRACK = 1;
export const SCREEN_SHARE_AUDIO_TRACK = 4;

/** Gives the present value at once, and each later one. */
export interface StreamObservable<Value> {
  subscribe(next: (value: Value) => void): { unsubscribe(): void };
}

/** One session of a user in a call. */
export type StreamSession = {
  readonly userId: string;
  readonly sessionId: string;
  readonly name?: unknown;
  /** A protobuf `Struct`. */
  readonly custom?: unknown;
  readonly publishedTracks: readonly number[];
  /** Stays after a mute. */
  readonly audioStream?: SdkMediaStream;
  readonly screenShareAudioStream?: SdkMediaStream;
  readonly isLocalParticipant?: boolean;
};

/** A call that may be joined. */
export interface StreamCall {
  readonly state: {
    readonly participants$: StreamObservable<readonly StreamSession[]>;
    /** `idle`, `joining`, `joined`, `reconnecting`, `migrating`, `offline`, `reconnecting-failed`, `left`. */
    readonly callingState$: StreamObservable<string>;
  };
  join(options: { maxJoinRetries: number }): Promise<unknown>;
  /** Throws where the call was left already; waits for a join that is on its way. */
  leave(): Promise<void>;
  publish(stream: SdkMediaStream, trackType: number): Promise<void>;
  /** Reaches everybody who watches the call, ourselves included. */
  sendCustomEvent(custom: Record<string, unknown>): Promise<unknown>;
  /** After so long without a connection the client gives up; 0: never. */
  setDisconnectionTimeout(seconds: number): void;
  /** Events of the service and of its media server, as they came. Returns the way back. */
  on(name: string, listener: (event: unknown) => void): () => void;
}

/** A client of one user. */
export interface StreamClient {
  connectUser(
    user: { id: string; name: string; custom: Readonly<Record<string, unknown>> },
    token: string,
  ): Promise<unknown>;
  disconnectUser(timeoutMs?: number): Promise<void>;
  call(type: string, id: string): StreamCall;
}

/** What the client is made with. */
export type StreamClientOptions = {
  baseURL?: string;
  allowServerSideConnect: boolean;
  clientEventsReportingEnabled: boolean;
  maxConnectUserRetries: number;
  logger: (...line: unknown[]) => void;
};

/** What the package exports. */
export type StreamSdk = {
  StreamVideoClient: new (apiKey: string, options: StreamClientOptions) => StreamClient;
};
