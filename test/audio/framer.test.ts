import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioError, Framer } from '../../audio/index.js';

const counting = (length: number): Int16Array => Int16Array.from({ length }, (_, i) => i);

describe('Framer', () => {
  it('turns any chunks into exact frames, and loses or moves nothing', () => {
    const chunkSizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 40 });
    fc.assert(
      fc.property(chunkSizes, fc.integer({ min: 1, max: 25 }), fc.boolean(), (sizes, frameSamples, pad) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const input = counting(total);
        const framer = new Framer(frameSamples);
        const frames: number[][] = [];
        let start = 0;
        for (const size of sizes) {
          framer.push(input.subarray(start, start + size), (frame) => frames.push([...frame]));
          start += size;
          expect(frames.length).toBe(Math.floor(start / frameSamples));
          expect(framer.heldSamples).toBe(start % frameSamples);
        }
        expect(frames.every((frame) => frame.length === frameSamples)).toBe(true);
        framer.flush((frame) => frames.push([...frame]), { pad });
        const padding = pad && total % frameSamples > 0 ? frameSamples - (total % frameSamples) : 0;
        expect(frames.flat()).toEqual([...input, ...new Array<number>(padding).fill(0)]);
        expect(framer.heldSamples).toBe(0);
      }),
      { seed: 20261120, numRuns: 300 },
    );
  });

  it('hands over one reused frame, from the first byte of its memory on', () => {
    const framer = new Framer(4);
    const seen = new Set<Int16Array>();
    framer.push(counting(10), (frame) => seen.add(frame));
    framer.push(counting(10), (frame) => seen.add(frame));
    expect(seen.size).toBe(1);
    expect([...seen][0]!.byteOffset).toBe(0);
    expect([...seen][0]!.buffer.byteLength).toBe(8);
  });

  it('starts anew after flush, without the remains of the last frame', () => {
    const framer = new Framer(4);
    const frames: number[][] = [];
    framer.push(Int16Array.of(1, 2, 3), () => undefined);
    framer.flush((frame) => frames.push([...frame]), { pad: true });
    framer.flush((frame) => frames.push([...frame]), { pad: true });
    framer.push(Int16Array.of(9), () => undefined);
    framer.flush((frame) => frames.push([...frame]), { pad: false });
    expect(frames).toEqual([[1, 2, 3, 0], [9]]);
  });

  it('is whole again after a receiver threw', () => {
    const framer = new Framer(2);
    const fail = () => {
      throw new Error('receiver');
    };
    framer.push(Int16Array.of(1), fail);
    expect(() => framer.push(Int16Array.of(2, 3), fail)).toThrow('receiver');
    // The rest of that chunk went with the exception; what comes next is whole frames again.
    const frames: number[][] = [];
    framer.push(Int16Array.of(4, 5), (frame) => frames.push([...frame]));
    expect(frames).toEqual([[4, 5]]);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses frames of %d samples', (frameSamples) => {
    expect(() => new Framer(frameSamples)).toThrow(AudioError);
    expect(() => new Framer(frameSamples)).toThrow(
      `frame size must be a positive integer, got ${frameSamples}`,
    );
  });
});
