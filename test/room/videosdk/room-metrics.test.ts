import { expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { VideoSdkRoom } from '../../../src/room/videosdk/room.js';
import { playoutClockOn } from '../../../src/room/webrtc/playout-clock.js';
import { createFakeWrtc } from '../webrtc/fake-wrtc.js';

it('a room counts playout, who is heard, and listeners that throw', async () => {
  const clock = new VirtualClock();
  const errors: string[] = [];
  const room = new VideoSdkRoom(
    {
      ...{
        meetingId: 'abcd-efgh-ijkl',
        participantId: 'parley-1',
        name: 'Parley',
        token: 'none',
        metadata: {},
      },
      ...{ signalingBaseUrl: 'localhost', trusted: undefined, telemetry: false, hears: 'people' },
      wayTo: () => undefined,
      ...{ joinTimeoutMs: 1_000, clock, wrtc: createFakeWrtc() },
    },
    (error, event) => errors.push(`${event}: ${String(error)}`),
  );
  const values = () => Object.fromEntries(room.metrics().map(({ name, value }) => [name, value]));
  expect(values()).toEqual({
    playout_frames: 0,
    playout_caught_up_frames: 0,
    playout_skips: 0,
    playout_skipped_ms: 0,
    playout_max_late_ms: 0,
    microphones_on: 0,
    published_frames: 0,
    room_listener_errors: 0,
  });

  const stop = playoutClockOn(clock).add({ playFrame: () => undefined });
  clock.advanceBy(1_000);
  stop();
  expect(values()['playout_frames']).toBeGreaterThanOrEqual(99);
  expect(values()['playout_frames']).toBeLessThanOrEqual(101);

  room.events.on('state', () => {
    throw new Error('broken');
  });
  await room.leave();
  expect(values()['room_listener_errors']).toBe(1);
  expect(errors).toEqual(['state: Error: broken']);
  for (const { name, help } of room.metrics()) {
    expect(name).toMatch(/^[a-z_]+$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  }
});
