/** Whether a speaker has just been silent, by the sound alone: fit for choosing a moment, not for telling speech from noise. */
import type { RecentAudio } from '../uplink/recent-audio.js';

/** Mean square of a piece that is quiet: -42 dBFS. */
const QUIET_POWER = (32_768 * 10 ** (-42 / 20)) ** 2;
/** 20 ms at 24 kHz: a syllable is longer. */
const PIECE_SAMPLES = 480;

/** Every 20 ms that are kept from `fromMs` on are quiet. True where nothing was said at all. */
export function isQuiet(recent: RecentAudio, fromMs: number): boolean {
  let quiet = true;
  recent.replay(fromMs, (pcm) => {
    for (let start = 0; quiet && start < pcm.length; start += PIECE_SAMPLES) {
      const piece = pcm.subarray(start, start + PIECE_SAMPLES);
      let sum = 0;
      for (const sample of piece) sum += sample * sample;
      if (sum > QUIET_POWER * piece.length) quiet = false;
    }
  });
  return quiet;
}
