import { FEATURE_RATE_HZ, PowerSpectrum } from './signal.js';

/** Time between two feature frames. */
export const HOP_MS = 10;
/** Number of frequency bands of a feature frame. */
export const BAND_COUNT = 18;

const FRAME_SAMPLES = 256; // 32 ms
const HOP_SAMPLES = (FEATURE_RATE_HZ * HOP_MS) / 1000;
const BIN_COUNT = FRAME_SAMPLES / 2;
const LOW_HZ = 150;
const HIGH_HZ = 3000;
/** Energies this far below the loudest one carry noise rather than speech (power ratio, -34 dB). */
const FLOOR = 4e-4;

const mel = (hz: number): number => Math.log1p(hz / 700);
const unmel = (value: number): number => 700 * Math.expm1(value);
const EDGES_HZ = Float64Array.from({ length: BAND_COUNT + 2 }, (_, i) =>
  unmel(mel(LOW_HZ) + ((mel(HIGH_HZ) - mel(LOW_HZ)) * i) / (BAND_COUNT + 1)),
);

/** Power spectra of speech, a frame every `HOP_MS`, the first centred on time 0. */
export type Spectra = {
  frameCount: number;
  /** frameCount x 128 power bins of 31.25 Hz */
  power: Float32Array;
  /** power of each frame between 150 and 3000 Hz */
  level: Float32Array;
};

const spectrum = new PowerSpectrum(FRAME_SAMPLES);

/** Power spectra of a signal at `FEATURE_RATE_HZ`. */
export function computeSpectra(wide: Float32Array): Spectra {
  const frameCount = Math.ceil(wide.length / HOP_SAMPLES);
  const power = new Float32Array(frameCount * BIN_COUNT);
  const level = new Float32Array(frameCount);
  const binHz = FEATURE_RATE_HZ / FRAME_SAMPLES;
  const first = Math.ceil(LOW_HZ / binHz);
  const last = Math.floor(HIGH_HZ / binHz);
  for (let frame = 0; frame < frameCount; frame++) {
    const row = power.subarray(frame * BIN_COUNT, (frame + 1) * BIN_COUNT);
    spectrum.compute(wide, frame * HOP_SAMPLES - FRAME_SAMPLES / 2, row);
    let sum = 0;
    for (let bin = first; bin <= last; bin++) sum += row[bin]!;
    level[frame] = sum;
  }
  return { frameCount, power, level };
}

/**
 * Log energies in mel-spaced bands of the frames `from` (included) to `to` (excluded): (to - from) x BAND_COUNT, each
 * band's mean removed.
 * @param frequencyScale the pitch of this speech relative to the reference that it will be compared with: band edges are
 *   multiplied by it, so that speech played 10 % fast yields its reference's features with a scale of 1.1
 */
export function bandFeatures(
  spectra: Spectra,
  from: number,
  to: number,
  frequencyScale: number,
): Float32Array {
  const count = to - from;
  const features = new Float32Array(count * BAND_COUNT);
  const energies = new Float64Array(count);
  const binHz = FEATURE_RATE_HZ / FRAME_SAMPLES;
  let loudest = 1e-9;
  for (let band = 0; band < BAND_COUNT; band++) {
    const low = (EDGES_HZ[band]! * frequencyScale) / binHz;
    const centre = (EDGES_HZ[band + 1]! * frequencyScale) / binHz;
    const high = (EDGES_HZ[band + 2]! * frequencyScale) / binHz;
    const first = Math.max(1, Math.ceil(low));
    const last = Math.min(BIN_COUNT - 1, Math.floor(high));
    const weights = new Float32Array(Math.max(0, last - first + 1));
    for (let bin = first; bin <= last; bin++) {
      // Pre-emphasis of 6 dB per octave keeps the upper bands above the floor.
      weights[bin - first] =
        (bin < centre ? (bin - low) / (centre - low) : (high - bin) / (high - centre)) * centre * centre;
    }
    weigh(spectra, { first, weights }, from, energies);
    for (let i = 0; i < count; i++) {
      const energy = energies[i]!;
      features[i * BAND_COUNT + band] = energy;
      if (energy > loudest) loudest = energy;
    }
  }
  const floor = loudest * FLOOR;
  for (let i = 0; i < features.length; i++) features[i] = Math.log(features[i]! + floor);
  for (let band = 0; band < BAND_COUNT; band++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += features[i * BAND_COUNT + band]!;
    const mean = sum / count;
    for (let i = 0; i < count; i++) features[i * BAND_COUNT + band]! -= mean;
  }
  return features;
}

/** Product of one frame of features with another one. */
export function dotOfFrames(a: Float32Array, frameOfA: number, b: Float32Array, frameOfB: number): number {
  const atA = frameOfA * BAND_COUNT;
  const atB = frameOfB * BAND_COUNT;
  // Three sums side by side, since a sum waits for itself; BAND_COUNT is a multiple of three.
  let dot0 = 0;
  let dot1 = 0;
  let dot2 = 0;
  for (let band = 0; band < BAND_COUNT; band += 3) {
    dot0 += a[atA + band]! * b[atB + band]!;
    dot1 += a[atA + band + 1]! * b[atB + band + 1]!;
    dot2 += a[atA + band + 2]! * b[atB + band + 2]!;
  }
  return dot0 + dot1 + dot2;
}

/** Energies of one band of frames from `from` on, 0 outside; three frames side by side, since a sum waits for itself. */
function weigh(
  { power, frameCount }: Spectra,
  { first, weights }: { first: number; weights: Float32Array },
  from: number,
  energies: Float64Array,
): void {
  energies.fill(0);
  const last = Math.min(frameCount, from + energies.length) - 1;
  for (let frame = Math.max(0, from); frame <= last; frame += 3) {
    const row0 = frame * BIN_COUNT + first;
    const row1 = Math.min(frame + 1, last) * BIN_COUNT + first;
    const row2 = Math.min(frame + 2, last) * BIN_COUNT + first;
    let energy0 = 0;
    let energy1 = 0;
    let energy2 = 0;
    for (let j = 0; j < weights.length; j++) {
      const weight = weights[j]!;
      energy0 += weight * power[row0 + j]!;
      energy1 += weight * power[row1 + j]!;
      energy2 += weight * power[row2 + j]!;
    }
    energies[frame - from] = energy0;
    if (frame + 1 <= last) energies[frame + 1 - from] = energy1;
    if (frame + 2 <= last) energies[frame + 2 - from] = energy2;
  }
}

/** A stretch of speech in feature frames, `to` excluded. */
export type Span = { from: number; to: number };

/**
 * Stretches of speech: frames that stand out of the background, pauses under `maxPauseMs` bridged, bursts under 60 ms dropped.
 * The background is the 10th percentile of the levels, at most 20 dB below the loudest frame.
 */
export function findSpeech(level: Float32Array, maxPauseMs: number): Span[] {
  if (level.length === 0) return [];
  const sorted = Float32Array.from(level).sort();
  const loudest = sorted[sorted.length - 1]!;
  const background = sorted[Math.floor(sorted.length / 10)]!;
  const threshold = Math.max(loudest * 10 ** -3.2, Math.min(background * 4, loudest * 10 ** -1.5), 1e-3);
  const spans: Span[] = [];
  let open: Span | undefined;
  for (let frame = 0; frame < level.length; frame++) {
    if (level[frame]! < threshold) continue;
    if (open !== undefined && frame - open.to <= maxPauseMs / HOP_MS) open.to = frame + 1;
    else spans.push((open = { from: frame, to: frame + 1 }));
  }
  return spans.filter((span) => (span.to - span.from) * HOP_MS >= 60);
}
