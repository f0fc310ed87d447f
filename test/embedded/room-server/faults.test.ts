import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomFaults } from '../../../src/embedded/room-server/index.js';
import {
  type HttpAnswer,
  microphoneParameters,
  OPUS_PAYLOAD_TYPE,
  postJson,
  SignallingClient,
  signToken,
  startTestRoom,
  until,
} from './harness.js';
import { MediaClient } from './media-client.js';
import { PubSubClient } from './pubsub-client.js';

let room: Awaited<ReturnType<typeof startTestRoom>>;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  room = await startTestRoom();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await room.close();
});

function client(id: string): SignallingClient {
  const made = new SignallingClient(room, id);
  closers.push(() => made.close());
  return made;
}

async function joined(id: string): Promise<SignallingClient> {
  const made = client(id);
  await made.join();
  return made;
}

const initConfig = (): Promise<HttpAnswer> =>
  postJson(
    room,
    '/infra/v1/meetings/init-config',
    { roomId: 'test-room' },
    { authorization: signToken(room.secret) },
  );

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('faults of entering', () => {
  it('F1: in the lobby a request is acknowledged and never answered', async () => {
    room.faults.set({ lobby: { count: 1 } });
    const ana = client('ana');
    await ana.waitFor('connectionSuccess');
    expect(await ana.request('requestEntry', {})).toEqual({});
    await sleep(100);
    expect(ana.all('entryResponded')).toEqual([]);
    expect(await ana.refusal('join', {})).toBe(4025);
    expect(room.faults.counts).toMatchObject({ lobby: 1, denyEntry: 0 });
    await joined('ben'); // it was for one
  });

  it('F2: entry is denied', async () => {
    room.faults.set({ denyEntry: {} });
    for (const id of ['ana', 'ben']) {
      const each = client(id);
      await each.waitFor('connectionSuccess');
      await each.request('requestEntry', {});
      expect(await each.waitFor('entryResponded')).toMatchObject({ id, decision: 'denied' });
      expect(await each.refusal('getRouterRtpCapabilities')).toBe(4025);
    }
    expect(room.faults.counts.denyEntry).toBe(2);
    room.faults.set({});
    await joined('carla');
  });
});

describe('faults of init-config', () => {
  it.each<[string, RoomFaults, number, string]>([
    ['F3: the token is refused', { refuseTokens: { count: 1 } }, 401, '"code":4002'],
    ['F4: the meeting is refused', { refuseMeetings: { count: 1 } }, 400, '"code":4003'],
    ['F15: any status', { failInitConfig: { status: 503, count: 1 } }, 503, '"code":5000'],
    [
      'a quota',
      { failInitConfig: { status: 403, code: 4009, message: 'Full.', count: 1 } },
      403,
      '{"code":4009,"error":"Full."',
    ],
    ['F15: no JSON', { garbleInitConfig: { kind: 'not_json', count: 1 } }, 200, '<html>'],
    ['F15: no fields', { garbleInitConfig: { kind: 'missing_fields', count: 1 } }, 200, '{"data":{}}'],
  ])('%s, as often as asked', async (_what, faults, status, text) => {
    room.faults.set(faults);
    const answer = await initConfig();
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
    const [name] = Object.keys(faults) as (keyof RoomFaults)[];
    expect(room.faults.counts[name!]).toBe(1);
    expect((await initConfig()).status).toBe(200);
    expect(room.faults.counts[name!]).toBe(1);
  });

  it('can be there from the start', async () => {
    const other = await startTestRoom({ faults: { refuseTokens: { count: 1 } } });
    closers.push(() => other.close());
    const body = { roomId: 'test-room' };
    const headers = { authorization: signToken(other.secret) };
    expect((await postJson(other, '/infra/v1/meetings/init-config', body, headers)).status).toBe(401);
    expect((await postJson(other, '/infra/v1/meetings/init-config', body, headers)).status).toBe(200);
  });
});

describe('faults of a participant', () => {
  it('F5: removed with 1002', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    expect(room.faults.removeParticipant('test-room', 'ana')).toBe(true);
    expect(await ana.waitFor('close')).toMatchObject({ reason: { code: 1002 } });
    expect(await ben.waitFor('peerClosed')).toMatchObject({ peerId: 'ana', reason: { code: 1002 } });
    expect(room.faults.removeParticipant('test-room', 'ana')).toBe(false);
    expect(room.faults.removeParticipant('no-room', 'ben')).toBe(false);
  });

  it('the meeting closed with 1006, the room still there', async () => {
    const all = [await joined('ana'), await joined('ben')];
    room.faults.closeMeeting('test-room');
    for (const each of all) expect(await each.waitFor('close')).toMatchObject({ reason: { code: 1006 } });
    await until(() => room.usage.participants === 0, 'nobody is left');
    await joined('carla');
  });

  it('F10: the socket is ended without a word', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    expect(room.faults.dropSocketSilently('test-room', 'ana')).toBe(true);
    expect(await until(() => ana.disconnectReason, 'the socket ends')).toBe('io server disconnect');
    expect(ana.all('close')).toEqual([]);
    expect(await ben.waitFor('peerClosed')).toMatchObject({ peerId: 'ana', reason: { code: 1001 } });
  });

  it('the connection is cut', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    expect(room.faults.cutSockets('test-room', 'ana')).toBe(true);
    expect(await until(() => ana.disconnectReason, 'the socket ends')).toBe('transport close');
    expect(await ben.waitFor('peerClosed')).toMatchObject({ peerId: 'ana' });
  });

  it("gets the SDK's asynchronous error", async () => {
    const ana = await joined('ana');
    expect(room.faults.sendError('test-room', 'ana', { code: 4009, message: 'Full.' })).toBe(true);
    expect(await ana.waitFor('error')).toEqual({ method: 'error', code: 4009, message: 'Full.' });
  });
});

describe('F7: the server', () => {
  it('stops as if its machine were gone, and starts again on its port with its rooms', async () => {
    const ana = await joined('ana');
    const { origin } = room;
    const { pubSubUrl } = await (await joined('ben')).request('join', {});
    const pubSub = await PubSubClient.open(room, { pubSubUrl });
    await room.faults.stop();
    expect(await until(() => ana.disconnectReason, 'the socket ends')).toBe('transport close');
    await until(() => pubSub.closeCode, 'pubSub ends');
    expect(ana.all('close')).toEqual([]);
    await expect(initConfig()).rejects.toThrow(/ECONNREFUSED/);
    expect(room.usage).toEqual({
      participants: 0,
      transports: 0,
      producers: 0,
      consumers: 0,
      pubSubConnections: 0,
    });
    await room.faults.start();
    expect(room.origin).toBe(origin);
    expect((await initConfig()).status).toBe(200);
    const again = await joined('ana');
    expect(again.all('newPeer')).toEqual([]);
    await room.faults.stop();
    await room.faults.stop(); // again changes nothing
    await room.faults.start();
    await joined('ana');
  });

  it('can be closed while it is stopped', async () => {
    const other = await startTestRoom();
    await other.faults.stop();
    await other.close();
  });
});

describe('F9: a frozen network', () => {
  it('answers nothing, loses media, and goes on where it was', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    const sending = await MediaClient.create(ana, 'send');
    const receiving = await MediaClient.create(ben, 'receive');
    closers.push(() => {
      sending.close();
      receiving.close();
    });
    await Promise.all([sending.connect(ana), receiving.connect(ben)]);
    const rtpParameters = microphoneParameters(7);
    await ana.request('produce', { transportId: sending.transportId, kind: 'audio', rtpParameters });
    await ben.waitFor('newConsumer');
    let sequenceNumber = 0;
    const speak = (): void =>
      sending.sendRtp('x', { ssrc: 7, payloadType: OPUS_PAYLOAD_TYPE, sequenceNumber: sequenceNumber++ });
    await until(() => {
      speak();
      return receiving.rtp.length > 0;
    }, 'media flows');
    const answer = await ben.request('join', {});
    const pubSub = await PubSubClient.open(room, answer);
    closers.push(() => pubSub.close());

    const frozen = room.faults.freeze(2_000);
    await sleep(50); // what was on its way has arrived
    const heard = receiving.rtp.length;
    const checks = sending.answeredChecks;
    let answered = 0;
    const requests = [ana.request('getTransportStats'), initConfig(), pubSub.publish('chat', 'late')].map(
      async (request) => {
        await request;
        answered++;
      },
    );
    // Taken at its end, before anything can arrive: the loop below may take longer than the standstill.
    const arrived = frozen.then(() => [answered, receiving.rtp.length, sending.answeredChecks]);
    for (let n = 0; n < 20; n++) {
      speak();
      sending.sendCheck();
      await sleep(10);
    }
    expect(await arrived).toEqual([0, heard, checks]);
    await Promise.all(requests);
    expect(answered).toBe(3);
    await until(() => {
      speak();
      return receiving.rtp.length > heard;
    }, 'media flows again');
    expect(receiving.rtp.at(-1)!.header.sequenceNumber).toBeGreaterThan(20); // what was lost stays lost
    expect([ana.disconnectReason, ben.disconnectReason, pubSub.closeCode]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('takes no new connections, and can be made longer', async () => {
    const startMs = performance.now();
    void room.faults.freeze(200);
    const frozen = room.faults.freeze(500);
    const ana = client('ana');
    await frozen;
    expect(ana.received).toEqual([]);
    await ana.waitFor('connectionSuccess');
    expect(performance.now() - startMs).toBeGreaterThan(490);
  });
});

it('a server that is closed tells everyone that the meeting is closed, before the connection is gone', async () => {
  await using room = await startTestRoom();
  const all = [new SignallingClient(room, 'ana'), new SignallingClient(room, 'ben')];
  for (const each of all) await each.join();
  await room.close();
  for (const each of all) {
    expect(each.all('close')).toEqual([{ reason: { code: 1006, message: 'The meeting has been closed' } }]);
    each.close();
  }
});
