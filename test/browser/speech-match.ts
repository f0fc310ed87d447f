/** How much of a recording sounds like a phrase: energy, and the best match of the spectra over time. */
import { measureLevel } from '../../audio/index.js';
import { BAND_COUNT, bandFeatures, computeSpectra, HOP_MS } from '../../src/local/phrasebook/features.js';
import { toBands } from '../../src/local/phrasebook/signal.js';

export type SpeechMatch = {
  /** Correlation of the log spectra in mel-spaced bands where they fit best, -1 to 1. */
  correlation: number;
  /** Where in the recording the phrase begins, in milliseconds. */
  atMs: number;
  /** Level of the recording there. */
  rmsDbfs: number;
};

/** Looks for a phrase in a recording. Both are 24 kHz mono PCM16. */
export function findSpeech(heard: Int16Array, phrase: Int16Array): SpeechMatch {
  const heardSpectra = computeSpectra(toBands(heard).wide);
  const phraseSpectra = computeSpectra(toBands(phrase).wide);
  const count = phraseSpectra.frameCount;
  const wanted = bandFeatures(phraseSpectra, 0, count, 1);
  let best: SpeechMatch = { correlation: -1, atMs: 0, rmsDbfs: -Infinity };
  for (let from = 0; from + count <= heardSpectra.frameCount; from += 2) {
    const correlation = correlate(bandFeatures(heardSpectra, from, from + count, 1), wanted);
    if (correlation > best.correlation) best = { correlation, atMs: from * HOP_MS, rmsDbfs: -Infinity };
  }
  const start = (best.atMs * 24_000) / 1_000;
  return { ...best, rmsDbfs: measureLevel(heard.subarray(start, start + phrase.length)).rmsDbfs };
}

/** The phrase was there, and as loud as speech. */
export function isHeard({ correlation, rmsDbfs }: SpeechMatch): boolean {
  return correlation > 0.65 && rmsDbfs > -45;
}

function correlate(a: Float32Array, b: Float32Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length - (a.length % BAND_COUNT); i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
