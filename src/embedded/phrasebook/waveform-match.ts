import type { Placement } from './placement.js';
import { WAVEFORM_RATE_HZ, resampleLinear } from './signal.js';

const SAMPLES_PER_MS = WAVEFORM_RATE_HZ / 1000;
const WINDOW = 25 * SAMPLES_PER_MS;
const HOP = 10 * SAMPLES_PER_MS;
const MAX_LAG = 32 * SAMPLES_PER_MS;
const LAG_COUNT = 2 * MAX_LAG + 1;
/** Price of a jump of the lag, and of a step of one sample, in windows' worth of correlation. */
const JUMP_COST = 0.6;
const STEP_COST = 0.03;
/** Windows that say where they lie: correlated, and not among the quietest. */
const SURE_CORRELATION = 0.6;
const SURE_WEIGHT = 0.3;

/** How well a turn's waveform, below 800 Hz, is the reference's. Both are loudness-weighted mean correlations, -1 to 1. */
type WaveformMatch = {
  /** Every window lies on one straight line: the reference played at one speed, not a sample more or less. */
  straight: number;
  /** Windows may jump by up to 32 ms against one another, as they do after a change of tempo, or after lost frames. */
  pieced: number;
  /** The longest stretch of the reference, in ms, whose loud windows are not found in the turn. */
  longestLossMs: number;
  /** The longest stretch of the turn, in its time, that two neighbouring loud windows of the reference leave out. */
  longestInsert: { fromMs: number; toMs: number };
};

/**
 * Follows the reference through the turn: where does each 25 ms window of the reference lie? A Viterbi search over the lags
 * of all windows finds the best path, cheap where the lag stays and dear where it jumps.
 */
export function matchWaveform(
  turn: Float32Array,
  reference: Float32Array,
  placement: Placement,
): WaveformMatch {
  const windowCount = Math.max(0, Math.floor((reference.length - WINDOW) / HOP) + 1);
  if (windowCount === 0) {
    return {
      straight: 0,
      pieced: 0,
      longestLossMs: 0,
      longestInsert: { fromMs: 0, toMs: 0 },
    };
  }
  const grid = correlateWindows(turn, reference, placement, windowCount);
  const path = bestPath(grid, windowCount);
  let pieced = 0;
  for (let w = 0; w < windowCount; w++)
    pieced += grid.weight[w]! * grid.correlation[w * LAG_COUNT + path[w]!]!;
  const { pitch } = placement;
  const startsMs = Float64Array.from(
    path,
    (lag, w) => grid.startMs + (grid.origin[w]! + lag + w * HOP) / pitch / SAMPLES_PER_MS,
  );
  return {
    straight: straightness(grid, path, windowCount),
    pieced: pieced / windowCount,
    longestLossMs: longestLoss(grid, path, windowCount),
    longestInsert: longestInsert(grid, path, startsMs),
  };
}

type LagGrid = {
  /** windowCount x LAG_COUNT */
  correlation: Float32Array;
  /** loudness of each window, 1 on average */
  weight: Float32Array;
  /** what lag index 0 means for each window: its position in the turn minus that in the reference, in samples */
  origin: Float64Array;
  /** the turn's time where `origin` plus lag is 0 */
  startMs: number;
};

function correlateWindows(
  turn: Float32Array,
  reference: Float32Array,
  { pitch, turnMsAt }: Placement,
  windowCount: number,
): LagGrid {
  const centresMs = Float64Array.from({ length: windowCount }, (_, w) =>
    turnMsAt((w * HOP + WINDOW / 2) / SAMPLES_PER_MS),
  );
  // The turn on the reference's pitch (`pitch` times slower), from `margin` samples before the first window.
  const startMs = centresMs.reduce((least, ms) => Math.min(least, ms), Infinity);
  const endMs = centresMs.reduce((most, ms) => Math.max(most, ms), -Infinity);
  const margin = MAX_LAG + WINDOW;
  const heard = resampleLinear(
    turn,
    startMs * SAMPLES_PER_MS - margin / pitch,
    1 / pitch,
    Math.ceil((endMs - startMs) * SAMPLES_PER_MS * pitch) + 2 * margin + LAG_COUNT,
  );
  const correlation = new Float32Array(windowCount * LAG_COUNT);
  const weight = new Float32Array(windowCount);
  const origin = new Float64Array(windowCount);
  const dots = new Float64Array(LAG_COUNT);
  let total = 0;
  for (let w = 0; w < windowCount; w++) {
    const at = w * HOP;
    const centre = margin + (centresMs[w]! - startMs) * SAMPLES_PER_MS * pitch;
    const from = Math.round(centre - WINDOW / 2) - MAX_LAG;
    origin[w] = from - margin - at;
    let energy = 0;
    let heardEnergy = 0;
    for (let i = 0; i < WINDOW; i++) {
      energy += reference[at + i]! * reference[at + i]!;
      heardEnergy += heard[from + i]! * heard[from + i]!;
    }
    weight[w] = Math.sqrt(energy);
    total += weight[w]!;
    multiplyAtLags(reference, at, heard, from, dots);
    for (let lag = 0; lag < LAG_COUNT; lag++) {
      const start = from + lag;
      correlation[w * LAG_COUNT + lag] = dots[lag]! / Math.sqrt(energy * Math.max(heardEnergy, 1) + 1);
      heardEnergy += heard[start + WINDOW]! * heard[start + WINDOW]! - heard[start]! * heard[start]!;
    }
  }
  for (let w = 0; w < windowCount; w++) weight[w] = total > 0 ? (weight[w]! * windowCount) / total : 0;
  return { correlation, weight, origin, startMs };
}

/** Products of one window of the reference with what was heard at every lag, four side by side, since a sum waits for itself. */
function multiplyAtLags(
  reference: Float32Array,
  at: number,
  heard: Float32Array,
  from: number,
  dots: Float64Array,
): void {
  for (let lag = 0; lag < LAG_COUNT; lag += 4) {
    const start = from + lag;
    let dot0 = 0;
    let dot1 = 0;
    let dot2 = 0;
    let dot3 = 0;
    for (let i = 0; i < WINDOW; i++) {
      const value = reference[at + i]!;
      dot0 += value * heard[start + i]!;
      dot1 += value * heard[start + i + 1]!;
      dot2 += value * heard[start + i + 2]!;
      dot3 += value * heard[start + i + 3]!;
    }
    dots[lag] = dot0;
    if (lag + 3 >= LAG_COUNT) break; // one more than a multiple of four
    dots[lag + 1] = dot1;
    dots[lag + 2] = dot2;
    dots[lag + 3] = dot3;
  }
}

/** The lag index of each window on the path of the highest weighted correlation after the costs of its steps and jumps. */
function bestPath({ correlation, weight, origin }: LagGrid, windowCount: number): Int16Array {
  let score = new Float32Array(LAG_COUNT);
  let next = new Float32Array(LAG_COUNT);
  const cameFrom = new Int16Array(windowCount * LAG_COUNT);
  for (let w = 0; w < windowCount; w++) {
    let best = 0;
    for (let lag = 1; lag < LAG_COUNT; lag++) if (score[lag]! > score[best]!) best = lag;
    // A window that stays in place keeps its distance to the reference, while the grid's origin may move under it.
    const shift = w === 0 ? 0 : origin[w]! - origin[w - 1]!;
    for (let lag = 0; lag < LAG_COUNT; lag++) {
      let from = best;
      let value = score[best]! - JUMP_COST;
      for (let step = -1; step <= 1; step++) {
        const candidate = lag + shift + step;
        if (candidate < 0 || candidate >= LAG_COUNT) continue;
        const reached = score[candidate]! - (step === 0 ? 0 : STEP_COST);
        if (reached > value) {
          value = reached;
          from = candidate;
        }
      }
      next[lag] = value + weight[w]! * correlation[w * LAG_COUNT + lag]!;
      cameFrom[w * LAG_COUNT + lag] = from;
    }
    [score, next] = [next, score];
  }
  const path = new Int16Array(windowCount);
  let lag = 0;
  for (let i = 1; i < LAG_COUNT; i++) if (score[i]! > score[lag]!) lag = i;
  for (let w = windowCount - 1; w >= 0; w--) {
    path[w] = lag;
    lag = cameFrom[w * LAG_COUNT + lag]!;
  }
  return path;
}

/** Fits one line through the sure windows of a path and returns the mean correlation of all windows on it (+-0.5 ms). */
function straightness(grid: LagGrid, path: Int16Array, windowCount: number): number {
  const { correlation, weight, origin } = grid;
  let intercept = 0;
  let gradient = 0;
  for (let round = 0; round < 8; round++) {
    // Weighted least squares; after the first round, windows far from the line count little (Cauchy weights).
    const scale = Math.max(1, 8 / 2 ** round);
    let s = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let sxy = 0;
    for (let w = 0; w < windowCount; w++) {
      if (weight[w]! < SURE_WEIGHT || correlation[w * LAG_COUNT + path[w]!]! < SURE_CORRELATION) continue;
      const y = origin[w]! + path[w]!;
      const off = round === 0 ? 0 : (y - intercept - gradient * w) / scale;
      const trust = weight[w]! / (1 + off * off);
      s += trust;
      sx += trust * w;
      sy += trust * y;
      sxx += trust * w * w;
      sxy += trust * w * y;
    }
    const determinant = s * sxx - sx * sx;
    if (!(determinant > 1e-6)) return 0;
    gradient = (s * sxy - sx * sy) / determinant;
    intercept = (sy - gradient * sx) / s;
  }
  let sum = 0;
  for (let w = 0; w < windowCount; w++) {
    const lag = Math.round(intercept + gradient * w - origin[w]!);
    let best = -1;
    for (let near = Math.max(0, lag - 1); near <= Math.min(LAG_COUNT - 1, lag + 1); near++) {
      best = Math.max(best, correlation[w * LAG_COUNT + near]!);
    }
    sum += weight[w]! * Math.max(0, best);
  }
  return sum / windowCount;
}

/** The longest run of loud windows that are not found, in ms. */
function longestLoss({ correlation, weight }: LagGrid, path: Int16Array, windowCount: number): number {
  let loss = 0;
  let longest = 0;
  for (let w = 0; w < windowCount; w++) {
    if (weight[w]! < SURE_WEIGHT) continue;
    loss = correlation[w * LAG_COUNT + path[w]!]! < SURE_CORRELATION ? loss + HOP : 0;
    longest = Math.max(longest, loss);
  }
  return longest / SAMPLES_PER_MS;
}

/** What of the turn lies between two loud windows that are found, beyond what lies between them in the reference. */
function longestInsert({ correlation, weight }: LagGrid, path: Int16Array, startsMs: Float64Array) {
  const longest = { fromMs: 0, toMs: 0 };
  let last = -1;
  for (let w = 0; w < startsMs.length; w++) {
    if (weight[w]! < SURE_WEIGHT || correlation[w * LAG_COUNT + path[w]!]! < SURE_CORRELATION) continue;
    const fromMs = last < 0 ? Infinity : startsMs[last]! + ((w - last) * HOP) / SAMPLES_PER_MS;
    if (startsMs[w]! - fromMs > longest.toMs - longest.fromMs) {
      longest.fromMs = fromMs;
      longest.toMs = startsMs[w]!;
    }
    last = w;
  }
  return longest;
}
