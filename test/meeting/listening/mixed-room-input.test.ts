import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import type { LiveRoute } from '../../../src/meeting/routes/live-route.js';
import type { AudioChunk } from '../../../src/realtime/uplink/audio-chunk.js';
import { chunkOf } from '../../realtime/chunks.js';
import { MixedRoomInput } from '../../../src/meeting/listening/mixed-room-input.js';

type Push = {
  atMs: number;
  first: number;
  last: number;
  durationMs: number;
  voiced: boolean;
  pauseMs: number;
};

/** A route that notes what it is given. */
class NotingRoute implements Pick<LiveRoute, 'isOpen' | 'push' | 'endOfSpeech'> {
  isOpen = false;
  readonly pushed: Push[] = [];
  ends = 0;

  push({ pcm, atMs, durationMs, voiced, pauseMs }: AudioChunk): void {
    if (!this.isOpen) return;
    this.pushed.push({ atMs, first: pcm[0]!, last: pcm.at(-1)!, durationMs, voiced, pauseMs });
  }

  endOfSpeech(): void {
    this.ends++;
  }
}

let clock: VirtualClock;
let route: NotingRoute;
let input: MixedRoomInput;
beforeEach(() => {
  clock = new VirtualClock();
  route = new NotingRoute();
  input = new MixedRoomInput({
    clock,
    routes: () => [route as unknown as LiveRoute],
    open: (opened, preRoll) => {
      route.isOpen = true;
      preRoll((chunk) => {
        opened.push(chunk);
      });
    },
  });
});

/** Everybody's audio for a while, one level each. */
function hear(durationMs: number, levels: Readonly<Record<string, number>>): void {
  for (let doneMs = 0; doneMs < durationMs; doneMs += 20) {
    for (const [id, level] of Object.entries(levels)) {
      input.push(id, chunkOf(new Int16Array(480).fill(level), clock.nowMs(), 1_000 * level));
    }
    clock.advanceBy(20);
  }
}

describe('the ear for a room', () => {
  it('gives a route everybody’s audio from before the first word on, added up', () => {
    hear(1_000, { ana: 1, bob: 20 });
    expect(route.isOpen).toBe(false); // nobody speaks: nothing is open
    input.speaking('bob', true);
    hear(500, { ana: 300, bob: 20 });
    input.stopped('ana');
    hear(100, { bob: 20 });
    input.stopped('bob');
    const chunks = route.pushed;
    const [before] = chunks;
    expect(before!.first).toBe(21);
    expect(before!.atMs).toBe(360); // 600 ms before the chunk that was handed out when Bob was heard
    expect(chunks.map(({ atMs }) => atMs)).toEqual(chunks.map((_, index) => before!.atMs + index * 20));
    expect(chunks.at(-1)!.atMs).toBe(1_580);
    const levelAt = (atMs: number) => chunks.find((chunk) => chunk.atMs === atMs)?.last;
    expect([1_200, 1_580].map(levelAt)).toEqual([320, 20]);
  });

  it('has speech in it while anybody speaks, and a pause as long as the shortest of theirs', () => {
    route.isOpen = true;
    hear(200, { ana: 2, bob: 3 });
    hear(200, { ana: 600, bob: 3 });
    const at = (atMs: number) => route.pushed.find((chunk) => chunk.atMs === atMs);
    expect(at(100)).toMatchObject({ voiced: false, pauseMs: 2_000 });
    expect(at(300)).toMatchObject({ voiced: true, pauseMs: 0 });
  });

  it('ends what was said when the last one’s audio stops, once', () => {
    hear(100, { ana: 1, bob: 1 });
    input.stopped('ana');
    input.stopped('ana');
    input.stopped('nobody');
    expect(route.ends).toBe(0);
    input.forget('bob');
    expect(route.ends).toBe(1);
  });

  it('never takes what was said before a hole for what was said just now', () => {
    hear(1_000, { ana: 5 });
    clock.advanceBy(60_000);
    hear(200, { ana: 7 });
    input.speaking('ana', true);
    hear(100, { ana: 7 });
    expect(route.pushed[0]).toMatchObject({ atMs: 61_000, first: 7, last: 7 });
  });

  it('knows whose speech was noticed last', () => {
    expect(input.whoSpeaks()).toBeUndefined();
    input.speaking('ana', true);
    clock.advanceBy(100);
    input.speaking('bob', true);
    expect(input.whoSpeaks()).toBe('bob');
    input.speaking('bob', false);
    expect(input.whoSpeaks()).toBe('ana'); // who goes on
    clock.advanceBy(10);
    input.speaking('ana', false);
    clock.advanceBy(900);
    expect(input.whoSpeaks()).toBe('ana');
    clock.advanceBy(200);
    expect(input.whoSpeaks()).toBeUndefined();
  });

  it('is quiet since the last of them ceased to speak', () => {
    expect(input.quietSinceMs).toBe(0);
    input.speaking('ana', true);
    input.speaking('bob', true);
    clock.advanceBy(500);
    input.speaking('ana', false);
    input.speaking('ana', false);
    expect(input.quietSinceMs).toBeUndefined();
    clock.advanceBy(500);
    input.forget('bob');
    expect(input.quietSinceMs).toBe(1_000);
  });
});
