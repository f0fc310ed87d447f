/** When somebody spoke, by the sound of their microphone alone, so that no engine has a say in it. Pure. */
import { STEP_MS } from '../../pace.js';

/** From when to when, in milliseconds of the meeting. */
export type Stretch = { readonly fromMs: number; readonly toMs: number };

/** Silence that sets stretches apart; shorter sound is none of speech. */
const PAUSE_MS = 600;
const SHORTEST_MS = 300;
/** Sound counts from this share of the loudest on (-24 dB), and from this peak on (of 255, -42 dBFS). */
const LEAST_SHARE = 0.063;
const LEAST_PEAK = 2;

/** Stretches of sound. `peaks`: one per 10 ms, 0 to 255. */
export function stretchesOf(peaks: Uint8Array): Stretch[] {
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 0);
  const least = Math.max(LEAST_PEAK, loudest * LEAST_SHARE);
  const found: { fromMs: number; toMs: number }[] = [];
  peaks.forEach((peak, index) => {
    if (peak < least) return;
    const atMs = index * STEP_MS;
    const last = found.at(-1);
    if (last !== undefined && atMs - last.toMs < PAUSE_MS) last.toMs = atMs + STEP_MS;
    else found.push({ fromMs: atMs, toMs: atMs + STEP_MS });
  });
  return found.filter(({ fromMs, toMs }) => toMs - fromMs >= SHORTEST_MS);
}
