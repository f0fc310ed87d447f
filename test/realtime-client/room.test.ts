/** What an agent hears of a room, and what of its speech is heard: over a scripted server, in a room in memory. */
import { describe, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector, measureLevel } from '../../audio/index.js';
import { VirtualClock } from '../../src/clock.js';
import { connectRealtime, type ConnectRealtimeOptions } from '../../src/realtime-client/connect-realtime.js';
import type { RealtimeClient } from '../../src/realtime-client/client.js';
import { whilePending } from '../../src/replay/while-pending.js';
import { FakeMeeting, type FakePerson } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { backendOver } from '../realtime/backend-over.js';
import { ScriptedServer, tone } from '../realtime/scripted-transport.js';
import { loadBook } from '../embedded/phrasebook/book.js';
import { collector, sentOf, settle, tellingOf, type Told } from './fixture.js';

type World = {
  client: RealtimeClient;
  clock: VirtualClock;
  hall: FakeMeeting;
  room: MemoryRoom;
  server: ScriptedServer;
  told: Told[];
  /** Loudest level of what the agent's track held since this was asked last. */
  loudestDbfs(): number;
};

async function enterRoom(options: Partial<ConnectRealtimeOptions> = {}): Promise<World> {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  const clock = new VirtualClock();
  const hall = new FakeMeeting({ clock });
  const server = new ScriptedServer();
  const room = new MemoryRoom({ meeting: hall, participantId: 'parley-nova', name: 'Nova' });
  const client = await whilePending(
    connectRealtime({
      ...{ room, clock, backend: backendOver(() => server.open), log: collector([]) },
      ...options,
    } as ConnectRealtimeOptions),
    () => settle(),
  );
  let loudest = -Infinity;
  hall.watch({
    joined: () => undefined,
    changed: () => undefined,
    left: () => undefined,
    microphone: () => undefined,
    message: () => undefined,
    removed: () => undefined,
    frame: (id, { samples }) => {
      if (id === 'parley-nova') loudest = Math.max(loudest, measureLevel(samples).rmsDbfs);
    },
  });
  const loudestDbfs = (): number => {
    const level = loudest;
    loudest = -Infinity;
    return level;
  };
  return { client, clock, hall, room, server, told: tellingOf(client), loudestDbfs };
}

/** Time passes, and what happens in it arrives. */
async function pass({ clock }: World, durationMs: number): Promise<void> {
  const endMs = clock.nowMs() + durationMs;
  while (clock.nowMs() < endMs) {
    clock.advanceBy(20);
    await settle();
  }
}

const heardOf = ({ server }: World): Int16Array => {
  const { appends } = server.connection;
  const whole = new Int16Array(server.connection.appendedSamples);
  let at = 0;
  for (const pcm of appends) {
    whole.set(pcm, at);
    at += pcm.length;
  }
  return whole;
};

const sine = (frequencyHz: number, durationMs: number): Int16Array =>
  Int16Array.from({ length: durationMs * 48 }, (_, n) =>
    Math.round(6_000 * Math.sin((2 * Math.PI * frequencyHz * n) / 48_000)),
  );

/** How strong a frequency is in 24 kHz sound: the amplitude of its sine. */
function amplitudeOf(pcm: Int16Array, frequencyHz: number): number {
  let [re, im] = [0, 0];
  for (const [n, sample] of pcm.entries()) {
    const angle = (2 * Math.PI * frequencyHz * n) / 24_000;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
  }
  return (2 * Math.hypot(re, im)) / pcm.length;
}

describe('what is heard', () => {
  it('is everybody at once, and silence where nobody speaks', async () => {
    const world = await enterRoom();
    const ana = world.hall.enter({ id: 'ana', name: 'Ana' });
    const ben = world.hall.enter({ id: 'ben', name: 'Ben' });
    await pass(world, 1_000);
    const silentMs = world.server.connection.appendedMs;
    expect(silentMs).toBeGreaterThan(600);
    expect(measureLevel(heardOf(world)).peakDbfs).toBe(-Infinity);
    ana.say(sine(500, 1_000));
    ben.say(sine(1_200, 1_000));
    await pass(world, 1_500);
    const heard = heardOf(world);
    expect(heard.length / 24).toBeGreaterThan(silentMs + 1_300);
    const both = heard.subarray(1_300 * 24, 1_500 * 24); // in the middle of it
    expect(amplitudeOf(both, 500)).toBeGreaterThan(4_000);
    expect(amplitudeOf(both, 1_200)).toBeGreaterThan(4_000);
    expect(amplitudeOf(both, 800)).toBeLessThan(300);
    await world.client.disconnect();
  });

  it('goes on in silence when all microphones are off, and stops when everybody has left', async () => {
    const world = await enterRoom();
    const ana = world.hall.enter({ id: 'ana', name: 'Ana' });
    await pass(world, 500);
    ana.mute();
    const beforeMs = world.server.connection.appendedMs;
    await pass(world, 1_000);
    const mutedMs = world.server.connection.appendedMs;
    expect(mutedMs - beforeMs).toBeGreaterThanOrEqual(700);
    ana.leave();
    await pass(world, 500);
    const leftMs = world.server.connection.appendedMs;
    await pass(world, 1_000);
    expect(world.server.connection.appendedMs).toBe(leftMs);
    await world.client.disconnect();
  });

  it('another interpreter is not heard, and no other sound can be appended', async () => {
    const world = await enterRoom();
    world.hall.enter({ id: 'parley-other', name: 'Parley' }).say(sine(500, 500));
    await pass(world, 1_000);
    expect(world.server.connection.appendedSamples).toBe(0);
    expect(() => world.client.appendInputAudio(tone(20))).toThrow('no other audio can be appended');
    expect(() => world.client.updateSession({ input_audio_format: 'g711_ulaw' })).toThrow('pcm16 only');
    await world.client.disconnect();
  });

  it('what is said while the connection is gone is heard by the next one', async () => {
    const world = await enterRoom();
    const ana = world.hall.enter({ id: 'ana', name: 'Ana' });
    await pass(world, 500);
    let open: () => void = () => undefined;
    world.server.gate = new Promise((resolve) => (open = resolve));
    world.server.connection.drop(1006);
    ana.say(sine(500, 1_000));
    await pass(world, 1_500);
    open();
    await pass(world, 500);
    expect(world.server.connections.length).toBe(2);
    expect(amplitudeOf(heardOf(world).subarray(500 * 24, 900 * 24), 500)).toBeGreaterThan(4_000);
    await world.client.disconnect();
  });
});

/** The model speaks for so long. */
function speak({ server }: World, durationMs: number, responseId = 'resp_1', itemId = 'item_1'): void {
  const item = { id: itemId, type: 'message', role: 'assistant', content: [] };
  server.connection.responseCreated(responseId);
  server.connection.say({ type: 'conversation.item.added', item });
  for (let at = 0; at < durationMs; at += 100) server.connection.audio(responseId, itemId, tone(100));
  server.connection.say({
    type: 'response.output_item.done',
    response_id: responseId,
    output_index: 0,
    item: { ...item, status: 'completed' },
  });
  server.connection.responseDone(responseId);
}

const truncations = ({ server }: World): unknown[] =>
  sentOf(server, 'conversation.item.truncate').map((event) => {
    const { item_id: itemId, audio_end_ms: endMs } = event as { item_id: string; audio_end_ms: number };
    return [itemId, Math.round(endMs / 50) * 50];
  });

describe('what is said', () => {
  let ana: FakePerson;
  const withAna = async (): Promise<World> => {
    const world = await enterRoom();
    ana = world.hall.enter({ id: 'ana', name: 'Ana' });
    await pass(world, 100);
    return world;
  };

  it('is heard in the room, to its end, and nothing is truncated', async () => {
    const world = await withAna();
    speak(world, 500);
    await pass(world, 1_000);
    expect(world.loudestDbfs()).toBeGreaterThan(-20);
    await pass(world, 500);
    expect(world.loudestDbfs()).toBe(-Infinity);
    expect(truncations(world)).toEqual([]);
    await world.client.disconnect();
  });

  it('is cut when somebody starts to speak, and the model is told what was heard', async () => {
    const world = await withAna();
    speak(world, 3_000);
    await pass(world, 1_000);
    world.server.connection.speechStarted('item_2');
    expect(world.told.at(-1)).toEqual(['conversation.interrupted', undefined]);
    const [[itemId, endMs]] = truncations(world) as [[string, number]];
    expect(itemId).toBe('item_1');
    expect(endMs).toBeGreaterThanOrEqual(800);
    expect(endMs).toBeLessThanOrEqual(1_050);
    await pass(world, 100);
    world.loudestDbfs();
    await pass(world, 1_000);
    expect(world.loudestDbfs()).toBe(-Infinity);
    world.server.connection.audio('resp_1', 'item_1', tone(500));
    await pass(world, 500);
    expect(world.loudestDbfs()).toBe(-Infinity);
    await world.client.disconnect();
  });

  it('is cut by the program, which is not asked how much was heard', async () => {
    const world = await withAna();
    speak(world, 3_000);
    await pass(world, 1_000);
    world.client.cancelResponse('item_1');
    expect(sentOf(world.server, 'response.cancel').length).toBe(1);
    expect(truncations(world).length).toBe(1);
    await world.client.disconnect();
  });

  it('goes on where the program does not want to be interrupted', async () => {
    const world = await withAna();
    world.client.updateSession({ turn_detection: { type: 'server_vad', interrupt_response: false } });
    speak(world, 2_000);
    await pass(world, 500);
    world.server.connection.speechStarted('item_2');
    await pass(world, 500);
    world.loudestDbfs();
    await pass(world, 500);
    expect(world.loudestDbfs()).toBeGreaterThan(-20);
    expect(truncations(world)).toEqual([]);
    await world.client.disconnect();
  });

  it('is turned down at once while somebody speaks over it', async () => {
    const world = await withAna();
    const phrase = (await loadBook()).get('where-is-the-station')!.get('es')!.pcm24k;
    speak(world, 6_000);
    await pass(world, 1_000);
    const before = world.loudestDbfs();
    ana.say(phrase, { sampleRateHz: 24_000 });
    await pass(world, 1_500);
    world.loudestDbfs();
    await pass(world, 300);
    expect(world.loudestDbfs()).toBeLessThan(before - 6);
    await world.client.disconnect();
  });
});

describe('the call', () => {
  it('who is there already is told right after, then who comes and goes, and messages that were asked for', async () => {
    const clock = new VirtualClock();
    const hall = new FakeMeeting({ clock });
    hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
    const server = new ScriptedServer();
    const room = new MemoryRoom({ meeting: hall, participantId: 'parley-nova', name: 'Nova' });
    const client = await connectRealtime({
      ...{ room, clock, backend: backendOver(() => server.open), topics: ['ASK'], meetingId: 'm-1' },
    });
    const told = tellingOf(client);
    const logged: string[] = [];
    client.on('realtime.event', ({ source, event }) => logged.push(`${source} ${event.type}`));
    clock.advanceBy(0);
    const ben = hall.enter({ id: 'ben', name: 'Ben' });
    ben.send('ASK', 'when?', { payload: { to: 'nova' } });
    ben.send('OTHER', 'not asked for');
    ben.leave();
    const common = { call_cid: 'm-1', created_at: '2026-01-01T00:00:00.000Z' };
    const of = (id: string, name: string, custom: object = {}): object => ({
      user_id: id,
      user: { id, name, custom },
      is_bot: false,
    });
    expect(told).toEqual([
      [
        'call.session_participant_joined',
        {
          type: 'call.session_participant_joined',
          ...common,
          participant: of('ana', 'Ana', { preferredLanguage: 'es' }),
        },
      ],
      [
        'call.session_participant_joined',
        { type: 'call.session_participant_joined', ...common, participant: of('ben', 'Ben') },
      ],
      [
        'custom',
        {
          type: 'custom',
          ...common,
          user: { id: 'ben' },
          custom: { topic: 'ASK', text: 'when?', payload: { to: 'nova' } },
        },
      ],
      [
        'call.session_participant_left',
        { type: 'call.session_participant_left', ...common, participant: of('ben', 'Ben') },
      ],
    ]);
    expect(logged).toEqual([
      'server call.session_participant_joined',
      'server call.session_participant_joined',
      'server custom',
      'server call.session_participant_left',
    ]);
    await client.disconnect();
    expect(told.at(-1)).toEqual(['close', { error: false }]);
    expect(room.state.kind).toBe('left');
    expect(server.connection.closed).toBe(true);
  });

  it('an end that is a failure is told as one', async () => {
    const { room, told, client, server } = await enterRoom();
    room.loseConnection();
    expect(told.map(([name]) => name)).toEqual(['call.ended', 'error', 'close']);
    expect(told[0]?.[1]).toMatchObject({ reason: 'lost' });
    expect(told.at(-1)).toEqual(['close', { error: true }]);
    await client.disconnect();
    expect(server.connection.closed).toBe(true);
  });

  it('a meeting that lets nobody in leaves nothing open', async () => {
    const clock = new VirtualClock();
    const hall = new FakeMeeting({ clock });
    hall.refusal = { kind: 'refused', message: 'the token is no good' };
    const server = new ScriptedServer();
    const room = new MemoryRoom({ meeting: hall, participantId: 'parley-nova', name: 'Nova' });
    const logged: string[] = [];
    await expect(
      connectRealtime({ room, clock, backend: backendOver(() => server.open), log: collector(logged) }),
    ).rejects.toMatchObject({ code: 'key_refused' });
    expect(logged).toEqual([]);
    expect(server.connection.closed).toBe(true);
  });

  it('an id that no participant can have is refused', async () => {
    const platform = { openRoom: () => Promise.reject(new Error('not asked')) };
    await expect(
      connectRealtime({
        ...{ platform: platform as never, meetingId: 'm', agentUserId: 'a b' },
        backend: backendOver(() => new ScriptedServer().open),
      }),
    ).rejects.toThrow('agentUserId has 1 to 64 letters');
  });
});
