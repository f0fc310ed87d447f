/** wrtc as far as a test can see it, without the native addon. */
import { EventEmitter } from 'node:events';
import type {
  AudioSink,
  PeerConnection,
  SdkTrack,
  SinkData,
  Wrtc,
} from '../../../src/room/webrtc/wrtc-types.js';

export class FakeTrack implements SdkTrack {
  readonly kind = 'audio';
  readyState: 'live' | 'ended' = 'live';

  stop(): void {
    this.readyState = 'ended';
  }
}

export class FakeConnection extends EventEmitter implements PeerConnection {
  connectionState = 'new';
  localSdp = '';
  remoteSdp = '';
  readonly transceivers: { sender: { getStats?: () => Promise<Map<string, unknown>> } }[] = [];
  /** How often a sender was read. */
  asked = 0;

  addTransceiver(): { sender: object } {
    const sender = {};
    const count = (): number => ++this.asked;
    class Transceiver {
      get sender(): object {
        count();
        return sender;
      }
    }
    const transceiver = new Transceiver();
    this.transceivers.push(transceiver);
    return transceiver;
  }

  /** wrtc writes it out while its own thread adds to it: nobody may ask. */
  get localDescription(): never {
    throw new Error('read while candidates are gathered');
  }

  setLocalDescription(description: { sdp: string }): Promise<void> {
    if (description.sdp === '') return Promise.reject(new Error('no SDP'));
    this.localSdp = description.sdp;
    return Promise.resolve();
  }

  setRemoteDescription(description: { sdp: string }): Promise<void> {
    this.remoteSdp = description.sdp;
    return Promise.resolve();
  }

  getStats(): Promise<Iterable<[string, { type: string }]>> {
    return Promise.resolve([
      ['a', { type: 'outbound-rtp' }],
      ['b', { type: 'candidate-pair' }],
    ]);
  }

  addEventListener(name: string, listener: () => void): void {
    this.on(name, listener);
  }

  become(state: string): void {
    this.connectionState = state;
    this.emit('connectionstatechange');
  }

  close(): void {
    this.connectionState = 'closed';
  }
}

/** Everything that was made through it, in order. */
export type FakeWrtc = Wrtc & {
  connections: FakeConnection[];
  sinks: (AudioSink & { track: SdkTrack; stopped: boolean })[];
  sources: { tracks: FakeTrack[]; frames: SinkData[] }[];
};

export function createFakeWrtc(): FakeWrtc {
  const connections: FakeConnection[] = [];
  const sinks: FakeWrtc['sinks'] = [];
  const sources: FakeWrtc['sources'] = [];
  return {
    connections,
    sinks,
    sources,
    MediaStream: class {
      readonly #tracks: readonly SdkTrack[];
      constructor(tracks: readonly SdkTrack[] = []) {
        this.#tracks = tracks;
      }
      getTracks(): SdkTrack[] {
        return [...this.#tracks];
      }
    },
    MediaStreamTrack: { prototype: {} },
    RTCPeerConnection: class extends FakeConnection {
      constructor() {
        super();
        connections.push(this);
      }
    },
    nonstandard: {
      RTCAudioSink: class {
        dispatchEvent: AudioSink['dispatchEvent'] = () => undefined;
        stopped = false;
        readonly track: SdkTrack;
        constructor(track: SdkTrack) {
          this.track = track;
          sinks.push(this);
        }
        stop(): void {
          this.stopped = true;
        }
      },
      RTCAudioSource: class {
        readonly tracks: FakeTrack[] = [];
        readonly frames: SinkData[] = [];
        constructor() {
          sources.push(this);
        }
        createTrack(): FakeTrack {
          const track = new FakeTrack();
          this.tracks.push(track);
          return track;
        }
        onData(data: SinkData): void {
          this.frames.push({ ...data, samples: data.samples.slice() });
          for (const sink of sinks) {
            const hears = this.tracks.some((track) => track === sink.track && track.readyState === 'live');
            if (hears && !sink.stopped) sink.dispatchEvent({ ...data, samples: data.samples.slice() });
          }
        }
      },
    },
  };
}
