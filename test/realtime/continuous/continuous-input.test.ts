/** What a continuous engine is sent while frames come as they do in a meeting: in bursts, late, not at all. */
import { expect, it } from 'vitest';
import { type Clock, VirtualClock } from '../../../src/clock.js';
import { ContinuousInput } from '../../../src/realtime/continuous/continuous-input.js';
import { newSessionCounters } from '../../../src/realtime/session-counters.js';
import { chunkOf } from '../chunks.js';

const FRAME = new Int16Array(240).fill(1_000);

function open(clock: Clock) {
  const counters = newSessionCounters();
  const sent: { samples: number; silent: boolean; atMs: number }[] = [];
  const input = new ContinuousInput({
    clock,
    counters,
    pauseAfterSilenceMs: undefined,
    mayPause: () => true,
    onBound: () => undefined,
    sink: {
      append: ({ pcm, atMs }) => {
        sent.push({ samples: pcm.length, silent: pcm.every((sample) => sample === 0), atMs });
      },
      flush: () => undefined,
    },
  });
  input.start();
  const silentMs = () => sent.reduce((sum, { samples, silent }) => sum + (silent ? samples / 24 : 0), 0);
  return { input, counters, sent, silentMs };
}

it('frames that come in bursts are put one behind the other: no silence comes between them', () => {
  const clock = new VirtualClock();
  const { input, sent, counters, silentMs } = open(clock);
  for (let burst = 0; burst < 20; burst++) {
    clock.advanceBy(300);
    for (let n = 0; n < 30; n++) input.append(chunkOf(FRAME, clock.nowMs() - 10)); // as a busy event loop delivers them
  }
  expect(silentMs()).toBe(0);
  expect(counters.silenceFedMs).toBe(0);
  expect(sent.reduce((sum, { samples }) => sum + samples / 24, 0)).toBe(6_000);
  expect(Math.abs(input.endMs - clock.nowMs())).toBeLessThanOrEqual(30);
});

it('where frames stay away, silence takes their place on the clock, and goes before those that come again', () => {
  const clock = new VirtualClock();
  const { input, sent, silentMs } = open(clock);
  const speak = (frames: number) => {
    for (let n = 0; n < frames; n++) {
      clock.advanceBy(10);
      input.append(chunkOf(FRAME, clock.nowMs() - 10));
    }
  };
  speak(100);
  clock.advanceBy(3_000);
  speak(100);
  expect(silentMs()).toBeGreaterThanOrEqual(2_500);
  expect(silentMs()).toBeLessThanOrEqual(3_000);
  const kinds = sent.map(({ silent }) => (silent ? 's' : 'v')).join('');
  expect(kinds).toMatch(/^v+s+v+$/);
});

it('a clock that was held up does not take frames for missing that are about to come', () => {
  let nowMs = 0;
  let tick: (() => void) | undefined;
  const held: Clock = {
    nowMs: () => nowMs,
    epochMs: () => nowMs,
    random: () => 0.5,
    setTimer: (callback) => {
      tick = callback;
      return { cancel: () => (tick = undefined) };
    },
  };
  const { input, silentMs } = open(held);
  for (; nowMs < 200; nowMs += 10) input.append(chunkOf(FRAME, nowMs));
  nowMs = 900; // nothing ran for 700 ms: the timer comes first, then all frames
  tick?.();
  for (let n = 0; n < 70; n++) input.append(chunkOf(FRAME, 200 + n * 10));
  expect(silentMs()).toBe(0);
  nowMs = 1_100;
  tick?.();
  expect(silentMs()).toBe(0);
  nowMs = 1_300;
  tick?.();
  nowMs = 1_500;
  tick?.(); // now they do stay away
  expect(silentMs()).toBeGreaterThan(0);
});
