/** The RTCPeerConnection that one evaluated SDK uses: wrtc's, with what mediasoup misses in it, and watched. */
import type { TrackOutput } from './audio-source-track.js';
import { withOpusSettings } from './opus.js';
import type { PeerConnection, SessionDescription, Wrtc } from './wrtc-types.js';

/** The reports of `RTCPeerConnection.getStats` that a sender's own `getStats` would give. */
const SENDER_REPORTS = new Set(['outbound-rtp', 'remote-inbound-rtp', 'media-source', 'track']);

/**
 * wrtc's threads call back into a connection by a bare pointer, also when it was closed in the meantime
 * (rtc_peer_connection.cc: observers are made with `this`): one that is collected too early ends the process. This many of
 * the last closed ones are kept; they hold next to nothing.
 */
const KEPT_CLOSED = 32;
const closedLately: PeerConnection[] = [];

function keepClosed(connection: PeerConnection): void {
  closedLately.push(connection);
  if (closedLately.length > KEPT_CLOSED) closedLately.shift();
}

type PeerConnectionFunction = (this: unknown, configuration?: unknown) => PeerConnection;

/** Every connection of one evaluated SDK. */
export class SdkPeerConnections {
  /** To be called with `new`, as the SDK does; it gives out wrtc's own connections behind {@link withOwnDescription}. */
  readonly RTCPeerConnection: PeerConnectionFunction;
  readonly #open = new Set<PeerConnection>();
  readonly #sending = new Set<PeerConnection>();
  readonly #onOutput: (output: TrackOutput) => void;
  readonly #givesStats: boolean;

  /**
   * `onOutput` hears what is to become of what we publish: see {@link SdkPeerConnections.output}. Without `givesStats` there are
   * none: the SDK asks for them three times a second, for the service's telemetry alone, and each is gathered on three threads.
   */
  constructor(wrtc: Wrtc, onOutput: (output: TrackOutput) => void, { givesStats = true } = {}) {
    this.#onOutput = onOutput;
    this.#givesStats = givesStats;
    const adopt = (connection: PeerConnection): void => {
      this.#adopt(connection);
    };
    this.RTCPeerConnection = function (configuration) {
      const connection = new wrtc.RTCPeerConnection(configuration);
      adopt(connection);
      return withOwnDescription(connection);
    };
  }

  /**
   * `live` while a connection that we publish through is up; `silent` while one is merely disconnected: it may be back at
   * any moment.
   */
  get output(): TrackOutput {
    let output: TrackOutput = 'off';
    for (const { connectionState } of this.#sending) {
      if (connectionState === 'connected') return 'live';
      if (connectionState === 'disconnected') output = 'silent';
    }
    return output;
  }

  closeAll(): void {
    for (const connection of this.#open) connection.close();
    this.#open.clear();
    this.#sending.clear();
  }

  #adopt(connection: PeerConnection): void {
    this.#open.add(connection);
    const addTransceiver = connection.addTransceiver.bind(connection);
    connection.addTransceiver = (trackOrKind, init) => {
      const transceiver = addTransceiver(trackOrKind, init);
      if (init?.direction === 'sendonly') this.#sending.add(connection);
      const { sender } = transceiver;
      // wrtc asks its signalling thread for the sender at every reading, and waits for it; it stays the same.
      Object.defineProperty(transceiver, 'sender', { value: sender });
      giveStats(sender, new WeakRef(connection));
      return transceiver;
    };
    const setRemoteDescription = connection.setRemoteDescription.bind(connection);
    connection.setRemoteDescription = (description: SessionDescription) =>
      setRemoteDescription(
        this.#sending.has(connection)
          ? { type: description.type, sdp: withOpusSettings(description.sdp) }
          : description,
      );
    // The SDK asks closed connections too; wrtc throws where a browser answers.
    const getStats = connection.getStats.bind(connection);
    connection.getStats = () =>
      !this.#givesStats || connection.connectionState === 'closed' ? Promise.resolve(new Map()) : getStats();
    const close = connection.close.bind(connection);
    connection.close = () => {
      const wasOpen = this.#open.delete(connection);
      const wasSending = this.#sending.delete(connection);
      close();
      if (wasOpen) keepClosed(connection);
      if (wasSending) this.#onOutput(this.output);
    };
    connection.addEventListener('connectionstatechange', () => {
      if (this.#sending.has(connection)) this.#onOutput(this.output);
    });
  }
}

/**
 * The connection, whose local description is the one that was set. wrtc would write it out anew at each reading while its
 * network thread still adds candidates to it, which ends the process now and then (a segmentation fault in
 * `webrtc::SdpSerialize`); the SDK reads it right after setting it (videosdk.js line 295). The service is on a public
 * address and asks for none of our candidates.
 */
function withOwnDescription(connection: PeerConnection): PeerConnection {
  let localDescription: SessionDescription | null = null;
  const setLocalDescription = connection.setLocalDescription.bind(connection);
  connection.setLocalDescription = async (description) => {
    await setLocalDescription(description);
    localDescription = { type: description.type, sdp: description.sdp };
  };
  return new Proxy(connection, {
    get: (target, name): unknown =>
      name === 'localDescription' ? localDescription : Reflect.get(target, name),
  });
}

/**
 * wrtc's own `getStats` of a sender rejects, which the SDK prints once a second; its prototype cannot be written to. wrtc
 * keeps senders for as long as the process lives, so that nothing may be kept by them.
 */
function giveStats(sender: object, connection: WeakRef<PeerConnection>): void {
  Object.defineProperty(sender, 'getStats', {
    value: async () => {
      const reports = [...((await connection.deref()?.getStats()) ?? [])];
      return new Map(reports.filter(([, report]) => SENDER_REPORTS.has(report.type)));
    },
  });
}
