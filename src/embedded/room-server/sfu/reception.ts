/** What a receiver reports of one RTP stream: losses, jitter, delays (RFC 3550 sections 6.4.1, A.1, A.3 and A.8). */
import { RtcpReceiverInfo } from 'werift';

/** The middle 32 bits of an NTP timestamp. */
export function middleNtp(ntp: bigint): number {
  return Number((ntp >> 16n) & 0xffff_ffffn);
}

/** A 24-bit signed field, as werift writes 24 bits of an unsigned one. */
const clampLost = (lost: number): number => Math.max(0, Math.min(0x7f_ffff, lost));

/** Counts the packets of one SSRC. */
export class Reception {
  readonly #clockRate: number;
  #baseSequence = -1;
  #highestSequence = 0; // extended by the count of wraps
  #received = 0;
  #jitter = 0;
  #lastTransit: number | undefined;
  #expectedAtReport = 0;
  #receivedAtReport = 0;
  #lastSenderReport: { middle: number; atMs: number } | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  packet(sequence: number, timestamp: number, atMs: number): void {
    if (this.#baseSequence < 0) {
      this.#baseSequence = sequence;
      this.#highestSequence = sequence;
    } else {
      const step = ((sequence - this.#highestSequence) << 16) >> 16; // the shorter way round
      if (step > 0) this.#highestSequence += step;
    }
    this.#received++;
    const transit = (atMs / 1000) * this.#clockRate - timestamp;
    if (this.#lastTransit !== undefined) {
      const change = Math.abs(transit - this.#lastTransit);
      if (change < this.#clockRate * 10) this.#jitter += (change - this.#jitter) / 16; // timestamps wrap, and jump
    }
    this.#lastTransit = transit;
  }

  senderReport(ntpTimestamp: bigint, atMs: number): void {
    this.#lastSenderReport = { middle: middleNtp(ntpTimestamp), atMs };
  }

  /** The block for a report sent now; undefined before the first packet. */
  report(ssrc: number, nowMs: number): RtcpReceiverInfo | undefined {
    if (this.#baseSequence < 0) return undefined;
    const expected = this.#highestSequence - this.#baseSequence + 1;
    const expectedSince = expected - this.#expectedAtReport;
    const lostSince = expectedSince - (this.#received - this.#receivedAtReport);
    this.#expectedAtReport = expected;
    this.#receivedAtReport = this.#received;
    const sender = this.#lastSenderReport;
    return new RtcpReceiverInfo({
      ssrc,
      fractionLost:
        expectedSince <= 0 || lostSince <= 0
          ? 0
          : Math.min(255, Math.floor((lostSince * 256) / expectedSince)),
      packetsLost: clampLost(expected - this.#received),
      highestSequence: this.#highestSequence >>> 0,
      jitter: Math.round(this.#jitter) >>> 0,
      lsr: sender?.middle ?? 0,
      dlsr: sender === undefined ? 0 : Math.round(((nowMs - sender.atMs) / 1000) * 65_536) >>> 0,
    });
  }
}
