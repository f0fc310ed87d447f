/** A hum with the rhythm of words, for replies that a responder gives as text alone. */
import { samplesOf } from '../input/audio-format.js';

const SYLLABLE_MS = 160;
const CHARACTERS_PER_SYLLABLE = 3;
const GAP_MS = 60;
const MAX_SYLLABLES = 400; // about a minute
const AMPLITUDE = 4_000;

/** 24 kHz PCM16: one soft syllable for every three characters of each word, a short gap between words. */
export function placeholderSpeech(text: string): Int16Array {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  const syllable = samplesOf(SYLLABLE_MS);
  const gap = samplesOf(GAP_MS);
  const counts: number[] = [];
  let syllables = 0;
  for (const word of words) {
    const count = Math.min(Math.ceil(word.length / CHARACTERS_PER_SYLLABLE), MAX_SYLLABLES - syllables);
    if (count <= 0) break;
    counts.push(count);
    syllables += count;
  }
  const out = new Int16Array(syllables * syllable + counts.length * gap);
  let offset = 0;
  let spoken = 0;
  for (const count of counts) {
    for (let index = 0; index < count; index++) {
      const pitchHz = 150 + 25 * Math.sin(spoken++ * 1.7);
      for (let sample = 0; sample < syllable; sample++) {
        const phase = (2 * Math.PI * pitchHz * sample) / 24_000;
        const envelope = Math.sin((Math.PI * sample) / syllable);
        const wave = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.25 * Math.sin(5 * phase);
        out[offset++] = Math.round(AMPLITUDE * envelope * wave);
      }
    }
    offset += gap;
  }
  return out;
}
