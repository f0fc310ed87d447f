import {
  PictureLossIndication,
  RtcpPayloadSpecificFeedback,
  type RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSrPacket,
} from 'werift';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cameraParameters,
  microphoneParameters,
  OPUS_PAYLOAD_TYPE,
  SignallingClient,
  startTestRoom,
  until,
} from './harness.js';
import { MediaClient } from './media-client.js';

let room: Awaited<ReturnType<typeof startTestRoom>>;
const closers: (() => void)[] = [];
beforeEach(async () => {
  room = await startTestRoom();
});
afterEach(async () => {
  closers.splice(0).forEach((close) => close());
  await room.close();
});

type Person = { signalling: SignallingClient; sending: MediaClient; receiving: MediaClient };

async function person(id: string, profiles: (1 | 7)[] = [1]): Promise<Person> {
  const signalling = new SignallingClient(room, id);
  closers.push(() => signalling.close());
  await signalling.join();
  const sending = await MediaClient.create(signalling, 'send', profiles);
  const receiving = await MediaClient.create(signalling, 'receive', profiles);
  closers.push(() => {
    sending.close();
    receiving.close();
  });
  await Promise.all([sending.connect(signalling), receiving.connect(signalling)]);
  return { signalling, sending, receiving };
}

async function speakWith(of: Person, ssrc: number): Promise<string> {
  const answer = await of.signalling.request('produce', {
    transportId: of.sending.transportId,
    kind: 'audio',
    rtpParameters: microphoneParameters(ssrc),
  });
  return answer['id'] as string;
}

async function showWith(of: Person, ssrc: number): Promise<void> {
  await of.signalling.request('produce', {
    transportId: of.sending.transportId,
    kind: 'video',
    rtpParameters: cameraParameters(ssrc),
  });
}

/** Sends one packet every few milliseconds until `done` says so; returns the packets' count. */
async function stream(
  of: Person,
  ssrc: number,
  done: () => boolean,
  options: { payloadType?: number; levelDbov?: number; from?: number } = {},
): Promise<number> {
  let sequenceNumber = options.from ?? 0;
  const deadlineMs = Date.now() + 8_000;
  while (!done()) {
    if (Date.now() > deadlineMs) throw new Error('The stream never came to its end.');
    of.sending.sendRtp(`packet ${sequenceNumber}`, {
      ssrc,
      payloadType: options.payloadType ?? OPUS_PAYLOAD_TYPE,
      sequenceNumber: sequenceNumber++ & 0xffff,
      ...(options.levelDbov === undefined ? {} : { levelDbov: options.levelDbov }),
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return sequenceNumber;
}

/** RFC 5104 section 4.3.1: sender SSRC, unused media SSRC, then the SSRC that is meant and a sequence number. */
function fullIntraRequest(ssrc: number): PictureLossIndication {
  const body = Buffer.alloc(16);
  body.writeUInt32BE(1, 0);
  body.writeUInt32BE(ssrc, 8);
  body.writeUInt8(1, 12);
  return { count: 4, length: 4, serialize: () => body } as unknown as PictureLossIndication;
}

const ssrcOf = (consumer: Record<string, unknown>): number =>
  (consumer['rtpParameters'] as { encodings: { ssrc: number }[] }).encodings[0]!.ssrc;

describe('audio', () => {
  it.each<[string, 1 | 7]>([
    ['AES_CM_128_HMAC_SHA1_80', 1],
    ['AEAD_AES_128_GCM', 7],
  ])(
    'passes through unchanged, under the payload type and SSRC of the router (%s)',
    async (_name, profile) => {
      const ana = await person('ana', [profile]);
      const ben = await person('ben', [profile]);
      expect(ana.sending.srtpProfile).toBe(profile);
      await speakWith(ana, 4321);
      const consumer = await ben.signalling.waitFor('newConsumer');
      await stream(ana, 4321, () => ben.receiving.rtp.length >= 20);
      const packets = ben.receiving.rtp.slice(0, 20);
      for (const { header, payload } of packets) {
        expect(header.payloadType).toBe(100);
        expect(header.ssrc).toBe(ssrcOf(consumer));
        expect(header.extensions).toEqual([]);
        expect(payload.toString()).toBe(`packet ${header.sequenceNumber}`);
        expect(header.timestamp).toBe(header.sequenceNumber * 960);
      }
      expect(ana.receiving.rtp).toEqual([]); // nobody hears oneself
    },
  );

  it('goes to each of the others once', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    const carla = await person('carla');
    await speakWith(ana, 1);
    await speakWith(ben, 2);
    await carla.signalling.waitFor('newConsumer', 2);
    await ben.signalling.waitFor('newConsumer');
    await Promise.all([
      stream(ana, 1, () => carla.receiving.rtp.length >= 20),
      stream(ben, 2, () => carla.receiving.rtp.length >= 20),
    ]);
    const heardByCarla = new Set(carla.receiving.rtp.map(({ header }) => header.ssrc));
    expect(heardByCarla).toEqual(new Set(carla.signalling.all('newConsumer').map(ssrcOf)));
    const numbers = carla.receiving.rtp.map(({ header }) => `${header.ssrc}/${header.sequenceNumber}`);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('is sent only once the receiver has said that it is ready', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    ben.signalling.stopAcknowledging();
    await speakWith(ana, 7);
    await ben.signalling.waitFor('newConsumer');
    let sent = 0;
    await stream(ana, 7, () => ++sent > 20);
    expect(ben.receiving.rtp).toEqual([]);
  });

  it('stops while the receiver or the sender has it paused', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    const producerId = await speakWith(ana, 7);
    const { id: consumerId } = await ben.signalling.waitFor('newConsumer');
    let from = await stream(ana, 7, () => ben.receiving.rtp.length > 0);
    for (const [pause, resume, data, by] of [
      ['pauseConsumer', 'resumeConsumer', { consumerId }, ben],
      ['pauseProducer', 'resumeProducer', { producerId }, ana],
    ] as const) {
      await by.signalling.request(pause, data);
      const before = ben.receiving.rtp.length;
      let sent = 0;
      from = await stream(ana, 7, () => ++sent > 20, { from });
      expect(ben.receiving.rtp.length - before).toBeLessThanOrEqual(1); // one may have been under way
      await by.signalling.request(resume, data);
      from = await stream(ana, 7, () => ben.receiving.rtp.length > before + 5, { from });
    }
  });

  it('of a track that was not announced goes nowhere', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    await speakWith(ana, 7);
    await ben.signalling.waitFor('newConsumer');
    let sent = 0;
    await stream(ana, 8, () => ++sent > 10); // another SSRC
    await stream(ana, 7, () => ++sent > 20, { payloadType: 0 }); // another payload type
    expect(ben.receiving.rtp).toEqual([]);
    await stream(ana, 7, () => ben.receiving.rtp.length > 0, { from: 100 });
  });

  it('survives an ICE restart, with the new credentials and, until then, the old ones', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    await speakWith(ana, 7);
    await ben.signalling.waitFor('newConsumer');
    let from = await stream(ana, 7, () => ben.receiving.rtp.length > 0);
    const { transportId } = ana.sending;
    const old = ana.sending.answer.iceParameters;
    const fresh = await ana.signalling.request('restartIce', { transportId });
    expect(fresh['iceLite']).toBe(true);
    expect(fresh['usernameFragment']).not.toBe(old.usernameFragment);
    await ana.sending.check(); // the old ones
    ana.sending.useCredentials(fresh as { usernameFragment: string; password: string });
    await ana.sending.check();
    const answered = ana.sending.answeredChecks;
    ana.sending.sendCheck(old);
    const heard = ben.receiving.rtp.length;
    from = await stream(ana, 7, () => ben.receiving.rtp.length > heard + 5, { from });
    expect(ana.sending.answeredChecks).toBe(answered); // the old ones are no good any more
    expect(from).toBeGreaterThan(5);
  });

  it('is reported to its sender: what was lost and what has arrived', async () => {
    const ana = await person('ana');
    await speakWith(ana, 99);
    const report = (): RtcpRrPacket | undefined =>
      ana.sending.rtcp.find((packet): packet is RtcpRrPacket => packet.type === 201);
    for (let n = 1; n <= 10; n++) {
      if (n !== 5) ana.sending.sendRtp('x', { ssrc: 99, payloadType: OPUS_PAYLOAD_TYPE, sequenceNumber: n });
    }
    const { reports } = await until(report, 'a receiver report arrives');
    expect(reports[0]).toMatchObject({ ssrc: 99, packetsLost: 1, highestSequence: 10, fractionLost: 25 });
  });
});

describe('video', () => {
  it('is forwarded, and asked for a picture when a receiver comes, or asks', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    await showWith(ana, 55);
    const consumer = await ben.signalling.waitFor('newConsumer');
    expect(consumer).toMatchObject({ kind: 'video', rtpParameters: { codecs: [{ payloadType: 101 }] } });
    const asked = (): number => ana.sending.rtcp.filter(({ type }) => type === 206).length;
    await until(() => asked() === 1, 'the newcomer needs a picture');
    await stream(ana, 55, () => ben.receiving.rtp.length > 5, { payloadType: 96 });
    expect(ben.receiving.rtp[0]!.header).toMatchObject({ payloadType: 101, ssrc: ssrcOf(consumer) });
    for (const [count, feedback] of [
      [2, new PictureLossIndication({ senderSsrc: 1, mediaSsrc: ssrcOf(consumer) })],
      [3, fullIntraRequest(ssrcOf(consumer))],
    ] as const) {
      await until(() => {
        void ben.receiving.sendRtcp([new RtcpPayloadSpecificFeedback({ feedback })]);
        return asked() === count;
      }, `picture ${count} is asked for`);
    }
    const last = ana.sending.rtcp.findLast(({ type }) => type === 206) as RtcpPayloadSpecificFeedback;
    expect(last.feedback).toMatchObject({ mediaSsrc: 55 });
  });

  it('is asked for pictures at most twice a second', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    await showWith(ana, 55);
    const consumer = await ben.signalling.waitFor('newConsumer');
    const feedback = new PictureLossIndication({ senderSsrc: 1, mediaSsrc: ssrcOf(consumer) });
    const startMs = Date.now();
    for (let n = 0; n < 50; n++) {
      void ben.receiving.sendRtcp([new RtcpPayloadSpecificFeedback({ feedback })]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const asked = ana.sending.rtcp.filter(({ type }) => type === 206).length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(2 + Math.floor((Date.now() - startMs) / 500));
  });

  it('of simulcast without SSRCs is one layer', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    await ana.signalling.request('produce', {
      transportId: ana.sending.transportId,
      kind: 'video',
      rtpParameters: { ...cameraParameters(0), encodings: [{ rid: 'h' }, { rid: 'l' }] },
    });
    await ben.signalling.waitFor('newConsumer');
    let from = await stream(ana, 501, () => ben.receiving.rtp.length > 3, { payloadType: 96 });
    const before = ben.receiving.rtp.length;
    let sent = 0;
    await stream(ana, 502, () => ++sent > 10, { payloadType: 96 });
    expect(ben.receiving.rtp.length - before).toBeLessThanOrEqual(1);
    from = await stream(ana, 501, () => ben.receiving.rtp.length > before + 3, { payloadType: 96, from });
    expect(from).toBeGreaterThan(3);
  });

  it('stays with its sound: sender reports reach receivers under the SSRC they know', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    await speakWith(ana, 7);
    const consumer = await ben.signalling.waitFor('newConsumer');
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp: 0x1234_5678_9abc_def0n,
      rtpTimestamp: 960,
      packetCount: 3,
      octetCount: 300,
    });
    await until(() => {
      void ana.sending.sendRtcp([new RtcpSrPacket({ ssrc: 7, senderInfo })]);
      return ben.receiving.rtcp.length > 0;
    }, 'a sender report arrives');
    expect(ben.receiving.rtcp[0]).toMatchObject({
      ssrc: ssrcOf(consumer),
      senderInfo: { ntpTimestamp: 0x1234_5678_9abc_def0n, rtpTimestamp: 960, packetCount: 3 },
    });
  });
});

describe('the active speaker', () => {
  it('is told from the level that packets carry', async () => {
    const ana = await person('ana');
    const ben = await person('ben');
    await speakWith(ana, 1);
    await speakWith(ben, 2);
    const heard = (): unknown => ben.signalling.all('activeSpeaker').at(-1)?.['peerId'];
    let from = await stream(ana, 1, () => heard() === 'ana', { levelDbov: -20 });
    await stream(ben, 2, () => heard() === 'ben', { levelDbov: -15 });
    await until(() => heard() === null, 'nobody speaks any more');
    from = await stream(ana, 1, () => heard() === 'ana', { levelDbov: -20, from });
    expect(from).toBeGreaterThan(1);
    expect(ana.signalling.all('activeSpeaker')).toEqual(ben.signalling.all('activeSpeaker'));
  });
});
