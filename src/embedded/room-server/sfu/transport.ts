/**
 * One WebRTC transport of one participant, in one direction: a UDP port, ICE-lite, DTLS as the server, SRTP. On werift's
 * parts below its RTCPeerConnection, for there is no SDP here.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import {
  Event,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  type RTCIceTransport,
  type RtcpPacket,
  type RtpHeader,
  type RtpPacket,
} from 'werift';
import { answerBinding, type IceCredentials, looksLikeStun } from './stun.js';

/** AEAD_AES_128_GCM, which browsers choose, and AES_CM_128_HMAC_SHA1_80, which libwebrtc M106 does (RFC 5764, RFC 7714). */
const SRTP_PROFILES: NonNullable<ConstructorParameters<typeof RTCDtlsTransport>[3]> = [7, 1];
/** A client has a few interfaces, each with an address; more pairs than this are not remembered. */
const MAX_REMOTES = 16;
const MAX_DATAGRAM_BYTES = 2_048;

type DtlsFingerprint = { algorithm: string; value: string };

type TransportEvents = {
  onRtp: (packet: RtpPacket) => void;
  onRtcp: (packet: RtcpPacket) => void;
};

/** Where media goes: `bindAddress` is listened on, `announcedAddresses` are told to clients. */
export type MediaAddresses = { bindAddress: string; announcedAddresses: readonly string[] };

function newCredentials(): IceCredentials {
  return { usernameFragment: randomBytes(8).toString('hex'), password: randomBytes(16).toString('hex') };
}

export class MediaTransport {
  readonly id = randomUUID();
  readonly direction: 'send' | 'receive';
  readonly #socket: Socket;
  readonly #announced: readonly string[];
  readonly #dtls: RTCDtlsTransport;
  readonly #incoming = new Event<[Buffer]>();
  readonly #isFrozen: () => boolean;
  /** Address and port of every pair that has passed a check. */
  readonly #checked = new Set<string>();
  #credentials = newCredentials();
  /** Still good after an ICE restart, until a check with the new ones arrives. */
  #previousCredentials: IceCredentials | undefined;
  #remote: { address: string; port: number } | undefined;
  #state: 'new' | 'connecting' | 'connected' | 'failed' | 'closed' = 'new';
  #rejected = 0;

  private constructor(
    socket: Socket,
    dtls: (ice: RTCIceTransport) => RTCDtlsTransport,
    options: { direction: 'send' | 'receive'; addresses: MediaAddresses; isFrozen: () => boolean },
    events: TransportEvents,
  ) {
    this.#socket = socket;
    this.direction = options.direction;
    this.#announced = options.addresses.announcedAddresses;
    this.#isFrozen = options.isFrozen;
    const ice = {
      role: 'controlling',
      state: 'connected',
      stop: () => Promise.resolve(),
      connection: {
        onData: this.#incoming,
        send: (packet: Buffer) => {
          this.#send(packet);
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      },
    };
    this.#dtls = dtls(ice as unknown as RTCIceTransport); // the few members that the DTLS transport uses
    this.#dtls.role = 'server';
    this.#dtls.onRtp.subscribe(events.onRtp);
    this.#dtls.onRtcp.subscribe(events.onRtcp);
    socket.on('message', (packet, source) => this.#receive(packet, source));
    socket.on('error', () => undefined); // an unreachable port of a client that is gone
  }

  /** Opens the port. `direction` is the participant's: `send` brings media in. */
  static async open(
    options: {
      direction: 'send' | 'receive';
      addresses: MediaAddresses;
      isFrozen: () => boolean;
    },
    events: TransportEvents,
  ): Promise<MediaTransport> {
    const certificate = await RTCDtlsTransport.SetupCertificate();
    const socket = createSocket(options.addresses.bindAddress.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, options.addresses.bindAddress, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    const dtls = (ice: RTCIceTransport): RTCDtlsTransport =>
      new RTCDtlsTransport({}, ice, certificate, SRTP_PROFILES);
    return new MediaTransport(socket, dtls, options, events);
  }

  /** Datagrams that were none of the client's, or broken. */
  get rejectedCount(): number {
    return this.#rejected;
  }

  /** The answer to `createWebRtcTransport`. */
  get parameters() {
    const { port } = this.#socket.address();
    return {
      id: this.id,
      iceParameters: this.iceParameters,
      iceCandidates: this.#announced.map((address, index) => ({
        foundation: `udpcandidate${index}`,
        priority: 1_076_302_079 - index,
        ip: address,
        address,
        protocol: 'udp',
        port,
        type: 'host',
      })),
      dtlsParameters: {
        role: 'auto',
        fingerprints: this.#dtls.localParameters.fingerprints.map(({ algorithm, value }) => ({
          algorithm,
          value,
        })),
      },
    };
  }

  get iceParameters() {
    return { ...this.#credentials, iceLite: true };
  }

  /** Waits for the client's handshake. False when that has been asked before. */
  connect(role: 'client' | 'auto', fingerprints: readonly DtlsFingerprint[]): boolean {
    if (this.#state !== 'new') return false;
    this.#state = 'connecting';
    const expected = fingerprints.map(({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value));
    this.#dtls.setRemoteParams(new RTCDtlsParameters(expected, role));
    this.#dtls.start().then(
      () => {
        if (this.#state === 'connecting') this.#state = 'connected';
      },
      () => {
        if (this.#state === 'connecting') this.#state = 'failed';
      },
    );
    return true;
  }

  restartIce() {
    this.#previousCredentials = this.#credentials;
    this.#credentials = newCredentials();
    return this.iceParameters;
  }

  sendRtp(payload: Buffer, header: RtpHeader): void {
    if (this.#state !== 'connected') return;
    void this.#dtls.sendRtp(payload, header);
  }

  sendRtcp(packets: RtcpPacket[]): void {
    if (this.#state !== 'connected') return;
    this.#dtls.sendRtcp(packets).catch(() => undefined); // a report that cannot be written is not worth a call
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#incoming.allUnsubscribe();
    this.#dtls.onRtp.allUnsubscribe();
    this.#dtls.onRtcp.allUnsubscribe();
    this.#socket.close();
  }

  #send(packet: Buffer): void {
    if (this.#remote === undefined || this.#state === 'closed' || this.#isFrozen()) return;
    this.#socket.send(packet, this.#remote.port, this.#remote.address);
  }

  #receive(packet: Buffer, source: RemoteInfo): void {
    if (this.#state === 'closed' || this.#isFrozen()) return;
    try {
      if (looksLikeStun(packet)) {
        this.#check(packet, source);
      } else if (
        packet.length <= MAX_DATAGRAM_BYTES &&
        this.#checked.has(`${source.address}|${source.port}`)
      ) {
        this.#incoming.execute(packet);
      } else {
        this.#rejected++;
      }
    } catch {
      this.#rejected++; // werift throws on some broken records and packets
    }
  }

  #check(packet: Buffer, source: RemoteInfo): void {
    let answer = answerBinding(packet, this.#credentials, source);
    if (answer !== undefined) this.#previousCredentials = undefined;
    else if (this.#previousCredentials !== undefined) {
      answer = answerBinding(packet, this.#previousCredentials, source);
    }
    if (answer === undefined) {
      this.#rejected++;
      return;
    }
    const pair = `${source.address}|${source.port}`;
    if (this.#checked.size < MAX_REMOTES) this.#checked.add(pair);
    if ((this.#remote === undefined || answer.nominated) && this.#checked.has(pair)) {
      this.#remote = { address: source.address, port: source.port };
    }
    this.#socket.send(answer.reply, source.port, source.address);
  }
}
