import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LongSpeech } from '../../../src/interpreter/route/long-speech.js';

/** When commits come, in frames of 10 ms; `pauseMsAt` is how long there has been no voice. */
function commits(speech: LongSpeech, untilMs: number, pauseMsAt: (atMs: number) => number): number[] {
  const found: number[] = [];
  for (let atMs = 0; atMs < untilMs; atMs += 10) {
    if (speech.mustCommit(atMs, pauseMsAt(atMs))) found.push(atMs);
  }
  return found;
}

/** A dip that begins at each of these times. */
const dips =
  (lengthMs: number, ...fromMs: number[]) =>
  (atMs: number): number => {
    const from = fromMs.find((start) => atMs > start && atMs <= start + lengthMs);
    return from === undefined ? 0 : atMs - from;
  };

describe('long speech', () => {
  it('is committed at the first dip of 120 ms after 12 s, and every piece after it', () => {
    const speech = new LongSpeech();
    speech.started(0);
    const pauses = dips(150, 5_000, 11_000, 12_500, 13_000, 24_000, 25_000);
    expect(commits(speech, 30_000, pauses)).toEqual([12_620, 25_120]);
  });

  it('is committed after 15 s where there is no such dip', () => {
    const speech = new LongSpeech();
    speech.started(0);
    expect(commits(speech, 50_000, dips(110, 12_500, 13_000, 28_000))).toEqual([15_000, 30_000, 45_000]);
  });

  it('is left to the server in a pause that ends it, and in silence', () => {
    const speech = new LongSpeech();
    expect(commits(speech, 20_000, () => 0)).toEqual([]); // the server hears nothing
    speech.started(0);
    expect(commits(speech, 30_000, (atMs) => Math.max(0, atMs - 11_600))).toEqual([]);
    speech.started(40_000);
    speech.stopped();
    expect(commits(speech, 60_000, () => 0)).toEqual([]);
  });

  it('counts anew from where the server hears the rest begin, even when it tells so late', () => {
    const speech = new LongSpeech();
    speech.started(0);
    expect(commits(speech, 15_010, () => 0)).toEqual([15_000]);
    speech.started(0); // told late
    speech.started(15_300); // begun anew
    expect(commits(speech, 31_000, () => 0)).toEqual([30_300]);
  });

  it('never lets a piece grow beyond 15 s while there is voice, nor cuts one under 12 s (property)', () => {
    const pauses = fc.array(
      fc.tuple(fc.integer({ min: 100, max: 4_000 }), fc.integer({ min: 10, max: 290 })),
      {
        minLength: 60,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(pauses, (stretches) => {
        const speech = new LongSpeech();
        speech.started(0);
        let atMs = 0;
        let lastMs = 0;
        for (const [voiceMs, pauseMs] of stretches) {
          for (let done = 0; done < voiceMs + pauseMs; done += 10, atMs += 10) {
            const committed = speech.mustCommit(atMs, Math.max(0, done - voiceMs));
            if (!committed) expect(atMs - lastMs).toBeLessThan(15_000);
            else {
              expect(atMs - lastMs).toBeGreaterThanOrEqual(12_000);
              lastMs = atMs;
            }
          }
        }
        expect(lastMs).toBeGreaterThan(0);
      }),
      { seed: 12, numRuns: 30 },
    );
  });
});
