/** Whether a recording holds a phrase: its spectra over time, and how loud it is. */
import { measureLevel } from '../../audio/index.js';
import { BAND_COUNT, bandFeatures, computeSpectra, HOP_MS } from '../../src/embedded/phrasebook/features.js';
import { toBands } from '../../src/embedded/phrasebook/signal.js';

/** Pieces of a phrase may be earlier or later than the piece before: a jitter buffer stretches speech and cuts it. */
const PIECE_FRAMES = 30;
const REACH_FRAMES = 8;
/** Measured over ten recordings of pages: the phrase that was said fits at 0.93 to 0.97, the other 39 of the book at most at 0.55. */
const MIN_CORRELATION = 0.7;
const MIN_RMS_DBFS = -45;

export type SpeechMatch = {
  /** Correlation of the log spectra in mel-spaced bands, mean of all pieces where they fit best, -1 to 1. */
  correlation: number;
  /** Where in the recording the phrase begins, in milliseconds. */
  atMs: number;
  /** Level of the recording there. */
  rmsDbfs: number;
};

/** The phrase was there, and as loud as speech. */
export function isHeard({ correlation, rmsDbfs }: SpeechMatch): boolean {
  return correlation > MIN_CORRELATION && rmsDbfs > MIN_RMS_DBFS;
}

/** Looks for a phrase in a recording. Both are 24 kHz mono PCM16. */
export function findSpeech(heard: Int16Array, phrase: Int16Array): SpeechMatch {
  const heardSpectra = computeSpectra(toBands(heard).wide);
  const phraseSpectra = computeSpectra(toBands(phrase).wide);
  const count = phraseSpectra.frameCount;
  const wanted = bandFeatures(phraseSpectra, 0, count, 1);
  let best = { whole: -1, from: 0 };
  for (let from = 0; from + count <= heardSpectra.frameCount; from += 2) {
    const whole = correlate(bandFeatures(heardSpectra, from, from + count, 1), 0, wanted, 0, count);
    if (whole > best.whole) best = { whole, from };
  }
  // Pieces are looked for in the phrase and its surroundings, whose band means they share.
  const margin = 4 * REACH_FRAMES;
  const around = bandFeatures(heardSpectra, best.from - margin, best.from + count + margin, 1);
  let shift = 0;
  let sum = 0;
  let pieces = 0;
  for (let start = 0; start + PIECE_FRAMES <= count; start += PIECE_FRAMES) {
    let piece = { correlation: -1, shift };
    for (let next = shift - REACH_FRAMES; next <= shift + REACH_FRAMES; next++) {
      const at = margin + start + next;
      if (at < 0 || at + PIECE_FRAMES > count + 2 * margin) continue;
      const correlation = correlate(around, at, wanted, start, PIECE_FRAMES);
      if (correlation > piece.correlation) piece = { correlation, shift: next };
    }
    shift = piece.shift;
    sum += piece.correlation;
    pieces++;
  }
  const atMs = best.from * HOP_MS;
  const start = 24 * atMs;
  const { rmsDbfs } = measureLevel(heard.subarray(start, start + phrase.length));
  return { correlation: sum / pieces, atMs, rmsDbfs };
}

/** Correlation of `count` frames of two feature matrices, from a frame of each on. */
function correlate(a: Float32Array, fromA: number, b: Float32Array, fromB: number, count: number): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < count * BAND_COUNT; i++) {
    const x = a[fromA * BAND_COUNT + i]!;
    const y = b[fromB * BAND_COUNT + i]!;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
