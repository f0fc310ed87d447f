import { describe, expect, it } from 'vitest';
import { middleNtp, Reception } from '../../../src/embedded/room-server/sfu/reception.js';

const SSRC = 7;

describe('reception of an RTP stream', () => {
  it('has nothing to report before the first packet', () => {
    expect(new Reception(48_000).report(SSRC, 0)).toBeUndefined();
  });

  it('counts what was lost, since the start and since the last report', () => {
    const reception = new Reception(48_000);
    for (let n = 0; n < 100; n++) if (n % 4 !== 1) reception.packet(n, n * 960, n * 20);
    expect(reception.report(SSRC, 2_000)).toMatchObject({
      ssrc: SSRC,
      packetsLost: 25,
      fractionLost: 64, // a quarter, in 256ths
      highestSequence: 99,
    });
    for (let n = 100; n < 200; n++) reception.packet(n, n * 960, n * 20);
    expect(reception.report(SSRC, 4_000)).toMatchObject({
      packetsLost: 25,
      fractionLost: 0,
      highestSequence: 199,
    });
  });

  it('goes on through the wrap of the sequence number, and through reordering', () => {
    const reception = new Reception(48_000);
    const order = [65_533, 65_535, 65_534, 0, 2, 1, 3];
    order.forEach((sequence, n) => reception.packet(sequence, n * 960, n * 20));
    expect(reception.report(SSRC, 200)).toMatchObject({ packetsLost: 0, highestSequence: 65_536 + 3 });
  });

  it('is never negative about losses when packets come twice', () => {
    const reception = new Reception(48_000);
    for (const sequence of [1, 1, 2, 2, 3, 3]) reception.packet(sequence, sequence * 960, sequence * 20);
    expect(reception.report(SSRC, 100)).toMatchObject({ packetsLost: 0, fractionLost: 0 });
  });

  it('has no jitter when packets come in step, and some when they do not', () => {
    const steady = new Reception(48_000);
    const uneven = new Reception(48_000);
    for (let n = 0; n < 200; n++) {
      steady.packet(n, n * 960, n * 20);
      uneven.packet(n, n * 960, n * 20 + (n % 2) * 10);
    }
    expect(steady.report(SSRC, 4_000)!.jitter).toBe(0);
    expect(uneven.report(SSRC, 4_000)!.jitter).toBeGreaterThan(400); // towards 10 ms of 48 kHz
    expect(uneven.report(SSRC, 4_000)!.jitter).toBeLessThanOrEqual(480);
  });

  it('is not thrown off by the wrap of the timestamp', () => {
    const reception = new Reception(48_000);
    for (let n = 0; n < 50; n++) reception.packet(n, (0xffff_ffff - 10 * 960 + n * 960) >>> 0, n * 20);
    expect(reception.report(SSRC, 1_000)!.jitter).toBe(0);
  });

  it('tells the sender how long ago its last report came', () => {
    const reception = new Reception(48_000);
    reception.packet(0, 0, 0);
    expect(reception.report(SSRC, 500)).toMatchObject({ lsr: 0, dlsr: 0 });
    reception.senderReport(0x1122_3344_5566_7788n, 1_000);
    expect(middleNtp(0x1122_3344_5566_7788n)).toBe(0x3344_5566);
    expect(reception.report(SSRC, 1_500)).toMatchObject({ lsr: 0x3344_5566, dlsr: 32_768 }); // half a second in 65536ths
  });
});
