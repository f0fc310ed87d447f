import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { createLogger } from '../../src/log.js';
import { gatedPlatform, newMediaCounts } from '../../src/meeting-process/gated-platform.js';
import type { MeetingPlatform } from '../../src/room/meeting-platform.js';
import { FakeMeeting } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';

it('counts the frames that pass, and lets none be heard while the gate is closed, of further voices neither', async () => {
  const clock = new VirtualClock();
  const hall = new FakeMeeting({ clock });
  const inMemory = {
    description: 'memory',
    capabilities: { directedData: true, keptData: true, roomsByApi: false, furtherVoices: true },
    openRoom: ({ participantId, name }) =>
      Promise.resolve(new MemoryRoom({ meeting: hall, participantId: participantId!, name })),
    openVoice: ({ participantId, name }) =>
      Promise.resolve(new MemoryRoom({ meeting: hall, participantId: participantId!, name })),
  } as Partial<MeetingPlatform> as MeetingPlatform;
  let isOpen = true;
  const counts = newMediaCounts();
  const platform = gatedPlatform(inMemory, () => isOpen, counts);
  const request = { meetingId: 'room', stayMs: 1, clock, log: createLogger({ level: 'silent' }) };
  const main = await platform.openRoom({ ...request, name: 'Parley', participantId: 'parley-1' });
  const voice = await platform.openVoice({ ...request, name: 'Parley fr', participantId: 'parley-1-fr' });
  const pulled = [0, 0];
  for (const [index, room] of [main, voice].entries()) {
    room.publish({
      pull: (out) => {
        pulled[index]!++;
        out.fill(1_000);
      },
    });
    let heard = 0;
    room.listen(() => heard++);
    await room.join();
  }
  const loud = new Map<string, number>();
  const ana = hall.enter({
    ...{ id: 'ana', name: 'Ana' },
    onAudio: (id, { samples }) =>
      loud.set(id, (loud.get(id) ?? 0) + (samples.some((sample) => sample !== 0) ? 1 : 0)),
  });
  const framesIn = (ms: number) => {
    loud.clear();
    clock.advanceBy(ms);
    return [loud.get('parley-1'), loud.get('parley-1-fr')];
  };
  expect(framesIn(1_000)).toEqual([100, 100]);
  expect(counts).toMatchObject({ framesPulled: 100, framesHeard: 100 });
  expect([...counts.openMicrophones]).toEqual(['ana']);
  isOpen = false;
  expect(framesIn(500)).toEqual([0, 0]);
  expect(pulled).toEqual([150, 150]); // what it had to say meanwhile is not said later
  ana.mute();
  expect([...counts.openMicrophones]).toEqual([]);
  isOpen = true;
  expect(framesIn(100)).toEqual([10, 10]);
});
