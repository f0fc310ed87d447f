/**
 * Joins that were not smoothed. Where samples are missing, repeated or swapped, speech jumps from one sample to the next; a
 * linear predictor cannot foresee that, so its residual spikes. Codecs and tempo changes cross-fade and leave no spike.
 */
import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';

const ORDER = 16;
const BLOCK = 360; // 15 ms: the predictor is computed anew for each
const WINDOW = 2 * BLOCK;
const CELL = REALTIME_SAMPLES_PER_MS; // residual peaks are kept per millisecond
const PART = 8; // and are the loudest third of a millisecond
/** The reference's own peaks within this time of the same place are no clicks. */
const TOLERANCE_MS = 25;
const NEIGHBOURS_MS = 15;
/** A click stands out of its neighbourhood's median by 8 dB (power). */
const MEDIAN_FACTOR = 6;
/** What a click must exceed to count, and the most that one may count (dB). */
const OFFSET_DB = 3;
const CAP_DB = 20;
const CLIPPED = 32_760;

const hann = Float64Array.from(
  { length: WINDOW },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / WINDOW),
);

/** The loudest third of a millisecond (power) of the linear-prediction residual in every millisecond of 24 kHz speech. */
export function residualPeaks(pcm24k: Int16Array): Float32Array {
  const residual = new Float32Array(pcm24k.length);
  // Silence before and behind, so that no window and no predictor reads past an end.
  const padded = new Float64Array(pcm24k.length + 2 * WINDOW);
  padded.set(pcm24k, WINDOW);
  const frame = new Float64Array(ORDER + WINDOW);
  const correlation = new Float64Array(ORDER + 1);
  for (let start = 0; start < pcm24k.length; start += BLOCK) {
    const from = WINDOW + start - BLOCK / 2;
    for (let i = 0; i < WINDOW; i++) frame[ORDER + i] = padded[from + i]! * hann[i]!;
    autocorrelate(frame, correlation);
    correlation[0] = correlation[0]! * 1.0001 + WINDOW; // 40 dB below the signal, and one LSB: keeps the recursion stable
    const predictor = levinsonDurbin(correlation);
    predict(padded, predictor, start, residual);
  }
  const peaks = new Float32Array(Math.floor(pcm24k.length / CELL));
  for (let cell = 0; cell < peaks.length; cell++) {
    let loudest = 0;
    for (let start = cell * CELL; start < (cell + 1) * CELL; start += PART) {
      let power = 0;
      for (let i = start; i < start + PART; i++) power += residual[i]! * residual[i]!;
      if (power > loudest) loudest = power;
    }
    peaks[cell] = loudest;
  }
  return peaks;
}

/** The residual of one block, four samples side by side, since a sum waits for itself. */
function predict(padded: Float64Array, predictor: Float64Array, start: number, residual: Float32Array): void {
  const end = Math.min(residual.length, start + BLOCK); // what is set past the end is dropped
  for (let i = start; i < end; i += 4) {
    let value0 = 0;
    let value1 = 0;
    let value2 = 0;
    let value3 = 0;
    const at = WINDOW + i;
    for (let k = 0; k <= ORDER; k++) {
      const tap = predictor[k]!;
      value0 += tap * padded[at - k]!;
      value1 += tap * padded[at - k + 1]!;
      value2 += tap * padded[at - k + 2]!;
      value3 += tap * padded[at - k + 3]!;
    }
    residual[i] = value0;
    residual[i + 1] = value1;
    residual[i + 2] = value2;
    residual[i + 3] = value3;
  }
}

/** Autocorrelation of a frame that follows ORDER zeros, eight lags side by side, since a sum waits for itself. */
function autocorrelate(frame: Float64Array, correlation: Float64Array): void {
  let power = 0;
  for (let i = ORDER; i < frame.length; i++) power += frame[i]! * frame[i]!;
  correlation[0] = power;
  for (let lag = 1; lag <= ORDER; lag += 8) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let sum4 = 0;
    let sum5 = 0;
    let sum6 = 0;
    let sum7 = 0;
    for (let i = ORDER; i < frame.length; i++) {
      const value = frame[i]!;
      const at = i - lag;
      sum0 += value * frame[at]!;
      sum1 += value * frame[at - 1]!;
      sum2 += value * frame[at - 2]!;
      sum3 += value * frame[at - 3]!;
      sum4 += value * frame[at - 4]!;
      sum5 += value * frame[at - 5]!;
      sum6 += value * frame[at - 6]!;
      sum7 += value * frame[at - 7]!;
    }
    correlation[lag] = sum0;
    correlation[lag + 1] = sum1;
    correlation[lag + 2] = sum2;
    correlation[lag + 3] = sum3;
    correlation[lag + 4] = sum4;
    correlation[lag + 5] = sum5;
    correlation[lag + 6] = sum6;
    correlation[lag + 7] = sum7;
  }
}

/** Prediction error filter (first coefficient 1) of an autocorrelation. */
function levinsonDurbin(correlation: Float64Array): Float64Array {
  const filter = new Float64Array(ORDER + 1);
  filter[0] = 1;
  let error = correlation[0]!;
  for (let order = 1; order <= ORDER; order++) {
    let sum = correlation[order]!;
    for (let k = 1; k < order; k++) sum += filter[k]! * correlation[order - k]!;
    const reflection = -sum / error;
    for (let low = 1, high = order - 1; low <= high; low++, high--) {
      const a = filter[low]!;
      const b = filter[high]!;
      filter[low] = a + reflection * b;
      filter[high] = b + reflection * a;
    }
    filter[order] = reflection;
    error *= 1 - reflection * reflection;
  }
  return filter;
}

/** What a stretch of a turn is tested against. */
type ClickTest = {
  /** the stretch of the turn to test, 24 kHz, and its residual peaks */
  pcm24k: Int16Array;
  peaks: Float32Array;
  /** residual peaks of the reference, and the power of its waveform */
  referencePeaks: Float32Array;
  referencePower: number;
  /** time in the reference, in ms, of a time in `pcm24k` */
  referenceMsAt: (ms: number) => number;
  /** clicks this close to each other are one, which counts by its loudest */
  togetherMs: number;
};

/** One click: where it is in the stretch tested, and how far it stands out, above 3 dB and up to 20. */
export type Click = { atMs: number; excessDb: number };

/** Mean power of a stretch of samples. */
export function meanPower(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return sum / Math.max(1, pcm.length);
}

/** Clicks that the reference does not have. Clipped samples are left out: they are loud, not broken. */
export function measureClicks(test: ClickTest): Click[] {
  const { pcm24k, peaks, referencePeaks, referencePower, referenceMsAt, togetherMs } = test;
  const gain = meanPower(pcm24k) / Math.max(1, referencePower);
  const neighbours = new Float32Array(2 * NEIGHBOURS_MS + 1);
  const clicks: Click[] = [];
  let lastMs = -Infinity;
  for (let cell = 0; cell < peaks.length; cell++) {
    const place = referenceMsAt(cell);
    let expected = 0;
    const to = Math.min(referencePeaks.length - 1, place + TOLERANCE_MS);
    for (let i = Math.max(0, Math.ceil(place - TOLERANCE_MS)); i <= to; i++) {
      if (referencePeaks[i]! > expected) expected = referencePeaks[i]!;
    }
    const floor = Math.max(expected * gain, PART);
    if (peaks[cell]! < floor * 2) continue; // below OFFSET_DB: skip the median
    for (let i = -NEIGHBOURS_MS; i <= NEIGHBOURS_MS; i++)
      neighbours[i + NEIGHBOURS_MS] = peaks[cell + i] ?? 0;
    const median = neighbours.sort()[NEIGHBOURS_MS]!;
    const excess = Math.min(
      CAP_DB,
      10 * Math.log10(peaks[cell]! / Math.max(floor, median * MEDIAN_FACTOR)) - OFFSET_DB,
    );
    if (excess <= 0 || isClipped(pcm24k, cell)) continue;
    const latest = clicks.at(-1);
    if (latest === undefined || cell - lastMs > togetherMs) clicks.push({ atMs: cell, excessDb: excess });
    else latest.excessDb = Math.max(latest.excessDb, excess);
    lastMs = cell;
  }
  return clicks;
}

function isClipped(pcm24k: Int16Array, cell: number): boolean {
  const to = Math.min(pcm24k.length, (cell + 2) * CELL);
  for (let i = Math.max(0, (cell - 1) * CELL); i < to; i++) if (Math.abs(pcm24k[i]!) >= CLIPPED) return true;
  return false;
}
