/** A room and its connections as they are, on a virtual clock, with an SDK in place of VideoSDK's that is dropped after each join. */
import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, it, vi } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { VideoSdkRoom } from '../../../src/room/videosdk/room.js';
import { createFakeWrtc } from '../webrtc/fake-wrtc.js';

/** What the SDK waits before it joins again by itself. */
const SDK_WAIT_MS = 2_500;

const service = vi.hoisted((): { clock: unknown; stayMs: number; joinedAtMs: number[] } => ({
  clock: undefined,
  stayMs: 0,
  joinedAtMs: [],
}));

vi.mock('../../../src/room/videosdk/sdk-loader.js', () => ({
  SDK_FILE: 'an SDK',
  createSdk: () => ({ config: () => undefined, initMeeting: () => new DroppedMeeting() }),
}));

class DroppedMeeting extends EventEmitter {
  readonly participants = new Map();
  readonly pubSub = {
    publish: () => Promise.resolve(),
    subscribe: () => Promise.resolve(),
    unsubscribe: () => Promise.resolve(),
  };
  readonly #clock = service.clock as VirtualClock;
  #left = false;

  join(): Promise<void> {
    this.#enter();
    return Promise.resolve();
  }

  leave(): Promise<void> {
    this.#left = true;
    return Promise.resolve();
  }

  #enter(): void {
    if (this.#left) return;
    service.joinedAtMs.push(this.#clock.nowMs());
    this.emit('meeting-joined', { peers: [] });
    this.#clock.setTimer(() => {
      if (this.#left) return;
      this.emit('meeting-state-changed', { state: 'RECONNECTING' });
      this.#clock.setTimer(() => this.#enter(), SDK_WAIT_MS);
    }, service.stayMs);
  }
}

let clock: VirtualClock;
let room: VideoSdkRoom;
beforeEach(() => {
  clock = new VirtualClock();
  Object.assign(service, { clock, joinedAtMs: [] });
  room = new VideoSdkRoom(
    {
      ...{
        meetingId: 'abcd-efgh-ijkl',
        participantId: 'parley-1',
        name: 'Parley',
        token: 'none',
        metadata: {},
      },
      ...{ signalingBaseUrl: 'localhost', trusted: undefined, telemetry: false, hears: 'people' },
      ...{ wayTo: () => undefined, joinTimeoutMs: 10_000, clock, wrtc: createFakeWrtc() },
    },
    (error) => {
      throw error;
    },
  );
});

async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 10; step++) {
    clock.advanceBy(100);
    await turn();
  }
}

it('a meeting that drops us right after each join is joined ever more seldom, and is left in the end', async () => {
  service.stayMs = 1_000;
  await room.join();
  await pass(300);
  // Twice by the SDK, then by us: a tenth of a second is the pace of this test.
  expect(service.joinedAtMs).toEqual([
    0, 3_500, 7_000, 8_100, 10_100, 13_100, 18_100, 27_100, 43_100, 59_100,
  ]);
  expect(room.state).toMatchObject({
    kind: 'left',
    reason: {
      kind: 'lost',
      message: 'the meeting server lets us in and ends each connection within a minute',
    },
    error: { code: 'service_unavailable' },
  });
});

it('one that drops us after more than a minute each time is joined again each time', async () => {
  service.stayMs = 61_000;
  await room.join();
  await pass(700);
  expect(service.joinedAtMs).toEqual(Array.from({ length: 12 }, (_, stay) => stay * 63_500));
  expect(['connected', 'reconnecting']).toContain(room.state.kind);
  await room.leave();
});
