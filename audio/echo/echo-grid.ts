/** The common grid on which what was published and what microphones hear are compared. */

/** Echo is worked on at 16 kHz: what a loudspeaker plays above 8 kHz is left to the gate. */
export const ECHO_RATE_HZ = 16_000;
/** Samples of a block at 16 kHz: 16 ms. */
export const BLOCK_SAMPLES = 256;
/** The same block at 48 kHz. */
export const BLOCK_SAMPLES_48K = 3 * BLOCK_SAMPLES;
/** A block below this is silence (mean square; -75 dBFS, where neither our speech detector nor a server finds anything). */
export const SILENCE_POWER = 32_768 ** 2 * 10 ** -7.5;

/** Mean square of a block. */
export function powerOf(block: Float32Array): number {
  let energy = 0;
  const { length } = block;
  for (let i = 0; i < length; i++) energy += block[i]! * block[i]!;
  return energy / length;
}
