/** Where a reference lies in a turn: one straight line, or a way that bends. */
import type { Alignment } from './coarse-match.js';
import { HOP_MS } from './features.js';
import type { Warp } from './warped-match.js';

/** Times are milliseconds from the start of the turn and of the reference's recording. */
export type Placement = {
  /** pitch of the turn relative to the reference */
  pitch: number;
  turnMsAt: (referenceMs: number) => number;
  referenceMsAt: (turnMs: number) => number;
};

/** A straight line. `templateStartMs`: where the reference's template begins in its recording. */
export function placeStraight({ speed, pitch, startMs }: Alignment, templateStartMs: number): Placement {
  const recordingStartMs = startMs - templateStartMs / speed;
  return {
    pitch,
    turnMsAt: (referenceMs) => recordingStartMs + referenceMs / speed,
    referenceMsAt: (turnMs) => speed * (turnMs - recordingStartMs),
  };
}

/** A bent way. The templates begin at these times of the turn and of the recording. */
export function placeWarped({ lags }: Warp, turnStartMs: number, templateStartMs: number): Placement {
  const last = lags.length - 1;
  // For each frame of the turn from the first that is reached, the latest frame of the reference that lies there or before.
  const first = lags[0]!;
  const frames: number[] = [];
  for (let frame = 0; frame <= last; frame++) {
    const turnFrame = frame + lags[frame]! - first;
    while (frames.length < turnFrame) frames.push(Math.max(0, frame - 1));
    frames[turnFrame] = frame;
  }
  return {
    pitch: 1,
    turnMsAt: (referenceMs) => {
      const frame = Math.round((referenceMs - templateStartMs) / HOP_MS);
      const lag = lags[Math.min(Math.max(frame, 0), last)]!;
      return turnStartMs + (referenceMs - templateStartMs) + lag * HOP_MS;
    },
    referenceMsAt: (turnMs) => {
      const turnFrame = Math.round((turnMs - turnStartMs) / HOP_MS) - first;
      const frame = turnFrame < 0 ? turnFrame : (frames[turnFrame] ?? last + turnFrame - (frames.length - 1));
      return templateStartMs + frame * HOP_MS;
    },
  };
}
