import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioError, PlayoutQueue, type PlayedItem } from '../../audio/index.js';
import { concat, expectSameSamples, noise, tone } from './signals.js';

const FRAME = 480;
const constant = (length: number, value = 1000): Int16Array => new Int16Array(length).fill(value);

function pull(queue: PlayoutQueue, frames = 1): Int16Array {
  return concat(
    Array.from({ length: frames }, () => {
      const out = new Int16Array(queue.frameSamples).fill(-12345);
      queue.pull(out);
      return out;
    }),
  );
}

/** Enqueues a whole item. */
function add(queue: PlayoutQueue, itemId: string, pcm: Int16Array): void {
  queue.enqueue(itemId, pcm);
  queue.endItem(itemId);
}

describe('playing', () => {
  it('is silent when empty', () => {
    const queue = new PlayoutQueue();
    const out = constant(FRAME, 77);
    expect(queue.pull(out)).toEqual({ itemId: undefined, startedItemIds: [], finishedItemIds: [] });
    expect(out.every((sample) => sample === 0)).toBe(true);
    expect(queue.stats.underrunFrames).toBe(0);
  });

  it('plays what was enqueued, bit-exact, whatever the chunks', () => {
    const queue = new PlayoutQueue();
    const audio = noise(FRAME * 10, -3, 1);
    for (let start = 0, size = 1; start < audio.length; start += size, size = (size * 7) % 601) {
      queue.enqueue('a', audio.subarray(start, start + size));
    }
    queue.endItem('a');
    expectSameSamples(pull(queue, 10), audio);
  });

  it('copies: the caller may reuse its array', () => {
    const queue = new PlayoutQueue();
    const chunk = constant(FRAME, 5);
    queue.enqueue('a', chunk);
    chunk.fill(9);
    expectSameSamples(pull(queue), constant(FRAME, 5));
  });

  it('plays items without a gap, in the order of their first audio, and says so', () => {
    const queue = new PlayoutQueue();
    add(queue, 'a', constant(300, 1));
    add(queue, 'b', constant(100, 2));
    add(queue, 'c', constant(200, 3));
    const out = new Int16Array(FRAME);
    expect(queue.pull(out)).toEqual({
      itemId: 'a',
      startedItemIds: ['a', 'b', 'c'],
      finishedItemIds: ['a', 'b'],
    });
    expectSameSamples(out, concat([constant(300, 1), constant(100, 2), constant(80, 3)]));
    expect(queue.pull(out)).toEqual({ itemId: 'c', startedItemIds: [], finishedItemIds: ['c'] });
    expectSameSamples(out, concat([constant(120, 3), constant(360, 0)]));
  });

  it('lets an item that runs dry hold its place until it is ended', () => {
    const queue = new PlayoutQueue();
    queue.enqueue('a', constant(FRAME, 1));
    add(queue, 'b', constant(FRAME, 2));
    pull(queue);
    expectSameSamples(pull(queue), constant(FRAME, 0));
    expect(queue.stats.underrunFrames).toBe(1);
    queue.enqueue('a', constant(FRAME, 3));
    expectSameSamples(pull(queue), constant(FRAME, 3));
    queue.endItem('a');
    const out = new Int16Array(FRAME);
    expect(queue.pull(out)).toEqual({ itemId: 'b', startedItemIds: ['b'], finishedItemIds: ['a', 'b'] });
    expectSameSamples(out, constant(FRAME, 2));
  });

  it('gives later audio of an earlier item to that item', () => {
    const queue = new PlayoutQueue();
    queue.enqueue('a', constant(100, 1));
    queue.enqueue('b', constant(100, 2));
    queue.enqueue('a', constant(100, 1));
    queue.endItem('b');
    queue.endItem('a');
    expectSameSamples(pull(queue).subarray(0, 300), concat([constant(200, 1), constant(100, 2)]));
  });

  it('drops and counts audio for an item that is ended or was played to its end', () => {
    const queue = new PlayoutQueue();
    add(queue, 'a', constant(FRAME));
    queue.enqueue('a', constant(48));
    pull(queue);
    queue.enqueue('a', constant(96));
    expect(queue.stats).toMatchObject({ lateMs: 3, enqueuedMs: 10, playedMs: 10 });
    expectSameSamples(pull(queue), constant(FRAME, 0));
  });

  it('ignores empty audio and the end of unknown items', () => {
    const queue = new PlayoutQueue();
    queue.enqueue('a', new Int16Array(0));
    queue.endItem('a');
    queue.endItem('nobody');
    add(queue, 'b', constant(FRAME));
    expect(queue.pull(new Int16Array(FRAME)).startedItemIds).toEqual(['b']);
    expect(queue.clear()).toEqual([]);
  });

  it('reuses what it returns', () => {
    const queue = new PlayoutQueue();
    const out = new Int16Array(FRAME);
    expect(queue.pull(out)).toBe(queue.pull(out));
  });

  it('refuses a frame of another length', () => {
    const queue = new PlayoutQueue();
    expect(() => queue.pull(new Int16Array(481))).toThrow('out must hold 480 samples, got 481');
  });

  it('runs at other rates and frame lengths', () => {
    const queue = new PlayoutQueue({ sampleRateHz: 24_000, frameMs: 20, fadeMs: 5 });
    expect(queue.frameSamples).toBe(480);
    add(queue, 'a', constant(240));
    pull(queue);
    expect(queue.playedMs('a')).toBe(10);
  });

  it.each([
    [{ frameMs: 0 }, /whole number of samples/],
    [{ sampleRateHz: 44_100, frameMs: 2.5 }, /2.5 ms at 44100 Hz is not a whole number/],
    [{ sampleRateHz: NaN }, /whole number of samples/],
    [{ fadeMs: 11 }, /fadeMs must be 0 to 10/],
    [{ fadeMs: -1 }, /fadeMs must be 0 to 10/],
  ])('refuses options %o', (options, message) => {
    expect(() => new PlayoutQueue(options)).toThrow(message);
    expect(() => new PlayoutQueue(options)).toThrow(AudioError);
  });
});

describe('memory', () => {
  it('takes whatever comes of an item: nothing inside one is dropped', () => {
    const queue = new PlayoutQueue();
    const second = noise(48_000, -6, 2);
    for (let i = 0; i < 119; i++) queue.enqueue('a', second);
    queue.enqueue('a', second);
    expect(queue.pendingMs).toBe(120_000);
    queue.enqueue('a', second);
    queue.endItem('a');
    let played = 0;
    const out = new Int16Array(FRAME);
    while (queue.pull(out).finishedItemIds.length === 0) played++;
    expect(played).toBe(12_100 - 1);
    expect(queue.stats).toMatchObject({ playedMs: 121_000, peakPendingMs: 121_000, lateMs: 0 });
  });

  it('remembers what was played of the last items only', () => {
    const queue = new PlayoutQueue();
    const out = new Int16Array(FRAME);
    for (let i = 0; i < 2000; i++) {
      add(queue, `item ${i}`, constant(FRAME));
      queue.pull(out);
    }
    expect(queue.playedMs('item 1999')).toBe(10);
    expect(queue.playedMs('item 1700')).toBe(10);
    expect(queue.playedMs('item 0')).toBe(0);
  });
});

describe('clear', () => {
  it('drops an item that has not begun, without a sound', () => {
    const queue = new PlayoutQueue();
    add(queue, 'a', constant(FRAME * 5));
    expect(queue.clear()).toEqual([{ itemId: 'a', enqueuedMs: 50, playedMs: 0, heardToEnd: false }]);
    expectSameSamples(pull(queue, 2), constant(FRAME * 2, 0));
    expect(queue.pendingMs).toBe(0);
  });

  it('fades within the next frame, and the one after is silent to the last bit', () => {
    const queue = new PlayoutQueue();
    const audio = tone(200, -1, 48_000, FRAME * 10);
    queue.enqueue('a', audio);
    const before = pull(queue, 3);
    expect(queue.clear()).toEqual([{ itemId: 'a', enqueuedMs: 100, playedMs: 40, heardToEnd: false }]);
    const after = pull(queue, 2);
    expectSameSamples(after.subarray(FRAME), constant(FRAME, 0));
    // It is the audio that would have come, only quieter from sample to sample.
    for (let n = 0; n < FRAME; n++) {
      expect(Math.abs(after[n]!)).toBeLessThanOrEqual(Math.abs(audio[FRAME * 3 + n]!));
    }
    expect(after[5]! / audio[FRAME * 3 + 5]!).toBeGreaterThan(0.99);
    expect(largestStep(concat([before, after]))).toBeLessThanOrEqual(largestStep(audio) + 1);
  });

  it('does not click wherever the tone is cut', () => {
    for (let cut = 1; cut <= 20; cut++) {
      const queue = new PlayoutQueue();
      const audio = tone(173, -1, 48_000, FRAME * 40);
      queue.enqueue('a', audio);
      const before = pull(queue, cut);
      queue.clear();
      expect(largestStep(concat([before, pull(queue, 2)]))).toBeLessThanOrEqual(largestStep(audio) + 1);
    }
  });

  it('does not click when little or nothing is left to fade', () => {
    for (const left of [0, 1, 7, 100]) {
      const queue = new PlayoutQueue();
      const audio = constant(FRAME + left, 30_000);
      queue.enqueue('a', audio);
      const before = pull(queue);
      const [cut] = queue.clear();
      expect(cut!.playedMs).toBeCloseTo((FRAME + left) / 48, 9);
      expect(cut!.heardToEnd).toBe(false); // more was to come
      const after = pull(queue, 2);
      // A raised cosine of 480 steps from 30,000 is never steeper than pi / 2 / 481 of it.
      expect(largestStep(concat([before, after]))).toBeLessThanOrEqual(100);
      expectSameSamples(after.subarray(FRAME), constant(FRAME, 0));
    }
  });

  it('does not begin the next item for the sake of a fade', () => {
    const queue = new PlayoutQueue();
    add(queue, 'a', constant(FRAME, 20_000));
    add(queue, 'b', constant(FRAME, -20_000));
    const before = pull(queue);
    expect(queue.clear()).toEqual([{ itemId: 'b', enqueuedMs: 10, playedMs: 0, heardToEnd: false }]);
    const after = pull(queue);
    expect(largestStep(concat([before, after]))).toBeLessThanOrEqual(100);
    expect(after.every((sample) => sample >= 0)).toBe(true);
  });

  it('tells an item that the fade brought to its end from one that was cut', () => {
    const queue = new PlayoutQueue();
    add(queue, 'a', constant(FRAME + 100));
    add(queue, 'b', constant(FRAME));
    pull(queue);
    expect(queue.clear().map(({ itemId, heardToEnd }) => [itemId, heardToEnd])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('lets the next item follow the fade', () => {
    const queue = new PlayoutQueue({ fadeMs: 5 });
    queue.enqueue('a', constant(FRAME * 3, 10_000));
    pull(queue);
    queue.clear();
    add(queue, 'b', constant(FRAME, 7));
    const out = new Int16Array(FRAME);
    expect(queue.pull(out)).toEqual({ itemId: 'a', startedItemIds: ['b'], finishedItemIds: [] });
    expectSameSamples(out.subarray(240), constant(240, 7));
    expect(out[239]).toBeLessThan(10);
    expect(queue.playedMs('b')).toBe(5);
    expect(queue.playedMs('a')).toBe(15);
  });

  it('keeps the fade when it is called again before the next frame', () => {
    const queue = new PlayoutQueue();
    queue.enqueue('a', constant(FRAME * 3, 10_000));
    const before = pull(queue);
    queue.clear();
    queue.enqueue('b', constant(FRAME * 3, 10_000));
    expect(queue.clear()).toEqual([{ itemId: 'b', enqueuedMs: 30, playedMs: 0, heardToEnd: false }]);
    const after = pull(queue, 2);
    expect(largestStep(concat([before, after]))).toBeLessThanOrEqual(40);
    expectSameSamples(after.subarray(FRAME), constant(FRAME, 0));
  });

  it('drops and counts what still arrives for a cleared item, until a new one comes', () => {
    const queue = new PlayoutQueue();
    queue.enqueue('a', constant(FRAME * 2));
    pull(queue);
    queue.clear();
    queue.enqueue('a', constant(FRAME));
    queue.endItem('a');
    expect(queue.stats.lateMs).toBe(10);
    expect(queue.pendingMs).toBe(0);
    pull(queue);
    queue.enqueue('b', constant(FRAME, 9));
    expectSameSamples(pull(queue), constant(FRAME, 9));
    expect(queue.playedMs('a')).toBe(20);
  });

  it('cuts at once when fadeMs is 0', () => {
    const queue = new PlayoutQueue({ fadeMs: 0 });
    queue.enqueue('a', constant(FRAME * 2));
    pull(queue);
    expect(queue.clear()[0]!.playedMs).toBe(10);
    expectSameSamples(pull(queue), constant(FRAME, 0));
  });
});

function largestStep(samples: Int16Array): number {
  let largest = 0;
  for (let n = 1; n < samples.length; n++)
    largest = Math.max(largest, Math.abs(samples[n]! - samples[n - 1]!));
  return largest;
}

/** The same thing done naively: an array of items, each an array of samples. Frames of 4, fades of 4. */
class NaiveQueue {
  items: { id: string; left: number[]; enqueued: number; played: number; ended: boolean }[] = [];
  over = new Map<string, PlayedItem>();
  fade: number[] = [];
  sounding = false;
  last = 0;
  late = 0;
  cleared = 0;

  enqueue(id: string, samples: number[]): void {
    let item = this.items.find((candidate) => candidate.id === id);
    if (samples.length === 0) return;
    if (this.over.has(id) || item?.ended) {
      this.late += samples.length;
      return;
    }
    if (!item) this.items.push((item = { id, left: [], enqueued: 0, played: 0, ended: false }));
    item.left.push(...samples);
    item.enqueued += samples.length;
  }

  end(id: string): void {
    const item = this.items.find((candidate) => candidate.id === id);
    if (item) item.ended = true;
  }

  record(item: NaiveQueue['items'][number]): PlayedItem {
    const heardToEnd = item.ended && item.left.length === 0;
    const record = { itemId: item.id, enqueuedMs: item.enqueued, playedMs: item.played, heardToEnd };
    this.over.set(item.id, record);
    return record;
  }

  pull(): { out: number[]; started: string[]; finished: string[] } {
    const out = this.fade;
    const started: string[] = [];
    const finished: string[] = [];
    this.fade = [];
    this.sounding = false;
    for (;;) {
      const item = this.items[0];
      if (item?.left.length === 0 && item.ended) {
        finished.push(item.id);
        this.record(item);
        this.items.shift();
      } else if (item && item.left.length > 0 && out.length < 4) {
        if (item.played === 0) started.push(item.id);
        item.played++;
        this.last = item.left.shift()!;
        out.push(this.last);
        this.sounding = out.length === 4;
      } else break;
    }
    while (out.length < 4) out.push(0);
    return { out, started, finished };
  }

  clear(): PlayedItem[] {
    if (this.sounding) {
      const item = this.items[0];
      for (let i = 0; i < 4; i++) {
        const left = item && item.played > 0 ? item.left : [];
        if (item && left.length > 0) {
          this.last = left.shift()!;
          item.played++;
        }
        this.fade.push(Math.round((this.last * (1 + Math.cos((Math.PI * (i + 1)) / 5))) / 2) + 0);
      }
    }
    this.sounding = false;
    const dropped = this.items.map((item) => {
      this.cleared += item.left.length;
      return this.record(item);
    });
    this.items = [];
    return dropped;
  }
}

describe('accounting', () => {
  const id = fc.integer({ min: 0, max: 9 }).map(String);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('enqueue' as const), id, fc.integer({ min: 0, max: 11 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('end' as const), id) },
    { weight: 5, arbitrary: fc.tuple(fc.constant('pull' as const)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('clear' as const)) },
  );

  it('agrees with a naive model, to the sample, over any sequence of calls', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        // One sample is one millisecond here.
        const queue = new PlayoutQueue({ sampleRateHz: 1000, frameMs: 4, fadeMs: 4 });
        const model = new NaiveQueue();
        const out = new Int16Array(4);
        let value = 0;
        for (const [action, itemId, length] of steps) {
          if (action === 'enqueue') {
            const samples = Array.from({ length }, () => (value += 100));
            queue.enqueue(itemId, Int16Array.from(samples));
            model.enqueue(itemId, samples);
          } else if (action === 'end') {
            queue.endItem(itemId);
            model.end(itemId);
          } else if (action === 'pull') {
            const pulled = queue.pull(out);
            const expected = model.pull();
            expect([...out]).toEqual(expected.out);
            expect(pulled.startedItemIds).toEqual(expected.started);
            expect(pulled.finishedItemIds).toEqual(expected.finished);
          } else {
            expect(queue.clear()).toEqual(model.clear());
          }
          for (const item of model.items) expect(queue.playedMs(item.id)).toBe(item.played);
          for (const item of model.over.values()) expect(queue.playedMs(item.itemId)).toBe(item.playedMs);
          const { stats } = queue;
          expect(stats.enqueuedMs).toBe(stats.playedMs + stats.clearedMs + queue.pendingMs);
          expect([stats.lateMs, stats.clearedMs]).toEqual([model.late, model.cleared]);
          expect(stats.peakPendingMs).toBeGreaterThanOrEqual(queue.pendingMs);
        }
      }),
      { seed: 20261120, numRuns: 400 },
    );
  });
});
