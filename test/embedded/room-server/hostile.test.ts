import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { answerBinding } from '../../../src/embedded/room-server/sfu/stun.js';
import { decodeClientMessage } from '../../../src/embedded/room-server/pubsub/pubsub-codec.js';
import {
  fetchRoom,
  microphoneParameters,
  OPUS_PAYLOAD_TYPE,
  SignallingClient,
  signToken,
  startTestRoom,
  until,
} from './harness.js';
import { MediaClient } from './media-client.js';
import { PubSubClient } from './pubsub-client.js';

let room: Awaited<ReturnType<typeof startTestRoom>>;
const closers: (() => unknown)[] = [];
const surprises: unknown[] = [];
const note = (error: unknown): void => {
  surprises.push(error);
};

beforeAll(async () => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  room = await startTestRoom();
});
/** After each attack the server still works, and nothing has escaped. */
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  const witness = new SignallingClient(room, 'witness');
  await witness.join();
  witness.close();
  await until(() => room.usage.participants === 0, 'everyone has left');
  expect(surprises).toEqual([]);
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  await room.close();
});

async function joined(id: string): Promise<SignallingClient> {
  const made = new SignallingClient(room, id);
  closers.push(() => made.close());
  await made.join();
  return made;
}

/** Deterministic noise. */
function* noise(seed: number): Generator<Buffer> {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff) >> 8;
  for (;;) yield Buffer.from(Array.from({ length: next() % 300 }, () => next() & 0xff));
}

function take<Value>(values: Generator<Value>, count: number): Value[] {
  return Array.from({ length: count }, () => values.next().value as Value);
}

describe('noise on the TCP port', () => {
  it('does no harm, with and without TLS', async () => {
    const port = Number(room.signalingBaseUrl.split(':')[1]);
    const attack = (open: () => Socket, content: Buffer): Promise<void> =>
      new Promise((resolve) => {
        const socket = open();
        socket.on('error', () => resolve());
        socket.on('close', () => resolve());
        socket.resume();
        socket.write(content);
        setTimeout(() => socket.end(), 20);
      });
    const texts = [
      'GET / HTTP/1.1\r\n\r\n',
      'POST /infra/v1/meetings/init-config HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n{',
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\n\r\n`,
      `GET //[ HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ].map((text) => Buffer.from(text));
    for (const content of [...take(noise(1), 10), ...texts]) {
      await attack(() => connectTcp(port, '127.0.0.1'), content);
      await attack(() => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }), content);
    }
  });

  it('upgrades of foreign origins and unknown hosts are refused', async () => {
    const tryUpgrade = (path: string, headers: Record<string, string>): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`wss://${room.signalingBaseUrl}${path}`, { ca: room.ca, headers });
        socket.on('error', () => undefined);
        socket.on('open', () => {
          socket.terminate();
          resolve(101);
        });
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      });
    const signalling = `/socket.io/?EIO=4&transport=websocket&roomId=test-room&peerId=x&secret=${signToken(room.secret)}`;
    expect(await tryUpgrade(signalling, { origin: room.origin })).toBe(101);
    expect(await tryUpgrade(signalling, { origin: 'https://evil.example' })).toBe(403);
    expect(await tryUpgrade(signalling, { host: 'evil.example' })).toBe(403);
    const ana = await joined('ana');
    const url = (await ana.request('join', {}))['pubSubUrl'] as string;
    const pubSub = url.slice(url.indexOf('/pubsub'));
    expect(await tryUpgrade(pubSub, { origin: 'https://evil.example' })).toBe(403);
    expect(await tryUpgrade('/else', {})).toBe(404);
    expect(await tryUpgrade(pubSub, {})).toBe(101);
  });

  it('long polling is not offered', async () => {
    const answer = await fetchRoom(room, '/socket.io/?EIO=4&transport=polling');
    expect(answer.status).toBe(404);
  });
});

describe('signalling that makes no sense', () => {
  it('is refused, or ignored, request by request', async () => {
    const ana = await joined('ana');
    const methods = [
      'requestEntry', 'respondEntry', 'getRouterRtpCapabilities', 'createWebRtcTransport', 'connectWebRtcTransport',
      'restartIce', 'closeTransport', 'join', 'produce', 'closeProducer', 'pauseProducer', 'resumeProducer',
      'pauseConsumer', 'resumeConsumer', 'requestConsumerKeyFrame', 'consumeAudioStreams', 'stopConsumingAudioStreams',
      'consumeVideoStreams', 'changeDisplayName', 'changeMode', 'enablePeerMic', 'removePeer', 'definePeerLeftReason',
      'toString', 'hasOwnProperty', '',
    ]; // prettier-ignore
    const bodies = [
      null,
      0,
      '',
      'text',
      [],
      [[]],
      {},
      { transportId: {} },
      { peerId: 'ana'.repeat(100) },
      { kind: 'audio' },
    ];
    for (const method of methods) {
      const answers = await Promise.all(bodies.map((body) => ana.ask(method, body)));
      for (const answer of answers) expect(answer).toHaveProperty('data');
    }
    const raw = ana.socket;
    raw.emit('request');
    raw.emit('request', null);
    raw.emit('request', 'text', 5);
    raw.emit('request', { method: 7 });
    raw.emit('something-else', { a: 1 }, () => undefined);
    const answer = (await raw.timeout(2_000).emitWithAck('request', null)) as { data: { errorCode: number } };
    expect(answer.data.errorCode).toBe(400);
  });

  it('of generated JSON is answered', async () => {
    const ana = await joined('ana');
    const methods = fc.constantFrom('join', 'produce', 'connectWebRtcTransport', 'createWebRtcTransport');
    await fc.assert(
      fc.asyncProperty(methods, fc.jsonValue(), async (method, data) => {
        expect(await ana.ask(method, data)).toHaveProperty('data');
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('ends the connection when a message is too large', async () => {
    const ana = await joined('ana');
    ana.socket.emit('request', { method: 'join', data: 'x'.repeat(300_000) });
    await until(() => ana.disconnectReason, 'the connection ends');
  });

  it('frames that are no socket.io end the connection', async () => {
    const url = `wss://${room.signalingBaseUrl}/socket.io/?EIO=4&transport=websocket&roomId=test-room&peerId=x&secret=${signToken(room.secret)}`;
    for (const frame of [
      '42',
      '4',
      '9',
      '42["request"',
      '42[1,2]',
      `45-${'['.repeat(1000)}`,
      randomBytes(50),
    ]) {
      const socket = new WebSocket(url, { ca: room.ca });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send('40');
      socket.send(frame);
      await new Promise((resolve) => setTimeout(resolve, 30));
      socket.terminate();
    }
  });

  it('of very many requests at once is answered with refusals, not with memory', async () => {
    const ana = await joined('ana');
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => ana.ask('createWebRtcTransport', { producing: true })),
    );
    const made = answers.filter(({ data }) => data['id'] !== undefined);
    expect(made.length).toBeLessThanOrEqual(4);
    expect(room.usage.transports).toBeLessThanOrEqual(4);
  });
});

describe('pubSub that makes no sense', () => {
  it('decodes to nothing', () => {
    for (const bytes of take(noise(3), 500)) expect(() => decodeClientMessage(bytes)).not.toThrow();
    expect(decodeClientMessage(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]))).toBeUndefined();
  });

  it('is borne for a while, then the connection ends', async () => {
    const ana = await joined('ana');
    const pubSub = await PubSubClient.open(room, await ana.request('join', {}));
    for (let n = 0; n < 15; n++) pubSub.socket.send(Buffer.from([0x0a, 0xff]));
    await pubSub.subscribe('still-here');
    for (let n = 0; n < 15; n++) pubSub.socket.send('text');
    await until(() => pubSub.closeCode, 'the connection ends');
  });

  it('of too many bytes ends the connection', async () => {
    const ana = await joined('ana');
    const pubSub = await PubSubClient.open(room, await ana.request('join', {}));
    pubSub.socket.send(Buffer.alloc(100_000));
    expect(await until(() => pubSub.closeCode, 'the connection ends')).toBe(1009);
  });
});

describe('noise on the media ports', () => {
  it('is dropped before, during and after the handshake', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    const sending = await MediaClient.create(ana, 'send');
    const receiving = await MediaClient.create(ben, 'receive');
    closers.push(() => {
      sending.close();
      receiving.close();
    });
    const attack = (): void => {
      for (const packet of take(noise(5), 100)) sending.sendRaw(packet);
      const kinds = [0x00, 0x01, 0x14, 0x15, 0x16, 0x17, 0x80, 0x81, 0xbf, 0xff];
      for (const kind of kinds) {
        for (const length of [1, 2, 12, 13, 20, 40, 200, 1500]) {
          const packet = Buffer.alloc(length, kind);
          sending.sendRaw(packet);
          packet.writeUInt8(200, Math.min(1, length - 1)); // RTCP
          sending.sendRaw(packet);
        }
      }
    };
    attack();
    await sending.check();
    attack(); // now its address is known
    await Promise.all([sending.connect(ana), receiving.connect(ben)]);
    attack(); // now there are keys
    const rtpParameters = microphoneParameters(7);
    await ana.request('produce', { transportId: sending.transportId, kind: 'audio', rtpParameters });
    await ben.waitFor('newConsumer');
    attack();
    let sequenceNumber = 0;
    await until(() => {
      sending.sendRtp('x', { ssrc: 7, payloadType: OPUS_PAYLOAD_TYPE, sequenceNumber: sequenceNumber++ });
      return receiving.rtp.length > 3;
    }, 'media flows all the same');
  });

  it('from another address is not taken for the participant', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    const sending = await MediaClient.create(ana, 'send');
    const receiving = await MediaClient.create(ben, 'receive');
    closers.push(() => {
      sending.close();
      receiving.close();
    });
    await Promise.all([sending.connect(ana), receiving.connect(ben)]);
    const stranger = createSocket('udp4');
    closers.push(() => stranger.close());
    let answers = 0;
    stranger.on('message', () => answers++);
    const { ip, port } = sending.answer.iceCandidates[0]!;
    for (const packet of take(noise(9), 200)) stranger.send(packet, port, ip);
    const rtpParameters = microphoneParameters(7);
    await ana.request('produce', { transportId: sending.transportId, kind: 'audio', rtpParameters });
    await ben.waitFor('newConsumer');
    await until(() => {
      sending.sendRtp('x', { ssrc: 7, payloadType: OPUS_PAYLOAD_TYPE, sequenceNumber: receiving.rtp.length });
      return receiving.rtp.length > 3;
    }, 'media flows all the same');
    expect(answers).toBe(0);
  });

  it('a transport whose client offers other keys than it announced carries nothing', async () => {
    const ana = await joined('ana');
    const sending = await MediaClient.create(ana, 'send');
    closers.push(() => sending.close());
    const value = Array.from({ length: 32 }, () => 'AA').join(':');
    await ana.request('connectWebRtcTransport', {
      transportId: sending.transportId,
      dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] },
    });
    expect(
      await ana.refusal('connectWebRtcTransport', {
        transportId: sending.transportId,
        dtlsParameters: { role: 'client', fingerprints: sending.fingerprints },
      }),
    ).toBe(400);
  });
});

describe('connectivity checks', () => {
  const credentials = { usernameFragment: 'u', password: 'p'.repeat(32) };
  const source = { address: '127.0.0.1', port: 5 };

  it('that are none get no answer', () => {
    for (const packet of take(noise(11), 500))
      expect(answerBinding(packet, credentials, source)).toBeUndefined();
  });
});
