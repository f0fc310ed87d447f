/**
 * The parts of `@roamhq/wrtc` 0.10.0 that are used, as they behave. The package declares itself in terms of a browser's
 * globals, which this project does not have.
 */

/** An audio track as wrtc makes it. */
export interface SdkTrack {
  readonly kind: string;
  readonly readyState: 'live' | 'ended';
  stop(): void;
}

export interface SdkMediaStream {
  getTracks(): SdkTrack[];
}

/** One frame that `RTCAudioSink` delivers: 10 ms, rate and channels may change from frame to frame. */
export type SinkData = {
  samples: Int16Array;
  sampleRate: number;
  bitsPerSample: number;
  channelCount: number;
  numberOfFrames: number;
};

export interface AudioSink {
  /** Called by wrtc with each frame; its own one hands it to `ondata` and listeners. */
  dispatchEvent: (data: SinkData) => void;
  stop(): void;
}

/** Takes exactly 10 ms at a time, in an array over its whole buffer; it has no queue and no pace of its own. */
export interface AudioSource {
  createTrack(): SdkTrack;
  onData(data: SinkData): void;
}

export type SessionDescription = { type: string; sdp: string };

export interface PeerConnection {
  readonly connectionState: string;
  addTransceiver(trackOrKind: unknown, init?: { direction?: string }): { sender: object };
  readonly localDescription: SessionDescription | null;
  setLocalDescription(description: SessionDescription): Promise<void>;
  setRemoteDescription(description: SessionDescription): Promise<void>;
  getStats(): Promise<Iterable<[string, { type: string }]>>;
  addEventListener(name: 'connectionstatechange', listener: () => void): void;
  close(): void;
}

/** What `@roamhq/wrtc` exports. */
export type Wrtc = {
  MediaStream: new (tracks?: readonly SdkTrack[]) => SdkMediaStream;
  MediaStreamTrack: { prototype: object };
  RTCPeerConnection: new (configuration?: unknown) => PeerConnection;
  nonstandard: {
    RTCAudioSink: new (track: SdkTrack) => AudioSink;
    RTCAudioSource: new () => AudioSource;
  };
};
