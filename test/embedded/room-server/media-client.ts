/** The client's side of one WebRTC transport, on werift's parts: connectivity checks, DTLS as the client, SRTP. */
import { createSocket, type Socket } from 'node:dgram';
import {
  classes,
  Event,
  Message,
  methods,
  parseMessage,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  type RTCIceTransport,
  type RtcpPacket,
  RtpHeader,
  type RtpPacket,
} from 'werift';
import { LEVEL_EXTENSION_ID, type SignallingClient, until } from './harness.js';

type SrtpProfile = 1 | 7;

type TransportAnswer = {
  id: string;
  iceParameters: { usernameFragment: string; password: string; iceLite: boolean };
  iceCandidates: { ip: string; port: number; protocol: string; type: string }[];
  dtlsParameters: { role: string; fingerprints: { algorithm: string; value: string }[] };
};

export class MediaClient {
  readonly transportId: string;
  readonly answer: TransportAnswer;
  readonly rtp: RtpPacket[] = [];
  readonly rtcp: RtcpPacket[] = [];
  readonly #socket: Socket;
  readonly #dtls: RTCDtlsTransport;
  readonly #incoming = new Event<[Buffer]>();
  #ice: { usernameFragment: string; password: string };
  #answeredChecks = 0;

  private constructor(
    answer: TransportAnswer,
    socket: Socket,
    certificate: RTCDtlsTransport['localCertificate'],
    profiles: SrtpProfile[],
  ) {
    this.answer = answer;
    this.transportId = answer.id;
    this.#ice = answer.iceParameters;
    this.#socket = socket;
    const ice = {
      role: 'controlled',
      state: 'connected',
      stop: () => Promise.resolve(),
      connection: {
        onData: this.#incoming,
        send: (packet: Buffer) => {
          this.sendRaw(packet);
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      },
    };
    this.#dtls = new RTCDtlsTransport({}, ice as unknown as RTCIceTransport, certificate, profiles);
    this.#dtls.role = 'client';
    this.#dtls.onRtp.subscribe((packet) => this.rtp.push(packet));
    this.#dtls.onRtcp.subscribe((packet) => this.rtcp.push(packet));
    socket.on('message', (packet: Buffer) => {
      if (packet[0]! > 3) {
        this.#incoming.execute(packet);
      } else if (parseMessage(packet, Buffer.from(this.#ice.password))?.messageClass === classes.RESPONSE) {
        this.#answeredChecks++;
      }
    });
  }

  /** Asks for a transport and opens a UDP port for it. Nothing is connected yet. */
  static async create(
    signalling: SignallingClient,
    direction: 'send' | 'receive',
    profiles: SrtpProfile[] = [1],
  ): Promise<MediaClient> {
    const producing = direction === 'send';
    const answer = (await signalling.request('createWebRtcTransport', {
      preferredProtocol: 'UDP_OVER_TCP',
      producing,
      consuming: !producing,
      sctpCapabilities: {},
    })) as unknown as TransportAnswer;
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
    const certificate = await RTCDtlsTransport.SetupCertificate();
    return new MediaClient(answer, socket, certificate, profiles);
  }

  /** Connects: parameters first, then a check with nomination, then DTLS. */
  async connect(signalling: SignallingClient): Promise<void> {
    await signalling.request('connectWebRtcTransport', {
      transportId: this.transportId,
      dtlsParameters: { role: 'client', fingerprints: this.fingerprints },
    });
    await this.check();
    const { fingerprints } = this.answer.dtlsParameters;
    const expected = fingerprints.map(({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value));
    this.#dtls.setRemoteParams(new RTCDtlsParameters(expected, 'server'));
    await this.#dtls.start();
  }

  get fingerprints(): { algorithm: string; value: string }[] {
    return this.#dtls.localParameters.fingerprints.map(({ algorithm, value }) => ({ algorithm, value }));
  }

  get srtpProfile(): number | undefined {
    return this.#dtls.dtls?.srtp.srtpProfile;
  }

  /** Uses other credentials from now on, as after an ICE restart. */
  useCredentials(credentials: { usernameFragment: string; password: string }): void {
    this.#ice = credentials;
  }

  /** Sends a connectivity check; resolves when it has been answered. */
  async check(): Promise<void> {
    const before = this.#answeredChecks;
    let tries = 0;
    await until(() => {
      if (tries++ % 10 === 0) this.sendCheck(); // as agents do: a datagram may be lost
      return this.#answeredChecks > before;
    }, 'a connectivity check is answered');
  }

  get answeredChecks(): number {
    return this.#answeredChecks;
  }

  sendCheck(credentials = this.#ice): void {
    const request = new Message(methods.BINDING, classes.REQUEST);
    request.setAttribute('USERNAME', `${credentials.usernameFragment}:client`);
    request.setAttribute('PRIORITY', 1_853_693_695);
    request.setAttribute('ICE-CONTROLLING', 1n);
    request.setAttribute('USE-CANDIDATE', null);
    request.addMessageIntegrity(Buffer.from(credentials.password)).addFingerprint();
    this.sendRaw(request.bytes);
  }

  sendRaw(packet: Buffer): void {
    const { ip, port } = this.answer.iceCandidates[0]!;
    this.#socket.send(packet, port, ip);
  }

  /** One packet; `levelDbov` goes into the audio level extension. */
  sendRtp(
    payload: string,
    header: {
      ssrc: number;
      payloadType: number;
      sequenceNumber: number;
      timestamp?: number;
      levelDbov?: number;
    },
  ): void {
    const { levelDbov, ...fields } = header;
    const extensions =
      levelDbov === undefined ? [] : [{ id: LEVEL_EXTENSION_ID, payload: Buffer.from([0x80 | -levelDbov]) }];
    const full = new RtpHeader({ timestamp: header.sequenceNumber * 960, ...fields, extensions });
    void this.#dtls.sendRtp(Buffer.from(payload), full);
  }

  async sendRtcp(packets: RtcpPacket[]): Promise<void> {
    await this.#dtls.sendRtcp(packets);
  }

  close(): void {
    this.#incoming.allUnsubscribe();
    this.#socket.close();
  }
}
