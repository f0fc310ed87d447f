/** A track that a participant sends, and the receivers to whom its packets go. */
import { randomUUID } from 'node:crypto';
import {
  PictureLossIndication,
  RtcpPayloadSpecificFeedback,
  type RtcpReceiverInfo,
  type RtcpSrPacket,
  type RtpPacket,
} from 'werift';
import { Reception } from './reception.js';
import { AUDIO_LEVEL_URI, type MediaKind, type ProducerRtpParameters } from './rtp-parameters.js';
import type { MediaTransport } from './transport.js';

/** Key frames are large: asked for at most this often. */
const KEY_FRAME_INTERVAL_MS = 500;

/** Where packets of a track go. */
interface RtpSink {
  forward(packet: RtpPacket): void;
  forwardSenderReport(report: RtcpSrPacket): void;
}

export class Producer {
  readonly id = randomUUID();
  readonly kind: MediaKind;
  readonly appData: Readonly<Record<string, unknown>>;
  readonly rtpParameters: ProducerRtpParameters;
  readonly transport: MediaTransport;
  readonly consumers = new Set<RtpSink>();
  paused = false;
  /** Known from the start, or, with simulcast, from the first packet of this payload type. */
  ssrc: number | undefined;
  readonly payloadType: number;
  readonly #onLevel: (dbov: number) => void;
  readonly #nowMs: () => number;
  readonly #levelExtensionId: number | undefined;
  readonly #reception: Reception;
  #keyFrameAskedAtMs = -Infinity;

  constructor(
    track: {
      kind: MediaKind;
      rtpParameters: ProducerRtpParameters;
      appData: Readonly<Record<string, unknown>>;
      transport: MediaTransport;
    },
    nowMs: () => number,
    onLevel: (dbov: number) => void,
  ) {
    this.kind = track.kind;
    this.rtpParameters = track.rtpParameters;
    this.appData = track.appData;
    this.transport = track.transport;
    this.ssrc = track.rtpParameters.encodings[0]?.ssrc;
    const codec = track.rtpParameters.codecs[0]!; // the schema asks for one
    this.payloadType = codec.payloadType;
    this.#reception = new Reception(codec.clockRate);
    this.#levelExtensionId = track.rtpParameters.headerExtensions.find(
      ({ uri }) => uri === AUDIO_LEVEL_URI,
    )?.id;
    this.#nowMs = nowMs;
    this.#onLevel = onLevel;
  }

  /** Whether this packet belongs to the track. */
  owns(packet: RtpPacket): boolean {
    if (packet.header.payloadType !== this.payloadType) return false;
    this.ssrc ??= packet.header.ssrc;
    return packet.header.ssrc === this.ssrc;
  }

  forward(packet: RtpPacket): void {
    const { header } = packet;
    this.#reception.packet(header.sequenceNumber, header.timestamp, this.#nowMs());
    if (this.paused) return;
    if (this.#levelExtensionId !== undefined) {
      for (const { id, payload } of header.extensions) {
        if (id === this.#levelExtensionId && payload.length > 0) this.#onLevel(-(payload[0]! & 0x7f));
      }
    }
    for (const consumer of this.consumers) consumer.forward(packet);
  }

  /** Receivers need it to keep sound and picture together. */
  forwardSenderReport(report: RtcpSrPacket): void {
    this.#reception.senderReport(report.senderInfo.ntpTimestamp, this.#nowMs());
    for (const consumer of this.consumers) consumer.forwardSenderReport(report);
  }

  receptionReport(): RtcpReceiverInfo | undefined {
    return this.ssrc === undefined ? undefined : this.#reception.report(this.ssrc, this.#nowMs());
  }

  /** Asks the sender for a picture that stands on its own. */
  requestKeyFrame(): void {
    const nowMs = this.#nowMs();
    if (this.kind !== 'video' || this.ssrc === undefined) return;
    if (nowMs - this.#keyFrameAskedAtMs < KEY_FRAME_INTERVAL_MS) return;
    this.#keyFrameAskedAtMs = nowMs;
    const feedback = new PictureLossIndication({ senderSsrc: 1, mediaSsrc: this.ssrc });
    this.transport.sendRtcp([new RtcpPayloadSpecificFeedback({ feedback })]);
  }
}
