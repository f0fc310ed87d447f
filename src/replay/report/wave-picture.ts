/** Sound as a shape over a time axis. */
import { reducePeaks } from '../output/waveform.js';
import { trusted, type Html } from './html.js';

const FRAME_MS = 10;
const BUCKETS_PER_SECOND = 24;
const MIN_BUCKETS = 1_200;
const MAX_BUCKETS = 12_000;
/** A recording that never gets louder (-24 dBFS) is not blown up to fill the picture. */
const QUIET_PEAK = 16;

/** Where a shape is in its picture. `kind` is its class; `gain` comes from {@link pictureGain}. */
type WavePlace = { durationMs: number; top: number; height: number; kind: string; gain: number };

/** Percent of half a row per unit of peak: the loudest moment of all fills it, quiet ones stay quieter. */
export function pictureGain(tracks: readonly Uint8Array[]): number {
  const loudest = tracks.reduce((most, peaks) => peaks.reduce((max, peak) => Math.max(max, peak), most), 0);
  return 100 / Math.max(loudest, QUIET_PEAK);
}

/** Peaks, one per 10 ms from time 0, as one path, mirrored about its middle; silence stays a thin line. */
export function waveform(peaks: Uint8Array, { durationMs, top, height, kind, gain }: WavePlace): Html {
  const wanted = Math.round((durationMs / 1000) * BUCKETS_PER_SECOND);
  const buckets = reducePeaks(peaks, Math.min(MAX_BUCKETS, Math.max(wanted, MIN_BUCKETS)));
  if (buckets.length === 0) return trusted('');
  let upper = '';
  let lower = '';
  buckets.forEach((peak, index) => {
    const reach = Math.max(1.5, gain * peak);
    upper += `L${index} ${round(100 - reach)}`;
    lower = `L${index} ${round(100 + reach)}${lower}`;
  });
  const path = `M0 100${upper}L${buckets.length} 100${lower}Z`;
  return trusted(
    `<svg y="${top}" width="${percent(peaks.length * FRAME_MS, durationMs)}" height="${height}"` +
      ` viewBox="0 0 ${buckets.length} 200" preserveAspectRatio="none" aria-hidden="true">` +
      `<path class="${kind}" d="${path}"/></svg>`,
  );
}

/** How far `atMs` is along the axis, such as `12.5%`. */
export function percent(atMs: number, durationMs: number): string {
  return `${round((100 * atMs) / durationMs)}%`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
