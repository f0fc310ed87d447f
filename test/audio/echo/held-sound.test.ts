import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BLOCK_SAMPLES, BLOCK_SAMPLES_48K } from '../../../audio/echo/echo-grid.js';
import { ECHO_LAG_SAMPLES, HeldSound } from '../../../audio/echo/held-sound.js';
import { loadResampler, measureLevel, StreamingResampler } from '../../../audio/index.js';
import { concat, expectSameSamples, noise, tones } from '../signals.js';

beforeAll(loadResampler);

/** A sound, and what it handed out. */
function listen(): { held: HeldSound; pieces: Int16Array[]; positions: number[] } {
  const pieces: Int16Array[] = [];
  const positions: number[] = [];
  const held = new HeldSound((samples, position) => {
    pieces.push(samples.slice());
    positions.push(position);
  });
  return { held, pieces, positions };
}

describe('HeldSound', () => {
  it('hands out what was passed bit by bit, in order, at its position', () => {
    const { held, pieces, positions } = listen();
    const sound = noise(40_000, -10, 1);
    held.begin(1_234, false);
    for (let at = 0; at < sound.length; at += 480) {
      held.take(sound.subarray(at, at + 480));
      if (at % 4_800 === 0) held.pass(held.taken, false);
    }
    held.pass(held.taken, false);
    expectSameSamples(concat(pieces), sound);
    let expected = 1_234;
    for (const [index, position] of positions.entries()) {
      expect(position).toBe(expected);
      expected += pieces[index]!.length;
    }
    held.close();
  });

  it('loses and doubles nothing, whatever is passed and silenced, and in whatever pieces it comes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            length: fc.integer({ min: 0, max: 1_500 }),
            share: fc.double({ min: 0, max: 1, noNaN: true }),
            kind: fc.constantFrom('pass', 'less echo', 'silence'),
          }),
          { maxLength: 60 },
        ),
        (steps) => {
          const { held, pieces, positions } = listen();
          held.begin(0, false);
          let decided = 0;
          for (const { length, share, kind } of steps) {
            held.take(new Int16Array(length).fill(1_000));
            decided = Math.max(decided, Math.floor(held.taken * share));
            if (held.taken - decided > 20_000) decided = held.taken; // its memory is bounded
            if (kind === 'silence') held.silence(decided);
            else held.pass(decided, kind === 'less echo');
          }
          held.silence(held.taken);
          const ends = pieces.map(({ length }, index) => positions[index]! + length);
          expect(positions).toEqual([0, ...ends].slice(0, positions.length));
          expect(ends.at(-1) ?? 0).toBe(held.taken);
          held.close();
        },
      ),
      { seed: 4, numRuns: 200 },
    );
  });

  it('takes the expected echo out at the right sample', () => {
    const blocks = 60;
    const sound = tones(
      [
        { frequencyHz: 440, dbfs: -20 },
        { frequencyHz: 1_700, dbfs: -26 },
        { frequencyHz: 5_000, dbfs: -30 },
      ],
      48_000,
      blocks * BLOCK_SAMPLES_48K,
    );
    const down = new StreamingResampler(48_000, 16_000);
    const expected = Float32Array.from(down.process(sound));
    down.close();
    const { held, pieces } = listen();
    held.begin(0, false);
    for (let block = 0; block < blocks; block++) {
      held.take(sound.subarray(block * BLOCK_SAMPLES_48K, (block + 1) * BLOCK_SAMPLES_48K));
      held.expect(expected.subarray(block * BLOCK_SAMPLES, (block + 1) * BLOCK_SAMPLES));
      held.pass((block + 1) * BLOCK_SAMPLES_48K - ECHO_LAG_SAMPLES, true);
    }
    const rest = concat(pieces).subarray(10 * BLOCK_SAMPLES_48K);
    expect(measureLevel(sound).rmsDbfs).toBeGreaterThan(-25);
    expect(measureLevel(rest).rmsDbfs).toBeLessThan(-80);
    held.close();
  });

  it('fades where silence begins and ends', () => {
    const { held, pieces } = listen();
    held.begin(0, false);
    held.take(new Int16Array(4_608).fill(10_000));
    held.pass(1_536, false);
    held.silence(3_072);
    held.pass(4_608, false);
    const sound = concat(pieces);
    for (let i = 1; i < sound.length; i++) expect(Math.abs(sound[i]! - sound[i - 1]!)).toBeLessThan(200);
    expect(sound.subarray(1_700, 3_000).every((sample) => sample === 0)).toBe(true);
    expect(sound[4_607]).toBe(10_000);
    held.close();
  });
});
