/** Compares a recording with the signal that was sent: is every part of it there, once, and in its place? */

/** Both signals are compared at this rate. */
const RATE_HZ = 12_000;
const BLOCK_SAMPLES = (RATE_HZ * 40) / 1000;
/** How far a block may lie from where the one before it was; as much more for each damaged one between them. */
const REACH_SAMPLES = (RATE_HZ * 60) / 1000;
const MAX_REACH_SAMPLES = RATE_HZ;
/** Blocks that match less than this are damaged; codecs leave speech-shaped noise above 0.8. */
const MATCH = 0.6;
/** A place that moves by more than this is a jump. */
const JUMP_SAMPLES = RATE_HZ / 1000;

/** Lengths in milliseconds. */
export type Continuity = {
  comparedMs: number;
  /** Places where the recording jumps: forward (a gap in what was heard) or back (a repeat, or filled up). */
  gaps: number;
  gapMs: number;
  repeats: number;
  repeatMs: number;
  /** Blocks of 40 ms that are nothing like what was sent, but for single ones that a jump lies in. */
  damagedBlocks: number;
  medianMatch: number;
};

/**
 * @param sent the signal, at a multiple of 12 kHz
 * @param heard the recording, which begins before the signal does
 * @returns undefined when the signal is not in the recording
 */
export function compareSignals(
  sent: { samples: Int16Array; sampleRateHz: number },
  heard: { samples: Int16Array; sampleRateHz: number },
): Continuity | undefined {
  const reference = decimate(sent.samples, sent.sampleRateHz);
  const recording = decimate(heard.samples, heard.sampleRateHz);
  // The first blocks belong to the jitter buffer's start.
  const firstBlock = 5;
  const firstAt = firstBlock * BLOCK_SAMPLES;
  const start = bestPlace(reference, firstAt, recording, 0, recording.length - BLOCK_SAMPLES);
  if (start.match < MATCH) return undefined;
  let offset = start.at - firstAt;
  let damaged = 0;
  const matches: number[] = [];
  const result = { gaps: 0, gapMs: 0, repeats: 0, repeatMs: 0, damagedBlocks: 0 };
  for (let at = firstAt; at + BLOCK_SAMPLES <= reference.length; at += BLOCK_SAMPLES) {
    const reach = Math.min(REACH_SAMPLES * (1 + damaged), MAX_REACH_SAMPLES);
    const to = at + offset + reach;
    if (to + BLOCK_SAMPLES > recording.length) break;
    const place = bestPlace(reference, at, recording, Math.max(0, at + offset - reach), to);
    matches.push(place.match);
    if (place.match < MATCH) {
      damaged++;
      continue;
    }
    const moved = place.at - at - offset;
    const jumped = Math.abs(moved) > JUMP_SAMPLES;
    if (!jumped || damaged > 1) result.damagedBlocks += damaged;
    damaged = 0;
    if (jumped) {
      const movedMs = (Math.abs(moved) * 1000) / RATE_HZ;
      if (moved < 0) {
        result.gaps++;
        result.gapMs += movedMs;
      } else {
        result.repeats++;
        result.repeatMs += movedMs;
      }
    }
    offset += moved;
  }
  result.damagedBlocks += damaged;
  matches.sort((a, b) => a - b);
  return {
    comparedMs: (matches.length * BLOCK_SAMPLES * 1000) / RATE_HZ,
    ...result,
    medianMatch: matches[matches.length >> 1] ?? 0,
  };
}

/** Where in `recording`, from `from` to `to`, the block of `reference` at `at` fits best, by normalised correlation. */
function bestPlace(
  reference: Float32Array,
  at: number,
  recording: Float32Array,
  from: number,
  to: number,
): { at: number; match: number } {
  let blockEnergy = 0;
  for (let n = 0; n < BLOCK_SAMPLES; n++) blockEnergy += reference[at + n]! ** 2;
  let energy = 0;
  for (let n = 0; n < BLOCK_SAMPLES; n++) energy += recording[from + n]! ** 2;
  const best = { at: from, match: 0 };
  for (let place = from; place <= to; place++) {
    let product = 0;
    for (let n = 0; n < BLOCK_SAMPLES; n++) product += reference[at + n]! * recording[place + n]!;
    const match = energy > 1 ? product / Math.sqrt(energy * blockEnergy) : 0;
    if (match > best.match) {
      best.at = place;
      best.match = match;
    }
    energy += (recording[place + BLOCK_SAMPLES] ?? 0) ** 2 - recording[place]! ** 2;
  }
  return best;
}

/** Averages, which is filter enough for what lies below 2 kHz. */
function decimate(samples: Int16Array, sampleRateHz: number): Float32Array {
  const factor = sampleRateHz / RATE_HZ;
  const out = new Float32Array(Math.floor(samples.length / factor));
  for (let n = 0; n < out.length; n++) {
    let sum = 0;
    for (let k = 0; k < factor; k++) sum += samples[n * factor + k]!;
    out[n] = sum / factor;
  }
  return out;
}
