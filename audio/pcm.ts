import { AudioError } from './errors.js';

/** Most channels that an interleaved frame may have. */
export const MAX_CHANNELS = 8;

/** The samples' bytes as base64, as events on the wire carry them. */
export function base64OfPcm16(pcm: Int16Array): string {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
}

/** The samples of base64 that holds little-endian PCM16; an odd byte at the end is left out. */
export function pcm16OfBase64(base64: string): Int16Array {
  const bytes = Buffer.from(base64, 'base64');
  const pcm = new Int16Array(bytes.length >> 1);
  new Uint8Array(pcm.buffer).set(bytes.subarray(0, pcm.byteLength));
  return pcm;
}

/**
 * Averages interleaved channels to mono, rounded to the nearest integer (halves up). The average cannot clip.
 * With one channel the samples are returned as they are: the result is then `samples` itself, or a copy in `out`.
 *
 * @param samples interleaved int16; its length must be a multiple of `channelCount`
 * @param channelCount 1 to 8
 * @param out where to write, at least `samples.length / channelCount` long; without it a new array is made
 * @returns mono int16 of `samples.length / channelCount` samples (a view of `out` where that is longer)
 * @throws AudioError `bad_channels`, or `bad_argument` when `out` is too short
 */
export function downmixToMono(samples: Int16Array, channelCount: number, out?: Int16Array): Int16Array {
  const frames = countSampleFrames(samples.length, channelCount);
  if (channelCount === 1 && out === undefined) return samples;
  const target = out ?? new Int16Array(frames);
  if (target.length < frames) {
    throw new AudioError('bad_argument', `downmix needs room for ${frames} samples, got ${target.length}`);
  }
  if (channelCount === 1) {
    target.set(samples);
  } else if (channelCount === 2) {
    for (let i = 0, at = 0; i < frames; i++, at += 2) {
      target[i] = (samples[at]! + samples[at + 1]! + 1) >> 1;
    }
  } else {
    for (let i = 0, at = 0; i < frames; i++) {
      let sum = 0;
      for (let channel = 0; channel < channelCount; channel++) sum += samples[at++]!;
      target[i] = Math.floor(sum / channelCount + 0.5);
    }
  }
  return target.length === frames ? target : target.subarray(0, frames);
}

/**
 * How many sample frames (one sample of each channel) an interleaved array holds.
 *
 * @throws AudioError `bad_channels` when the channel count is not 1 to 8 or does not divide the length
 */
export function countSampleFrames(sampleCount: number, channelCount: number): number {
  if (!Number.isInteger(channelCount) || channelCount < 1 || channelCount > MAX_CHANNELS) {
    throw new AudioError('bad_channels', `channel count must be 1 to ${MAX_CHANNELS}, got ${channelCount}`);
  }
  if (sampleCount % channelCount !== 0) {
    throw new AudioError(
      'bad_channels',
      `${sampleCount} samples do not make whole frames of ${channelCount} channels`,
    );
  }
  return sampleCount / channelCount;
}

/** Int16 to float32 in [-1, 1): divided by 32768, so that nothing is lost. */
export function int16ToFloat32(
  samples: Int16Array,
  out: Float32Array = new Float32Array(samples.length),
): Float32Array {
  for (let i = 0; i < samples.length; i++) out[i] = samples[i]! / 32768;
  return out;
}

/** Float32 (full scale 1) to int16: times 32768, rounded to nearest, clipped to the int16 range; NaN becomes 0. */
export function float32ToInt16(
  samples: Float32Array,
  out: Int16Array = new Int16Array(samples.length),
): Int16Array {
  for (let i = 0; i < samples.length; i++) out[i] = clampToInt16(Math.round(samples[i]! * 32768));
  return out;
}

/** Saturates to the int16 range; NaN stays NaN, which a typed array stores as 0. */
export function clampToInt16(value: number): number {
  return value > 32767 ? 32767 : value < -32768 ? -32768 : value;
}

/** Mean square of mono (or interleaved) int16: 0 for silence and for an empty array. */
export function meanPower(samples: Int16Array): number {
  let energy = 0;
  const { length } = samples;
  for (let i = 0; i < length; i++) energy += samples[i]! * samples[i]!; // twice as fast as for-of
  return length === 0 ? 0 : energy / length;
}

/** The greatest magnitude of any sample, 0 to 32768. */
export function peakOf(samples: Int16Array): number {
  let peak = 0;
  const { length } = samples;
  for (let i = 0; i < length; i++) {
    const magnitude = Math.abs(samples[i]!);
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}

/** A mean square as a level: 0 dBFS is an amplitude of 32768; `-Infinity` is digital silence. */
export function powerDbfs(power: number): number {
  return 10 * Math.log10(power / (32768 * 32768));
}

/** A level in dB below full scale; `-Infinity` is digital silence. */
export type Level = { rmsDbfs: number; peakDbfs: number };

/**
 * Level of mono (or interleaved) int16. 0 dBFS is an amplitude of 32768 for both figures, so a full-scale sine has a
 * peak of 0 and an RMS of -3.01 dBFS, and a full-scale square wave has 0 and 0. An empty array is silence.
 */
export function measureLevel(samples: Int16Array): Level {
  return { rmsDbfs: powerDbfs(meanPower(samples)), peakDbfs: 20 * Math.log10(peakOf(samples) / 32768) };
}
