import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { FakeMeeting } from '../../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../../src/room/testing/memory-room.js';
import type { DataMessage } from '../../../src/room/room.js';
import type { RoomWorld, WorldPerson } from '../../contract/room-cases.js';
import { roomContract } from '../../contract/room-contract.js';

function makeWorld(): RoomWorld {
  const clock = new VirtualClock();
  const meeting = new FakeMeeting({ clock });
  const room = new MemoryRoom({ meeting, participantId: 'parley-1', name: 'Parley' });
  const now = (act: () => void): Promise<void> => {
    act();
    return Promise.resolve();
  };
  return {
    room,
    patienceMs: 5_000,
    pass: (durationMs) =>
      now(() => {
        clock.advanceBy(durationMs);
      }),
    enter: (options) => {
      const heard: Int16Array[] = [];
      const messages: DataMessage[] = [];
      const onAudio = (id: string, { samples }: { samples: Int16Array }) => {
        if (id === room.participantId) heard.push(samples.slice());
      };
      const person = meeting.enter({ ...options, onAudio });
      return Promise.resolve<WorldPerson>({
        id: options.id,
        messages,
        say: (pcm) => now(() => person.say(pcm)),
        mute: () => now(() => person.mute()),
        unmute: () => now(() => person.unmute()),
        leave: () => now(() => person.leave()),
        change: (change) => now(() => person.change(change)),
        send: (topic, text, sent) => now(() => person.send(topic, text, sent)),
        read: (topic) => now(() => void person.subscribe(topic, (message) => messages.push(message))),
        heard: () => Int16Array.from(heard.flatMap((frame) => [...frame])),
      });
    },
    refuse: () => now(() => (meeting.refusal = { kind: 'denied', message: 'not today' })),
    removeUs: () => now(() => meeting.remove('parley-1', { kind: 'removed', message: 'by the host' })),
    dropConnection: () => now(() => room.dropConnection()),
    restoreConnection: () => now(() => room.restoreConnection()),
    loseConnection: () => now(() => room.loseConnection()),
  };
}

roomContract('memory room', () => Promise.resolve({ world: makeWorld(), dispose: () => Promise.resolve() }));

describe('MemoryMeeting', () => {
  const enterTwo = () => {
    const clock = new VirtualClock();
    const meeting = new FakeMeeting({ clock });
    const room = new MemoryRoom({ meeting, participantId: 'parley-1', name: 'Parley' });
    return { clock, meeting, room };
  };

  it('tells a watcher all that happens, and nobody that there is one', async () => {
    const { clock, meeting, room } = enterTwo();
    const emitted: string[] = [];
    const frames = new Map<string, number[]>();
    const stop = meeting.watch({
      joined: ({ id }) => emitted.push(`${id} joined`),
      changed: ({ id, name }) => emitted.push(`${id} is ${name}`),
      left: ({ id }) => emitted.push(`${id} left`),
      microphone: (id, on) => emitted.push(`${id} ${on ? 'on' : 'off'}`),
      frame: (id, { samples }, atMs) => frames.set(id, [...(frames.get(id) ?? []), atMs, samples[0]!]),
      message: ({ senderId, topic }) => emitted.push(`${senderId} sends ${topic}`),
      removed: () => emitted.push('removed'),
    });
    room.publish({ pull: (out) => out.fill(7) });
    await room.join();
    const ana = meeting.enter({ id: 'ana', name: 'Ana' });
    ana.say(new Int16Array(480).fill(5));
    clock.advanceBy(20);
    ana.send('private', 'to nobody', { sendOnly: [] });
    ana.change({ name: 'Anna' });
    ana.mute();
    expect([...room.participants.keys()]).toEqual(['ana']);
    expect([...meeting.participants.keys()]).toEqual(['parley-1', 'ana']);
    stop();
    ana.leave();
    clock.advanceBy(10);
    expect(emitted).toEqual([
      'parley-1 joined',
      'parley-1 on',
      'ana joined',
      'ana on',
      'ana sends private',
      'ana is Anna',
      'ana off',
    ]);
    expect(frames.get('ana')).toEqual([0, 5, 10, 0]);
    expect(frames.get('parley-1')).toEqual([10, 7, 20, 7]);
  });

  it('says PCM sample by sample in its own format, silence behind it, on the clock', async () => {
    const { clock, meeting, room } = enterTwo();
    const heard: { samples: number[]; sampleRateHz: number; channelCount: number; atMs: number }[] = [];
    room.listen((_id, { samples, ...format }, atMs) =>
      heard.push({ samples: [...samples], ...format, atMs }),
    );
    clock.advanceBy(1_234.5);
    await room.join();
    const ana = meeting.enter({ id: 'ana', name: 'Ana' });
    const pcm = Int16Array.from({ length: 500 }, (_, n) => n + 1);
    ana.say(pcm, { sampleRateHz: 8_000, channelCount: 2 });
    ana.say(Int16Array.of(7));
    expect(ana.pendingMs).toBeCloseTo(31.25 + 1 / 48, 9);
    clock.advanceBy(60);
    expect(ana.pendingMs).toBe(0);
    expect(heard.map(({ atMs }) => atMs)).toEqual([1234.5, 1244.5, 1254.5, 1264.5, 1274.5, 1284.5]);
    expect(heard.slice(0, 4).flatMap(({ samples }) => samples)).toEqual([...pcm, ...new Int16Array(140)]);
    expect(heard[4]).toMatchObject({ sampleRateHz: 48_000, channelCount: 1 });
    expect(heard[4]?.samples.slice(0, 2)).toEqual([7, 0]);
    expect(heard[4]?.samples).toHaveLength(480);
    expect(heard[5]?.samples.every((sample) => sample === 0)).toBe(true);
  });

  it('a muted person goes on speaking unheard', async () => {
    const { clock, meeting, room } = enterTwo();
    const heard: number[] = [];
    room.listen((_id, { samples }) => heard.push(samples[0]!));
    await room.join();
    const ana = meeting.enter({ id: 'ana', name: 'Ana' });
    ana.say(Int16Array.from({ length: 480 * 5 }, (_, n) => 1 + Math.floor(n / 480)));
    clock.advanceBy(20);
    ana.mute();
    clock.advanceBy(10);
    ana.unmute();
    clock.advanceBy(30);
    expect(heard).toEqual([1, 2, 4, 5, 0]);
  });

  it('the same id a second time removes the first', async () => {
    const { meeting, room } = enterTwo();
    await room.join();
    const rejoined = new MemoryRoom({ meeting, participantId: 'parley-1', name: 'Parley' });
    await rejoined.join();
    expect(room.state).toMatchObject({
      kind: 'left',
      reason: { kind: 'duplicate' },
      error: { name: 'ParleyError' },
    });
    expect(rejoined.state).toEqual({ kind: 'connected' });
    const ana = meeting.enter({ id: 'ana', name: 'Ana' });
    meeting.enter({ id: 'ana', name: 'Ana the second' });
    ana.leave();
    expect(rejoined.participants.get('ana')?.name).toBe('Ana the second');
  });

  it('skips frames after a long stop of the process instead of catching them all up', async () => {
    let nowMs = 0;
    let due: { callback: () => void; atMs: number } | undefined;
    const clock = {
      nowMs: () => nowMs,
      epochMs: () => nowMs,
      random: () => 0,
      setTimer: (callback: () => void, delayMs: number) => {
        due = { callback, atMs: nowMs + delayMs };
        return { cancel: () => (due = undefined) };
      },
    };
    const meeting = new FakeMeeting({ clock });
    const room = new MemoryRoom({ meeting, participantId: 'parley-1', name: 'Parley' });
    const pulledAtMs: number[] = [];
    room.publish({ pull: (_out, atMs) => pulledAtMs.push(atMs) });
    await room.join();
    const fireAt = (atMs: number) => {
      nowMs = atMs;
      due?.callback();
    };
    fireAt(35);
    expect(pulledAtMs).toEqual([10, 20, 30]);
    fireAt(3_600_000);
    expect(pulledAtMs).toEqual([10, 20, 30, 3_600_000]);
    expect(due?.atMs).toBe(3_600_010);
  });

  it('has no timer left when everyone has gone', async () => {
    const { clock, meeting, room } = enterTwo();
    await room.join();
    const ana = meeting.enter({ id: 'ana', name: 'Ana' });
    clock.advanceBy(55);
    expect(clock.nextDueMs()).toBe(60);
    await room.leave();
    ana.leave();
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('forgets the oldest of more than 1,000 kept messages', () => {
    const { meeting } = enterTwo();
    const ana = meeting.enter({ id: 'ana', name: 'Ana' });
    for (let n = 0; n < 1_200; n++) ana.send('TALK', String(n), { persist: true });
    const texts = meeting.history('TALK', 'bob').map(({ text }) => text);
    expect(texts).toHaveLength(1_000);
    expect([texts[0], texts.at(-1)]).toEqual(['200', '1199']);
  });
});
