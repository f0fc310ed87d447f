import { AudioError } from './errors.js';

/**
 * Adds N mono streams into `out`, saturating at the int16 range instead of wrapping around. One input comes out bit-exact;
 * none is silence.
 *
 * @param inputs each exactly as long as `out`, at one sample rate; `out` may be one of them
 * @param out overwritten with the sum
 * @returns how many samples were limited
 * @throws AudioError `bad_argument` when the lengths differ
 */
export function mix(inputs: readonly Int16Array[], out: Int16Array): number {
  for (const input of inputs) {
    if (input.length !== out.length) {
      throw new AudioError('bad_argument', `cannot mix ${input.length} samples into ${out.length}`);
    }
  }
  let limited = 0;
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (const input of inputs) sum += input[i]!;
    if (sum > 32767) {
      sum = 32767;
      limited++;
    } else if (sum < -32768) {
      sum = -32768;
      limited++;
    }
    out[i] = sum;
  }
  return limited;
}
