import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { microphoneParameters, SignallingClient, signToken, startTestRoom, until } from '../harness.js';
import { MediaClient } from '../media-client.js';

let room: Awaited<ReturnType<typeof startTestRoom>>;
const clients: SignallingClient[] = [];
const media: MediaClient[] = [];

beforeEach(async () => {
  room = await startTestRoom();
});
afterEach(async () => {
  clients.splice(0).forEach((client) => client.close());
  media.splice(0).forEach((client) => client.close());
  await room.close();
});

function client(id: string, query: Readonly<Record<string, string>> = {}): SignallingClient {
  const made = new SignallingClient(room, id, query);
  clients.push(made);
  return made;
}

async function joined(
  id: string,
  profile: Readonly<Record<string, unknown>> = {},
): Promise<SignallingClient> {
  const made = client(id);
  await made.join(profile);
  return made;
}

async function transport(of: SignallingClient, direction: 'send' | 'receive'): Promise<MediaClient> {
  const made = await MediaClient.create(of, direction);
  media.push(made);
  return made;
}

/** Switches a microphone on; returns the producer's id. */
async function produce(of: SignallingClient, ssrc = 1000): Promise<string> {
  const { transportId } = await transport(of, 'send');
  const { id } = await of.request('produce', {
    transportId,
    kind: 'audio',
    rtpParameters: microphoneParameters(ssrc),
    appData: { encodings: [] },
  });
  return id as string;
}

describe('joining', () => {
  it('goes step by step as the SDK expects it', async () => {
    const ana = client('ana');
    expect(await ana.waitFor('connectionSuccess')).toEqual({});
    expect(await ana.request('requestEntry', { name: 'Ana' })).toEqual({});
    const entry = await ana.waitFor('entryResponded');
    expect(entry).toMatchObject({ id: 'ana', decision: 'allowed', sessionId: expect.any(String) as string });
    const capabilities = await ana.request('getRouterRtpCapabilities');
    expect(capabilities['codecs']).toEqual([
      expect.objectContaining({ mimeType: 'audio/opus', preferredPayloadType: 100, channels: 2 }),
      expect.objectContaining({ mimeType: 'video/VP8', preferredPayloadType: 101 }),
    ]);
    expect(JSON.stringify(capabilities)).not.toMatch(/transport-cc|abs-send-time|transport-wide/);
    const sending = await transport(ana, 'send');
    expect(sending.answer).toMatchObject({
      iceParameters: { iceLite: true },
      iceCandidates: [{ ip: '127.0.0.1', protocol: 'udp', type: 'host' }],
      dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256' }] },
    });
    const answer = await ana.request('join', { displayName: 'Ana', metaData: { preferredLanguage: 'es' } });
    expect(answer).toMatchObject({ peers: [], poll: [], messages: [], unsupportedCodecs: [] });
    expect(answer['pubSubUrl']).toMatch(
      new RegExp(`^wss://${room.signalingBaseUrl}/pubsub\\?ticket=[\\w-]{32}$`),
    );
  });

  it('tells each of the others', async () => {
    const ana = await joined('ana');
    const ben = client('ben');
    const answer = await ben.join({
      displayName: 'Ben',
      metaData: { preferredLanguage: 'en' },
      mode: 'RECV_ONLY',
    });
    expect(answer['peers']).toEqual([
      {
        id: 'ana',
        displayName: 'name of ana',
        device: 'unknown',
        mode: 'SEND_AND_RECV',
        metaData: { preferredLanguage: 'es' },
      },
    ]);
    expect(await ana.waitFor('newPeer')).toEqual({
      method: 'newPeer',
      id: 'ben',
      displayName: 'Ben',
      device: 'unknown',
      mode: 'RECV_ONLY',
      metaData: { preferredLanguage: 'en' },
    });
    expect(ben.all('newPeer')).toEqual([]);
  });

  it('keeps rooms apart', async () => {
    room.createRoom('other-room');
    const ana = await joined('ana');
    const zoe = client('zoe', { roomId: 'other-room' });
    expect((await zoe.join())['peers']).toEqual([]);
    expect(ana.all('newPeer')).toEqual([]);
    expect(room.rooms.map(({ participants }) => participants)).toEqual([
      [{ id: 'ana', name: 'name of ana' }],
      [{ id: 'zoe', name: 'name of zoe' }],
    ]);
  });

  it('by the custom id and by the own id leads to one room', async () => {
    await joined('ana');
    const ben = client('ben', { roomId: room.roomId });
    expect((await ben.join())['peers']).toHaveLength(1);
  });

  it.each<[string, string, () => Record<string, string>, number]>([
    [
      'a token for another participant',
      'ana',
      () => ({ secret: signToken(room.secret, { participantId: 'ben' }) }),
      4023,
    ],
    [
      'a token for another room',
      'ana',
      () => ({ secret: signToken(room.secret, { roomId: 'other' }) }),
      4022,
    ],
    [
      'a token without the role',
      'ana',
      () => ({ secret: signToken(room.secret, { roles: ['crawler'] }) }),
      4024,
    ],
    ['no valid token', 'ana', () => ({ secret: 'none' }), 4002],
    ['an unknown room', 'ana', () => ({ roomId: 'no-such-room' }), 4003],
    ['an impossible id', 'a b', () => ({ secret: signToken(room.secret) }), 4004],
    ['an id that every object has', 'toString', () => ({ secret: signToken(room.secret) }), 4004],
  ])('is refused for %s, in a way that the SDK tells', async (_what, id, query, code) => {
    const guest = client(id, query());
    expect(await guest.waitFor('error')).toMatchObject({ code });
    expect(await guest.waitFor('close')).toMatchObject({ reason: { code } });
    await until(() => guest.disconnectReason, 'the refused one is disconnected');
    expect(guest.all('connectionSuccess')).toEqual([]);
    expect(room.usage.participants).toBe(0);
  });

  it('cannot skip a step', async () => {
    const ana = client('ana');
    await ana.waitFor('connectionSuccess');
    expect(await ana.refusal('join', {})).toBe(4025);
    expect(await ana.refusal('getRouterRtpCapabilities')).toBe(4025);
    await ana.request('requestEntry', { name: 'Ana' });
    await ana.waitFor('entryResponded');
    expect(await ana.refusal('produce', {})).toBe(4025);
    expect(await ana.refusal('consumeAudioStreams', { peerId: 'ana' })).toBe(4025);
  });

  it('acknowledges methods that it does not have', async () => {
    const ana = await joined('ana');
    expect(await ana.ask('setConsumerPreferredLayers', { consumerId: 'x' })).toEqual({ data: {} });
    expect(await ana.ask('constructor')).toEqual({ data: {} });
    expect(await ana.ask('__proto__')).toEqual({ data: {} });
  });
});

describe('the lobby', () => {
  const asking = (id: string): SignallingClient =>
    client(id, { secret: signToken(room.secret, { participantId: id, permissions: ['ask_join'] }) });

  it.each(['allowed', 'denied'])('lets those decide who are in: %s', async (decision) => {
    const host = await joined('host');
    const guest = asking('guest');
    await guest.waitFor('connectionSuccess');
    await guest.request('requestEntry', { name: 'Guest' });
    expect(await host.waitFor('entryRequested')).toMatchObject({ id: 'guest', name: 'Guest' });
    expect(await guest.refusal('join', {})).toBe(4025);
    expect(guest.all('entryResponded')).toEqual([]);
    await host.request('respondEntry', { id: 'guest', decision });
    expect(await guest.waitFor('entryResponded')).toMatchObject({ id: 'guest', decision });
    if (decision === 'allowed')
      expect(await guest.request('join', {})).toMatchObject({ peers: [{ id: 'host' }] });
    else expect(await guest.refusal('join', {})).toBe(4025);
  });

  it('is not opened by somebody who waits in it, nor for somebody who does not', async () => {
    const host = await joined('host');
    const first = asking('first');
    await first.waitFor('connectionSuccess');
    await first.request('requestEntry', { name: 'First' });
    expect(await first.refusal('respondEntry', { id: 'first', decision: 'allowed' })).toBe(4025);
    expect(await host.refusal('respondEntry', { id: 'nobody', decision: 'allowed' })).toBe(404);
  });
});

describe('tracks', () => {
  it('are announced to everyone and offered to the others, after the peer is known', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await transport(ben, 'receive');
    const producerId = await produce(ana, 4321);
    expect(await ana.waitFor('participantMediaStateChanged')).toMatchObject({
      peerId: 'ana',
      kind: 'audio',
      newState: true,
    });
    const offered = await ben.waitFor('newConsumer');
    expect(offered).toMatchObject({
      peerId: 'ana',
      producerId,
      kind: 'audio',
      type: 'simple',
      producerPaused: false,
      appData: { encodings: [] },
      rtpParameters: {
        mid: '0',
        codecs: [{ mimeType: 'audio/opus', payloadType: 100, parameters: { usedtx: 1 } }],
        headerExtensions: [],
        rtcp: { cname: 'cname-of-test', mux: true, reducedSize: true },
      },
    });
    const [encoding] = (offered['rtpParameters'] as { encodings: { ssrc: number }[] }).encodings;
    expect(encoding!.ssrc).not.toBe(4321);
    expect(ana.all('newConsumer')).toEqual([]);
  });

  it('of those who were there first reach a newcomer after its join is answered', async () => {
    const ana = await joined('ana');
    await produce(ana);
    const ben = client('ben');
    await ben.waitFor('connectionSuccess');
    await ben.request('requestEntry', {});
    await ben.waitFor('entryResponded');
    await transport(ben, 'receive');
    expect(ben.all('newConsumer')).toEqual([]);
    let answeredAt = -1;
    void ben.request('join', {}).then(() => (answeredAt = ben.received.length));
    await ben.waitFor('newConsumer');
    const offeredAt = ben.received.findIndex(({ event }) => event === 'newConsumer');
    const notifiedAt = ben.received.findIndex(({ event }) => event === 'participantMediaStateChanged');
    expect(answeredAt).toBeGreaterThanOrEqual(0);
    expect(answeredAt).toBeLessThanOrEqual(notifiedAt);
    expect(notifiedAt).toBeLessThan(offeredAt);
  });

  it('are each given a mid of their own', async () => {
    const ben = await joined('ben');
    await transport(ben, 'receive');
    for (const id of ['ana', 'carla', 'dan']) await produce(await joined(id));
    await ben.waitFor('newConsumer', 3);
    const mids = ben.all('newConsumer').map(({ rtpParameters }) => (rtpParameters as { mid: string }).mid);
    expect(mids.sort()).toEqual(['0', '1', '2']);
  });

  it('end when they are closed, and come back as new ones', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await transport(ben, 'receive');
    const producerId = await produce(ana);
    const { id } = await ben.waitFor('newConsumer');
    expect(await ana.request('closeProducer', { producerId })).toEqual({});
    expect(await ben.waitFor('consumerClosed')).toMatchObject({ consumerId: id });
    expect(await ben.waitFor('participantMediaStateChanged', 2)).toMatchObject({
      peerId: 'ana',
      newState: false,
    });
    expect(await ana.refusal('closeProducer', { producerId })).toBe(404); // "already gone" for the SDK
    expect(room.usage).toMatchObject({ producers: 0, consumers: 0 });
    await produce(ana, 77);
    const next = await ben.waitFor('newConsumer', 2);
    expect(next['id']).not.toBe(id);
  });

  it('are paused and resumed by their producer', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await transport(ben, 'receive');
    const producerId = await produce(ana);
    const { id } = await ben.waitFor('newConsumer');
    await ana.request('pauseProducer', { producerId });
    expect(await ben.waitFor('consumerPaused')).toMatchObject({ consumerId: id });
    await ana.request('resumeProducer', { producerId });
    expect(await ben.waitFor('consumerResumed')).toMatchObject({ consumerId: id });
  });

  it('are not sent to who does not consume by itself, until it asks for a participant', async () => {
    const ana = await joined('ana');
    const carla = await joined('carla');
    const bot = await joined('parley-bot', { autoConsume: false });
    await transport(bot, 'receive');
    const first = await produce(ana);
    await produce(carla);
    await bot.waitFor('participantMediaStateChanged', 2);
    expect(bot.all('newConsumer')).toEqual([]);
    await bot.request('consumeAudioStreams', { peerId: 'ana' });
    expect(await bot.waitFor('newConsumer')).toMatchObject({ peerId: 'ana' });
    await bot.request('consumeAudioStreams', { peerId: 'ana' }); // again changes nothing
    await ana.request('closeProducer', { producerId: first });
    await bot.waitFor('consumerClosed');
    await produce(ana, 5); // after an unmute it is still wanted
    expect(await bot.waitFor('newConsumer', 2)).toMatchObject({ peerId: 'ana' });
    await bot.request('stopConsumingAudioStreams', { peerId: 'ana' });
    await bot.waitFor('consumerClosed', 2);
    expect(room.usage.consumers).toBe(0);
    expect(bot.all('newConsumer')).toHaveLength(2);
    expect(await bot.refusal('consumeAudioStreams', { peerId: 'nobody' })).toBe(404);
  });

  it('are offered once there is a transport for them', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await produce(ana);
    await ben.waitFor('participantMediaStateChanged');
    expect(ben.all('newConsumer')).toEqual([]);
    await transport(ben, 'receive');
    expect(await ben.waitFor('newConsumer')).toMatchObject({ peerId: 'ana' });
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['an unknown transport', { transportId: 'nope' }, 404],
    ['an unknown kind', { kind: 'smell' }, 400],
    ['no codec', { rtpParameters: { codecs: [] } }, 400],
    ['an SSRC out of range', { rtpParameters: { ...microphoneParameters(2 ** 32) } }, 400],
    ['nothing', { rtpParameters: null }, 400],
  ])('are refused with %s', async (_what, fields, code) => {
    const ana = await joined('ana');
    const { transportId } = await transport(ana, 'send');
    const good = { transportId, kind: 'audio', rtpParameters: microphoneParameters(1), appData: {} };
    expect(await ana.refusal('produce', { ...good, ...fields })).toBe(code);
    await ana.request('produce', good);
  });

  it('are bounded in number', async () => {
    const ana = await joined('ana');
    const { transportId } = await transport(ana, 'send');
    const track = { transportId, kind: 'audio', appData: {} };
    for (let n = 0; n < 8; n++)
      await ana.request('produce', { ...track, rtpParameters: microphoneParameters(n) });
    expect(await ana.refusal('produce', { ...track, rtpParameters: microphoneParameters(9) })).toBe(4025);
  });

  it('end with their transport, whose place a new one of its direction takes', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await transport(ben, 'receive');
    await produce(ana);
    const { id } = await ben.waitFor('newConsumer');
    await transport(ben, 'receive');
    expect(await ben.waitFor('consumerClosed')).toMatchObject({ consumerId: id });
    await ben.waitFor('newConsumer', 2); // on the new one
    await transport(ana, 'send');
    await ben.waitFor('consumerClosed', 2);
    expect(room.usage).toMatchObject({ transports: 2, producers: 0, consumers: 0 });
    await ana.request('requestEntry', {}); // again changes nothing
    expect(room.rooms[0]!.participants).toHaveLength(2);
  });
});

describe('leaving', () => {
  it('tells the others why', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await ben.request('definePeerLeftReason', { leaveReason: 'MANUAL_LEAVE_CALLED' });
    ben.close();
    expect(await ana.waitFor('peerClosed')).toMatchObject({ peerId: 'ben', reason: { code: 1101 } });
    const carla = await joined('carla');
    carla.socket.io.engine.close();
    expect(await ana.waitFor('peerClosed', 2)).toEqual({
      method: 'peerClosed',
      peerId: 'carla',
      reason: { code: 1001, message: 'Socket disconnected' },
    });
  });

  it('ends the tracks of who leaves', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await transport(ben, 'receive');
    await produce(ana);
    const { id } = await ben.waitFor('newConsumer');
    ana.close();
    expect(await ben.waitFor('consumerClosed')).toMatchObject({ consumerId: id });
    await ben.waitFor('peerClosed');
    expect(room.usage).toMatchObject({ participants: 1, producers: 0, consumers: 0, transports: 1 });
  });

  it('F6: by a second connection of the same id sends the first one away with 1011', async () => {
    const ana = await joined('ana');
    const watcher = await joined('watcher');
    const second = client('ana');
    await second.join();
    expect(await ana.waitFor('close')).toMatchObject({ reason: { code: 1011 } });
    await until(() => ana.disconnectReason, 'the first is disconnected');
    expect(await watcher.waitFor('peerClosed')).toMatchObject({ peerId: 'ana', reason: { code: 1011 } });
    expect(await watcher.waitFor('newPeer')).toMatchObject({ id: 'ana' });
    expect(room.rooms[0]!.participants.map(({ id }) => id).sort()).toEqual(['ana', 'watcher']);
  });

  it('is asked of others by moderators only', async () => {
    const mod = await joined('mod');
    const ana = client('ana', {
      secret: signToken(room.secret, { participantId: 'ana', permissions: ['allow_join'] }),
    });
    await ana.join();
    expect(await ana.refusal('removePeer', { peerId: 'mod' })).toBe(4025);
    expect(await ana.refusal('disablePeerMic', { peerId: 'mod' })).toBe(4025);
    expect(await ana.refusal('closeRoom')).toBe(4025);
    await mod.request('disablePeerMic', { peerId: 'ana' });
    expect(await ana.waitFor('disableMic')).toEqual({ peerId: 'mod' });
    await mod.request('enablePeerMic', { peerId: 'ana' });
    expect(await ana.waitFor('enableMic')).toEqual({ peerId: 'mod' });
    await mod.request('removePeer', { peerId: 'ana' });
    expect(await ana.waitFor('close')).toMatchObject({ reason: { code: 1002 } });
    expect(await mod.waitFor('peerClosed')).toMatchObject({ peerId: 'ana', reason: { code: 1002 } });
  });

  it('of everyone follows when the room is closed', async () => {
    const mod = await joined('mod');
    const ana = await joined('ana');
    await mod.request('closeRoom');
    for (const each of [mod, ana])
      expect(await each.waitFor('close')).toMatchObject({ reason: { code: 1006 } });
    await until(() => room.usage.participants === 0, 'nobody is left');
    await joined('ben'); // the room itself is still there
  });
});

describe('changes', () => {
  it('of name and mode are told', async () => {
    const ana = await joined('ana');
    const ben = await joined('ben');
    await ana.request('changeDisplayName', { displayName: 'Ana B.' });
    expect(await ben.waitFor('peerDisplayNameChanged')).toMatchObject({
      peerId: 'ana',
      displayName: 'Ana B.',
      oldDisplayName: 'name of ana',
    });
    await ana.request('changeMode', { mode: 'RECV_ONLY' });
    expect(await ben.waitFor('peerModeChanged')).toMatchObject({ peerId: 'ana', mode: 'RECV_ONLY' });
  });
});
