import { describe, expect, it } from 'vitest';
import { type Utterance, Utterances } from '../../../src/cli/demo/utterances.js';

const CHUNK = 240; // 10 ms at 24 kHz

/** Plays a timeline of [milliseconds, amplitude] in chunks of 10 ms from `fromMs` on. */
function listen(
  timeline: readonly (readonly [durationMs: number, amplitude: number])[],
  fromMs = 0,
): Utterance[] {
  const heard: Utterance[] = [];
  const utterances = new Utterances((utterance) => heard.push(utterance));
  const chunk = new Int16Array(CHUNK); // reused, as the audio path does
  let atMs = fromMs;
  for (const [durationMs, amplitude] of timeline) {
    for (let ms = 0; ms < durationMs; ms += 10) {
      for (let n = 0; n < CHUNK; n++) chunk[n] = n % 2 === 0 ? amplitude : -amplitude;
      utterances.push(chunk, atMs);
      atMs += 10;
    }
  }
  return heard;
}
const durationMs = ({ pcm24k }: Utterance) => pcm24k.length / 24;

describe('Utterances', () => {
  it('gives out speech with the silence around it, and when it was audible', () => {
    const [only, ...more] = listen(
      [
        [1_000, 0],
        [800, 5_000],
        [1_000, 0],
      ],
      500,
    );
    expect(more).toEqual([]);
    expect([only!.startedAtMs, only!.endedAtMs]).toEqual([1_500, 2_300]);
    expect(durationMs(only!)).toBeGreaterThanOrEqual(800 + 600);
    expect(durationMs(only!)).toBeLessThanOrEqual(200 + 10 + 800 + 600);
    expect(Math.max(...only!.pcm24k)).toBe(5_000);
  });

  it('keeps pauses inside, and tells two utterances apart', () => {
    const heard = listen([
      [300, 5_000],
      [500, 0],
      [300, 5_000],
      [700, 0],
      [300, 5_000],
      [700, 0],
    ]);
    expect(heard.map(({ startedAtMs, endedAtMs }) => [startedAtMs, endedAtMs])).toEqual([
      [0, 1_100],
      [1_800, 2_100],
    ]);
  });

  it('hears nothing in silence or faint noise, and holds little of it', () => {
    expect(listen([[60_000, 20]])).toEqual([]);
  });

  it('gives out endless sound in pieces', () => {
    const heard = listen([[50_000, 5_000]]);
    expect(heard).toHaveLength(2);
    expect(durationMs(heard[0]!)).toBeLessThanOrEqual(20_010);
  });
});
