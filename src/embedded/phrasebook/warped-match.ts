/**
 * How a jitter buffer bends time: it repeats or leaves out a pitch period here and there, and puts a concealment where a packet
 * came late. Pitch stays, so only the place of each frame has to be found.
 */
import { CONTEXT_FRAMES, type Template } from './coarse-match.js';
import { dotOfFrames } from './features.js';

/** The places may lie this far outside the straight way between both starts and both ends. */
const SLACK_FRAMES = 2 * CONTEXT_FRAMES;
/** Price of a step of one frame, and of a larger jump ahead, in mean frames' worth of correlation. */
const STEP_COST = 0.2;
const JUMP_COST = 3;

/** Within so many frames of a reference, a jitter buffer leaves out at most so many: less than half of what it could take. */
const HURRY_FRAMES = 30;
const MAX_LEFT_OUT_FRAMES = 14;

/** Where each frame of a reference template lies in a turn's. */
export type Warp = {
  /** frame in the turn's template minus frame in the reference's, for each frame of the reference */
  lags: Int16Array;
  /** correlation of the log spectra, -1 to 1 */
  score: number;
};

/** The best warp of a turn's template on a reference's; undefined where too much would be missing, or put in. */
export function alignWarped(turn: Template, reference: Template): Warp | undefined {
  const longer = turn.frameCount - reference.frameCount;
  if (longer > reference.frameCount / 4 || -longer > reference.frameCount / 5) return undefined;
  const firstLag = Math.min(0, longer) - SLACK_FRAMES;
  const lagCount = Math.abs(longer) + 2 * SLACK_FRAMES + 1;
  const lags = bestLags(turn, reference, firstLag, lagCount);
  for (let frame = HURRY_FRAMES; frame < lags.length; frame++) {
    if (lags[frame - HURRY_FRAMES]! - lags[frame]! > MAX_LEFT_OUT_FRAMES) return undefined;
  }
  return { lags, score: correlate(turn, reference, lags) };
}

function bestLags(turn: Template, reference: Template, firstLag: number, lagCount: number): Int16Array {
  const unit = Math.sqrt(meanOf(turn.energies) * meanOf(reference.energies)) || 1;
  const cameFrom = new Int16Array(reference.frameCount * lagCount);
  let score = new Float64Array(lagCount);
  let next = new Float64Array(lagCount);
  for (let frame = 0; frame < reference.frameCount; frame++) {
    let best = 0; // of the lags below `lag`: from there a jump leads ahead in the turn
    for (let lag = 0; lag < lagCount; lag++) {
      if (score[lag]! > score[best]!) best = lag;
      let from = lag;
      let value = score[lag]!;
      if (frame > 0) {
        // A smaller lag than before by one: both frames lie on one of the turn's. By more, the turn would run backwards.
        if (lag + 1 < lagCount && score[lag + 1]! - STEP_COST > value) {
          from = lag + 1;
          value = score[from]! - STEP_COST;
        }
        if (lag > 0 && score[lag - 1]! - STEP_COST > value) {
          from = lag - 1;
          value = score[from]! - STEP_COST;
        }
        if (score[best]! - JUMP_COST > value) {
          from = best;
          value = score[best]! - JUMP_COST;
        }
      }
      next[lag] = value + dotAt(turn, reference, frame, frame + firstLag + lag) / unit;
      cameFrom[frame * lagCount + lag] = from;
    }
    [score, next] = [next, score];
  }
  const lags = new Int16Array(reference.frameCount);
  let lag = 0;
  for (let i = 1; i < lagCount; i++) if (score[i]! > score[lag]!) lag = i;
  for (let frame = reference.frameCount - 1; frame >= 0; frame--) {
    lags[frame] = firstLag + lag;
    lag = cameFrom[frame * lagCount + lag]!;
  }
  return lags;
}

function dotAt(turn: Template, reference: Template, frame: number, turnFrame: number): number {
  const within = Math.min(Math.max(turnFrame, 0), turn.frameCount - 1);
  return dotOfFrames(turn.features, within, reference.features, frame);
}

function correlate(turn: Template, reference: Template, lags: Int16Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let frame = 0; frame < reference.frameCount; frame++) {
    const turnFrame = Math.min(Math.max(frame + lags[frame]!, 0), turn.frameCount - 1);
    ab += dotAt(turn, reference, frame, turnFrame);
    aa += turn.energies[turnFrame]!;
    bb += reference.energies[frame]!;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}
