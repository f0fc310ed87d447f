/** What is known to go wrong with Stream's client 1.60.0, on a fake of it that does the same. */
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { holdsTone, tone } from '../../contract/room-cases.js';
import { type FakeStreamPerson } from './fake-stream.js';
import { BOT_ID, createService } from './world.js';

let world: ReturnType<typeof createService>;
beforeEach(() => {
  world = createService();
});

/** A room that is in the call and publishes a tone, with everything that it tells. */
async function joined() {
  const room = world.createRoom();
  const told: string[] = [];
  room.events.on('state', ({ kind }) => told.push(kind));
  room.events.on('notice', (text) => told.push(text));
  room.events.on('audioStarted', (id) => told.push(`${id} on`));
  room.events.on('audioStopped', (id) => told.push(`${id} off`));
  const heardOf = new Set<string>();
  room.listen((id) => heardOf.add(id));
  let phase = 0;
  let pulled = 0;
  room.publish({
    pull: (out) => {
      pulled++;
      for (let n = 0; n < out.length; n++)
        out[n] = Math.round(8_000 * Math.sin((phase += (2 * Math.PI * 880) / 48_000)));
    },
  });
  await room.join();
  await world.pass(100);
  return { room, told, heardOf, pulled: () => pulled };
}

function hearsUs(person: FakeStreamPerson): boolean {
  return holdsTone({ samples: person.heard().slice(-9_600), sampleRateHz: 48_000, channelCount: 1 }, 880);
}

describe('a rejoin, after which the client has lost our track and says nothing', () => {
  it.each(['rejoin', 'migrate'] as const)('%s: the track is published anew, and heard', async (comeback) => {
    const ana = world.service.enter({ id: 'ana', name: 'Ana' });
    const { room, told } = await joined();
    const call = world.service.callOf(BOT_ID);
    const before = call.sessionId;
    expect([call.publishes, hearsUs(ana)]).toEqual([1, true]);
    call.cut();
    await world.pass(500);
    const heardAtCut = ana.heard().length;
    await world.pass(200);
    expect(ana.heard().length).toBe(heardAtCut);
    await call.restore(comeback);
    await world.pass(1_000);
    expect(call.sessionId === before).toBe(comeback === 'migrate');
    expect(call.publishes).toBe(2);
    expect(ana.heard().length).toBeGreaterThan(heardAtCut + 48_000 / 2);
    expect(hearsUs(ana)).toBe(true);
    expect(told.filter((text) => /published|muted/.test(text))).toEqual([]);
    expect(room.state).toEqual({ kind: 'connected' });
    await room.leave();
  });

  it('fast: the session stays, and the track with it: nothing is published twice', async () => {
    const ana = world.service.enter({ id: 'ana', name: 'Ana' });
    const { room } = await joined();
    const call = world.service.callOf(BOT_ID);
    call.cut();
    await world.pass(300);
    await call.restore('fast');
    await world.pass(1_000);
    expect([call.publishes, hearsUs(ana)]).toEqual([1, true]);
    await room.leave();
  });

  it('our own session from before, listed as somebody else with our own stream, is no participant and is not heard', async () => {
    const { room, heardOf, told } = await joined();
    const call = world.service.callOf(BOT_ID);
    call.cut();
    await world.pass(100);
    const listed: string[] = [];
    call.state.participants$.subscribe((sessions) =>
      listed.push(
        ...sessions.filter((each) => each.isLocalParticipant === false).map(({ userId }) => userId),
      ),
    );
    await call.restore('rejoin');
    await world.pass(50);
    expect(listed).toContain(BOT_ID);
    expect([...room.participants.keys()]).toEqual([]);
    await world.pass(500);
    expect([...heardOf]).toEqual([]);
    expect(told.filter((text) => text.endsWith(' on'))).toEqual([]);
    await room.leave();
  });

  it('a call that takes our track no more is joined anew by us', async () => {
    const ana = world.service.enter({ id: 'ana', name: 'Ana' });
    const { room, told } = await joined();
    const call = world.service.callOf(BOT_ID);
    call.publish = () => Promise.reject(new Error('negotiation failed'));
    call.cut();
    await world.pass(100);
    await call.restore('rejoin');
    await world.pass(12_000);
    expect(told).toContain('our track is not published yet: negotiation failed');
    expect(told).toContain('the call does not take our track any more; joining again');
    expect(world.service.callOf(BOT_ID)).not.toBe(call);
    expect([room.state.kind, hearsUs(ana)]).toEqual(['connected', true]);
    await room.leave();
  });
});

describe('a refused token', () => {
  it('is shown once and not five times, its error says what to check, and no key is in it', async () => {
    const told: string[] = [];
    const token = await world.tokenOf(BOT_ID, 60, 'another-secret-than-the-one');
    const room = world.createRoom({ createToken: () => Promise.resolve(token) });
    room.events.on('notice', (text) => told.push(text));
    await expect(room.join()).rejects.toMatchObject({
      name: 'ParleyError',
      code: 'key_refused',
      retryable: false,
      message: expect.stringMatching(
        /^the signature of the token is wrong; check STREAM_API_SECRET \(43: /,
      ) as string,
    });
    expect(world.service.connects).toBe(1);
    expect(room.state).toMatchObject({ kind: 'left', reason: { kind: 'refused', code: 43 } });
    expect(JSON.stringify([room.state, told])).not.toContain(token);
    await turn(); // a rejection that nobody took would fail this file
  });

  it('each connection has a token of its own: one that is too old opens nothing again', async () => {
    const made: string[] = [];
    const room = world.createRoom({
      createToken: async () => {
        const token = await world.tokenOf(BOT_ID, 60);
        made.push(token);
        return token;
      },
    });
    await room.join();
    await world.pass(90_000);
    world.service.callOf(BOT_ID).cut();
    await world.pass(40_000);
    expect(room.state.kind).toBe('connected');
    expect(new Set(made).size).toBe(2);
    await room.leave();
  });
});

describe('a stay in a call', () => {
  it('a call that is not there, a full one and one that nobody answers for: an error each, and what to do', async () => {
    const cases = [
      [
        'no call',
        { calls: true },
        'usage',
        /^Stream knows no such call; check the call id, or create the call first \(16: /,
      ],
      [
        'full',
        { error: { errorEvent: { error: { code: 301 } } } },
        'service_unavailable',
        /^the call is full; free a place or try later \(301/,
      ],
      ['gone', { down: true }, 'service_unavailable', /ENOTFOUND/],
    ] as const;
    for (const [, change, code, message] of cases) {
      world = createService();
      if ('calls' in change) world.service.calls.clear();
      if ('error' in change) world.service.joinError = Object.assign(new Error('x'), change.error);
      if ('down' in change) world.service.isDown = true;
      const room = world.createRoom();
      await expect(room.join()).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
      });
      expect(room.state.kind).toBe('left');
      expect(world.service.clients.map(({ isConnected }) => isConnected)).toEqual([false]);
    }
  });

  it('a join that hangs is given up in time, and says how far it came', async () => {
    const room = world.createRoom({
      createSdk: (browser) => {
        const sdk = world.service.createSdk(browser);
        return {
          StreamVideoClient: class extends sdk.StreamVideoClient {
            override connectUser(): Promise<unknown> {
              return new Promise(() => undefined);
            }
          },
        };
      },
    });
    const joining = room.join().catch((error: unknown) => String(error));
    await world.pass(10_100);
    expect(await joining).toBe(
      "ParleyError: Stream did not let the interpreter's user connect within 10 s; try again",
    );
  });

  it('ended for all: left, in good order; nobody is joined again', async () => {
    const { room, told } = await joined();
    world.service.endCall();
    await world.pass(500);
    expect(room.state).toEqual({
      kind: 'left',
      reason: { kind: 'room_closed', message: 'the call was ended' },
    });
    expect(told).toEqual(['connecting', 'connected', 'left']);
    expect(world.service.clients).toHaveLength(1);
  });

  it('a client that gives up after 30 s is replaced, told as reconnecting all the while', async () => {
    const ana = world.service.enter({ id: 'ana', name: 'Ana' });
    const { room, told } = await joined();
    world.service.callOf(BOT_ID).cut();
    await world.pass(29_000);
    expect(room.state.kind).toBe('reconnecting');
    await world.pass(3_000);
    expect(room.state.kind).toBe('connected');
    expect(hearsUs(ana)).toBe(true);
    expect(world.service.clients).toHaveLength(2);
    expect(told).toEqual([
      'connecting',
      'connected',
      'ana on',
      'ana off',
      'reconnecting',
      'the Stream client did not come back by itself; joining again',
      'connected',
      'ana on',
    ]);
    await room.leave();
  });

  it('muted by a moderator: told, and what is to be said waits', async () => {
    const ana = world.service.enter({ id: 'ana', name: 'Ana' });
    const { room, told, pulled } = await joined();
    world.service.callOf(BOT_ID).muteByModerator();
    await world.pass(50);
    const before = pulled();
    await world.pass(500);
    expect(pulled()).toBe(before);
    expect(told.at(-1)).toBe(
      'a moderator has muted the interpreter: nobody hears it; what it would say is in the captions',
    );
    expect(ana.heard().length).toBeGreaterThan(0);
    await room.leave();
  });

  it('one user twice: two participants, heard apart, and each keeps its id', async () => {
    const first = world.service.enter({ id: 'ana', name: 'Ana' });
    const second = world.service.enter({ id: 'ana', name: 'Ana on the phone' });
    const room = world.createRoom();
    const tones = new Map<string, Set<number>>();
    room.listen((id, frame) => {
      for (const hz of [440, 660])
        if (holdsTone(frame, hz)) tones.set(id, (tones.get(id) ?? new Set()).add(hz));
    });
    await room.join();
    await world.pass(100);
    const [, secondId] = [...room.participants.keys()];
    expect([...room.participants.keys()]).toEqual(['ana', `ana~${second.sessionId.slice(0, 8)}`]);
    first.say(tone(440, 300));
    second.say(tone(660, 300));
    await world.pass(400);
    expect(Object.fromEntries([...tones].map(([id, hz]) => [id, [...hz]]))).toEqual({
      ana: [440],
      [secondId!]: [660],
    });
    first.leave();
    await world.pass(50);
    expect([...room.participants.keys()]).toEqual([secondId]);
    await room.leave();
  });

  it('a microphone that is on and brings no sound is told', async () => {
    const { room, told } = await joined();
    const ana = world.service.enter({ id: 'ana', name: 'Ana', micOn: false });
    Object.assign(ana.session, { publishedTracks: [1] });
    world.service.changed();
    await world.pass(10_100);
    expect(told.at(-1)).toBe('the microphone of ana is on, and its sound does not come');
    await room.leave();
  });

  it('leaves nothing behind: no connection, no sink, no listener', async () => {
    const ana = world.service.enter({ id: 'ana', name: 'Ana' });
    const { room } = await joined();
    ana.say(tone(440, 200));
    await world.pass(200);
    await room.leave();
    expect(world.service.clients.map(({ isConnected }) => isConnected)).toEqual([false]);
    expect(world.wrtc.connections.map(({ connectionState }) => connectionState)).toEqual(['closed']);
    expect(world.wrtc.sinks.map(({ stopped }) => stopped)).not.toContain(false);
    expect(world.problems).toEqual([]);
  });
});
