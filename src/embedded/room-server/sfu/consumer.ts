/** A track on its way to one receiver, under an SSRC of its own. */
import { randomInt, randomUUID } from 'node:crypto';
import { RtcpSrPacket, RtpHeader, type RtpPacket } from 'werift';
import type { Producer } from './producer.js';
import { consumerRtpParameters, ROUTER_PAYLOAD_TYPES } from './rtp-parameters.js';
import type { MediaTransport } from './transport.js';

/** Apart enough from anything that clients choose; unique within this process, which is more than within a transport. */
let lastSsrc = randomInt(0x1000_0000, 0x2000_0000);

export class Consumer {
  readonly id = randomUUID();
  readonly producer: Producer;
  readonly transport: MediaTransport;
  readonly ssrc = ++lastSsrc;
  readonly rtpParameters: ReturnType<typeof consumerRtpParameters>;
  paused = false;
  readonly #payloadType: number;
  /** Nothing is sent before the receiver has said that it is ready. */
  #ready = false;

  constructor(producer: Producer, transport: MediaTransport, mid: string) {
    this.producer = producer;
    this.transport = transport;
    this.#payloadType = ROUTER_PAYLOAD_TYPES[producer.kind];
    this.rtpParameters = consumerRtpParameters(producer.kind, producer.rtpParameters, {
      mid,
      ssrc: this.ssrc,
      cname: producer.id.slice(0, 16),
    });
    producer.consumers.add(this);
  }

  start(): void {
    this.#ready = true;
    this.producer.requestKeyFrame();
  }

  resume(): void {
    this.paused = false;
    this.producer.requestKeyFrame();
  }

  forward(packet: RtpPacket): void {
    if (!this.#ready || this.paused) return;
    const { sequenceNumber, timestamp, marker } = packet.header;
    const header = new RtpHeader({
      payloadType: this.#payloadType,
      ssrc: this.ssrc,
      sequenceNumber,
      timestamp,
      marker,
    });
    this.transport.sendRtp(packet.payload, header);
  }

  forwardSenderReport(report: RtcpSrPacket): void {
    if (!this.#ready || this.paused) return;
    const { senderInfo } = report;
    this.transport.sendRtcp([new RtcpSrPacket({ ssrc: this.ssrc, senderInfo })]);
  }

  close(): void {
    this.producer.consumers.delete(this);
  }
}
