import { HOP_MS, bandFeatures, dotOfFrames, type Span, type Spectra } from './features.js';

/** Frames of context that both sides carry around their speech. */
export const CONTEXT_FRAMES = 5;
/** Speeds that count as the same phrase. */
export const MIN_SPEED = 0.87;
export const MAX_SPEED = 1.14;

/** Features of one stretch of speech with its context, and the sum of their squares for each frame. */
export type Template = { features: Float32Array; energies: Float64Array; frameCount: number };

/** How a stretch of a turn may be explained by a reference: `reference time = speed * (turn time - startMs)`. */
export type Alignment = {
  /** how fast the turn says it */
  speed: number;
  /** pitch relative to the reference: equal to `speed` when it was played fast, 1 when only the tempo changed */
  pitch: number;
  /** turn time of the start of the reference template */
  startMs: number;
  /** correlation of the log spectra, -1 to 1 */
  score: number;
};

/** The template of `span`, with its frequencies scaled by `frequencyScale`. */
export function makeTemplate(spectra: Spectra, span: Span, frequencyScale: number): Template {
  const from = span.from - CONTEXT_FRAMES;
  const to = span.to + CONTEXT_FRAMES;
  const features = bandFeatures(spectra, from, to, frequencyScale);
  const energies = Float64Array.from({ length: to - from }, (_, frame) =>
    dotOfFrames(features, frame, features, frame),
  );
  return { features, energies, frameCount: to - from };
}

/** Correlation of a reference with a turn template under one linear warp, looking at every `stride`-th reference frame. */
function correlate(
  turn: Template,
  reference: Template,
  speed: number,
  startFrame: number,
  stride: number,
): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let frame = 0; frame < reference.frameCount; frame += stride) {
    const turnFrame = Math.min(Math.max(Math.round(startFrame + frame / speed), 0), turn.frameCount - 1);
    ab += dotOfFrames(turn.features, turnFrame, reference.features, frame);
    aa += turn.energies[turnFrame]!;
    bb += reference.energies[frame]!;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** The best linear warp between a stretch of a turn and one reference, for one kind of pitch. */
export function alignCoarsely(
  turnAt: (pitch: number) => Template,
  turnStartMs: number,
  reference: Template,
  keepsPitch: boolean,
  thorough: boolean,
): Alignment {
  const margin = 2 * CONTEXT_FRAMES;
  const nominal = (reference.frameCount - margin) / (turnAt(1).frameCount - margin);
  let best: Alignment = { speed: nominal, pitch: 1, startMs: 0, score: -1 };
  const reach = thorough ? 4 : 1;
  for (let i = -reach; i <= reach; i++) {
    const speed = nominal * (1 + (thorough ? 0.02 : 0.04) * i);
    if (speed < MIN_SPEED || speed > MAX_SPEED) continue;
    const pitch = keepsPitch ? 1 : speed;
    const turn = turnAt(pitch);
    const slack = turn.frameCount - reference.frameCount / speed; // keep centres aligned, then search around
    const step = thorough ? 2 : 4;
    for (let shift = -step * (thorough ? 4 : 1); shift <= step * (thorough ? 4 : 1); shift += step) {
      const startFrame = slack / 2 + shift;
      const score = correlate(turn, reference, speed, startFrame, thorough ? 2 : 4);
      if (score > best.score) best = { speed, pitch, startMs: turnStartMs + startFrame * HOP_MS, score };
    }
  }
  return best;
}
