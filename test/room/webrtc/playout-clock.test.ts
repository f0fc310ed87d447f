import { describe, expect, it } from 'vitest';
import { PlayoutQueue } from '../../../audio/index.js';
import { type ChannelClient, OutputChannel } from '../../../src/interpreter/playback/output-channel.js';
import { type Clock, type TimerHandle, VirtualClock } from '../../../src/clock.js';
import { PlayoutClock, playoutClockOn } from '../../../src/room/webrtc/playout-clock.js';

const LEAD_MS = 20;

/** A clock whose thread can be busy: timers that fall due meanwhile fire when it is over. */
class BusyClock implements Clock {
  readonly inner = new VirtualClock();
  #busyUntilMs = 0;

  nowMs(): number {
    return this.inner.nowMs();
  }

  epochMs(): number {
    return this.inner.epochMs();
  }

  random(): number {
    return this.inner.random();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    return this.inner.setTimer(() => {
      if (this.nowMs() < this.#busyUntilMs) this.setTimer(callback, this.#busyUntilMs - this.nowMs());
      else callback();
    }, delayMs);
  }

  stallFor(durationMs: number): void {
    this.#busyUntilMs = this.nowMs() + durationMs;
    this.inner.advanceBy(durationMs);
  }
}

function setUp(): { clock: BusyClock; playout: PlayoutClock; beats: { atMs: number; nowMs: number }[] } {
  const clock = new BusyClock();
  const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
  const beats: { atMs: number; nowMs: number }[] = [];
  playout.add({ playFrame: (atMs) => beats.push({ atMs, nowMs: clock.nowMs() }) });
  return { clock, playout, beats };
}

function clientOf(speakerId: string): ChannelClient {
  const ignore = (): void => undefined;
  return {
    ...{ speakerId, onStarted: ignore, onAudible: ignore, onFinished: ignore },
    ...{ onCut: ignore, onHold: ignore, onHurry: ignore },
  };
}

describe('PlayoutClock', () => {
  it('beats every 10 ms on an absolute grid, its lead before the time a frame stands for', () => {
    const { clock, beats } = setUp();
    clock.inner.advanceTo(1_000);
    expect(beats).toHaveLength(101);
    beats.forEach(({ atMs, nowMs }, n) => {
      expect(atMs).toBe(LEAD_MS + n * 10);
      expect(nowMs).toBe(n * 10);
    });
  });

  it('does not drift when timers are late: lateness never adds up', () => {
    const { clock, playout, beats } = setUp();
    for (let second = 0; second < 60; second++) {
      clock.inner.advanceBy(993);
      clock.stallFor(7);
    }
    expect(beats).toHaveLength(6_001);
    expect(beats.at(-1)!.nowMs).toBe(60_000);
    expect(playout.stats.reanchors).toBe(0);
  });

  it.each([10, 60, 300, 500, 1_000, 2_000])('pushes what is missing at once when %i ms late', (stallMs) => {
    const { clock, playout, beats } = setUp();
    clock.inner.advanceTo(500);
    clock.stallFor(stallMs);
    clock.inner.advanceTo(3_000);
    expect(beats.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 301 }, (_, n) => LEAD_MS + n * 10));
    expect(playout.stats).toMatchObject({ reanchors: 0, skippedMs: 0 });
    expect(playout.stats.maxLateMs).toBeLessThanOrEqual(stallMs);
  });

  it('sets the grid anew at now when it is later than 2 s, counts it, and skips the time', () => {
    const { clock, playout, beats } = setUp();
    clock.inner.advanceTo(500); // the frame for 520 went out; the next is due at 510
    clock.stallFor(2_100);
    expect(playout.stats).toMatchObject({ reanchors: 1, caughtUpFrames: 0 });
    expect(playout.stats.skippedMs).toBe(2_070); // 530 to 2600
    expect(beats.filter(({ nowMs }) => nowMs === 2_600).map(({ atMs }) => atMs)).toEqual([
      2_600, 2_610, 2_620,
    ]);
    clock.inner.advanceTo(3_000);
    expect(beats.at(-1)).toEqual({ atMs: 3_020, nowMs: 3_000 });
  });

  it('a stall of 300 ms leaves nothing out: what is heard goes on with the frame that was its turn', () => {
    const { clock, playout, beats } = setUp();
    clock.inner.advanceTo(500);
    clock.stallFor(300);
    expect(beats.filter(({ nowMs }) => nowMs === 800).map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 30 }, (_, n) => 530 + n * 10),
    );
    expect(playout.stats).toMatchObject({ reanchors: 0, skippedMs: 0, caughtUpFrames: 27 });
  });

  it('a barge-in silences what was not pushed yet within one frame, also right after a stall', () => {
    const clock = new BusyClock();
    const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
    const channel = new OutputChannel({ bargeIn: 'others' });
    const loud: number[] = [];
    playout.add({
      playFrame: (atMs) => {
        const frame = new Int16Array(480);
        channel.pull(frame, atMs);
        if (frame.some((sample) => sample !== 0)) loud.push(atMs);
      },
    });
    channel.say(clientOf('ana'), { turnId: 'turn', endMs: 0 }, 'out', new Int16Array(480_000).fill(1_000));
    clock.inner.advanceTo(500);
    clock.stallFor(300);
    const pushedAt = loud.at(-1)!;
    expect(pushedAt).toBe(820);
    expect(channel.heard('ben', 10)).toBe(true);
    clock.inner.advanceTo(2_000);
    expect(loud.at(-1)).toBe(pushedAt + 10); // the fade
  });

  it('delays queued speech over stalls that are too long, and drops none of it', () => {
    const clock = new BusyClock();
    const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
    const queue = new PlayoutQueue();
    const heard: number[] = [];
    const frame = new Int16Array(480);
    playout.add({
      playFrame: () => {
        queue.pull(frame);
        for (const sample of frame) if (sample !== 0) heard.push(sample);
      },
    });
    const speech = Int16Array.from({ length: 48_000 }, (_, n) => (n % 30_000) + 1);
    queue.enqueue('a', speech);
    queue.endItem('a');
    for (let n = 0; n < 10; n++) {
      clock.inner.advanceBy(73);
      clock.stallFor(2_300);
    }
    clock.inner.advanceBy(3_000);
    expect(heard).toEqual([...speech]);
    expect(playout.stats.reanchors).toBe(10);
    expect(queue.stats.underrunFrames).toBe(0);
  });

  it('beats all tracks in the same order, and goes on when one of them throws', () => {
    const clock = new VirtualClock();
    const problems: unknown[] = [];
    const playout = new PlayoutClock(clock, { onTrackError: (error) => problems.push(error) });
    const emitted: string[] = [];
    playout.add({
      playFrame: () => {
        emitted.push('a');
        throw new Error('a failed');
      },
    });
    playout.add({ playFrame: () => emitted.push('b') });
    clock.advanceTo(10);
    expect(emitted).toEqual(['a', 'b', 'a', 'b']);
    expect(problems).toHaveLength(2);
  });

  it('rests without tracks, and starts at now with the next one', () => {
    const clock = new VirtualClock();
    const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
    const remove = playout.add({ playFrame: () => undefined });
    clock.advanceTo(100);
    remove();
    expect(clock.nextDueMs()).toBeUndefined();
    clock.advanceTo(5_000);
    const atMs: number[] = [];
    playout.add({ playFrame: (time) => atMs.push(time) });
    clock.advanceTo(5_010);
    expect(atMs).toEqual([5_020, 5_030]);
    expect(playout.stats).toMatchObject({ reanchors: 0, maxLateMs: 0 });
  });

  it('a track may remove itself while it plays', () => {
    const clock = new VirtualClock();
    const playout = new PlayoutClock(clock);
    let frames = 0;
    const remove = playout.add({
      playFrame: () => {
        frames++;
        remove();
      },
    });
    clock.advanceTo(100);
    expect(frames).toBe(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('is one per clock, so that a process has one', () => {
    const clock = new VirtualClock();
    expect(playoutClockOn(clock)).toBe(playoutClockOn(clock));
    expect(playoutClockOn(new VirtualClock())).not.toBe(playoutClockOn(clock));
  });
});

describe('PlayoutClock, while tracks rest', () => {
  /** A track that rests when it is told to, and notes what it was given and when. */
  function restingTrack(clock: BusyClock) {
    const listeners = new Set<() => void>();
    const track = {
      resting: true,
      given: [] as { nowMs: number; frames?: number; atMs?: number }[],
      playFrame: (atMs: number) => track.given.push({ nowMs: clock.nowMs(), atMs }),
      playSilence: (frames: number) => track.given.push({ nowMs: clock.nowMs(), frames }),
      onWake: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      wake: () => {
        track.resting = false;
        for (const listener of listeners) listener();
      },
      listeners,
    };
    return track;
  }

  it('hands over silence in lots of 200 ms, and as much of it as time has gone by', () => {
    const clock = new BusyClock();
    const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
    const track = restingTrack(clock);
    playout.add(track);
    clock.inner.advanceTo(1_000);
    expect(track.given).toEqual([
      { nowMs: 190, frames: 20 },
      { nowMs: 390, frames: 20 },
      { nowMs: 590, frames: 20 },
      { nowMs: 790, frames: 20 },
      { nowMs: 990, frames: 20 },
    ]);
    expect(playout.stats).toMatchObject({ beats: 100, reanchors: 0, maxLateMs: 0 });
  });

  it('a track that wakes gets the silence that it missed and then its frames, on the same grid and at once', () => {
    const clock = new BusyClock();
    const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
    const track = restingTrack(clock);
    playout.add(track);
    clock.inner.advanceTo(455);
    track.given.length = 0;
    track.wake();
    clock.inner.advanceTo(480);
    // The last lot ended with the frame of 410 ms: five more are due that nobody has heard anything of.
    expect(track.given).toEqual([
      { nowMs: 455, frames: 5 },
      { nowMs: 455, atMs: 470 },
      { nowMs: 460, atMs: 480 },
      { nowMs: 470, atMs: 490 },
      { nowMs: 480, atMs: 500 },
    ]);
    expect(playout.stats).toMatchObject({ beats: 49, reanchors: 0 });
  });

  it('beats for each frame as soon as one of several tracks does not rest', () => {
    const clock = new BusyClock();
    const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
    const [first, second] = [restingTrack(clock), restingTrack(clock)];
    playout.add(first);
    playout.add(second);
    clock.inner.advanceTo(300);
    second.wake();
    clock.inner.advanceTo(1_000);
    expect(second.given.filter(({ atMs }) => atMs !== undefined).map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 71 }, (_, n) => 320 + n * 10),
    );
    const frames = first.given.reduce((sum, given) => sum + (given.frames ?? 0), 0);
    expect(frames).toBe(100);
    expect(first.given.every(({ atMs }) => atMs === undefined)).toBe(true);
  });

  it('forgets a track that is taken out, and takes a new one in at once', () => {
    const clock = new BusyClock();
    const playout = new PlayoutClock(clock, { leadMs: LEAD_MS });
    const resting = restingTrack(clock);
    const stop = playout.add(resting);
    clock.inner.advanceTo(100);
    const times: number[] = [];
    playout.add({ playFrame: (atMs) => times.push(atMs) });
    clock.inner.advanceTo(120);
    expect(times).toEqual([120, 130, 140]);
    stop();
    expect(resting.listeners.size).toBe(0);
    resting.given.length = 0;
    clock.inner.advanceTo(1_000);
    expect(resting.given).toEqual([]);
  });
});
