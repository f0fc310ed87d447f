import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveSpeaker } from '../../../src/embedded/room-server/sfu/active-speaker.js';

/** Somebody speaks at a level, a packet every 20 ms. */
function speak(speaker: ActiveSpeaker, id: string, dbov: number, fromMs: number, toMs: number): void {
  for (let atMs = fromMs; atMs < toMs; atMs += 20) speaker.level(id, dbov, atMs);
}

describe('active speaker', () => {
  it('is nobody in silence', () => {
    const speaker = new ActiveSpeaker();
    expect(speaker.at(0)).toBeUndefined();
    speak(speaker, 'ana', -127, 0, 500);
    speak(speaker, 'ben', -60, 0, 500); // a quiet room
    expect(speaker.at(500)).toBeUndefined();
  });

  it('is who speaks, through short pauses', () => {
    const speaker = new ActiveSpeaker();
    speak(speaker, 'ana', -25, 0, 400);
    expect(speaker.at(400)).toBe('ana');
    speak(speaker, 'ana', -127, 400, 1_100);
    expect(speaker.at(1_100)).toBe('ana');
    speak(speaker, 'ana', -127, 1_100, 1_400);
    expect(speaker.at(1_400)).toBeUndefined();
  });

  it('is not forgotten while packets are rare, as they are with DTX', () => {
    const speaker = new ActiveSpeaker();
    speaker.level('ana', -25, 0);
    for (const atMs of [250, 500, 750]) expect(speaker.at(atMs)).toBe('ana');
    expect(speaker.at(1_000)).toBeUndefined();
  });

  it('stays with the first of two who are as loud', () => {
    const speaker = new ActiveSpeaker();
    speak(speaker, 'ana', -25, 0, 200);
    expect(speaker.at(200)).toBe('ana');
    for (let atMs = 200; atMs < 2_000; atMs += 200) {
      speak(speaker, 'ana', -25, atMs, atMs + 200);
      speak(speaker, 'ben', -23, atMs, atMs + 200);
      expect(speaker.at(atMs + 200)).toBe('ana');
    }
  });

  it('goes over to somebody who is clearly louder, and to who goes on alone', () => {
    const speaker = new ActiveSpeaker();
    speak(speaker, 'ana', -40, 0, 400);
    expect(speaker.at(400)).toBe('ana');
    speak(speaker, 'ana', -40, 400, 800);
    speak(speaker, 'ben', -20, 400, 800);
    expect(speaker.at(800)).toBe('ben');
    speak(speaker, 'ana', -40, 800, 2_000);
    expect(speaker.at(2_000)).toBe('ana');
  });

  it('is nobody who has gone', () => {
    const speaker = new ActiveSpeaker();
    speak(speaker, 'ana', -20, 0, 200);
    speak(speaker, 'ben', -40, 0, 200);
    expect(speaker.at(200)).toBe('ana');
    speaker.remove('ana');
    expect(speaker.at(210)).toBe('ben');
    speaker.remove('ben');
    expect(speaker.at(220)).toBeUndefined();
  });

  it('is always somebody who was loud enough within the hold', () => {
    const packets = fc.array(
      fc.record({
        id: fc.constantFrom('a', 'b', 'c'),
        dbov: fc.integer({ min: -127, max: 0 }),
        stepMs: fc.integer({ min: 0, max: 400 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(packets, (steps) => {
        const speaker = new ActiveSpeaker();
        const spoke = new Map<string, number>();
        let nowMs = 0;
        for (const { id, dbov, stepMs } of steps) {
          nowMs += stepMs;
          speaker.level(id, dbov, nowMs);
          if (dbov > -50) spoke.set(id, nowMs);
          const current = speaker.at(nowMs);
          if (current !== undefined)
            expect(nowMs - (spoke.get(current) ?? -Infinity)).toBeLessThanOrEqual(800);
        }
      }),
      { seed: 42 },
    );
  });
});
