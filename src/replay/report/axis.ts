/** The time axis of a picture: how wide it is, and its marks. */
import { clockText } from '../../duration-text.js';
import { markup, type Html } from './html.js';
import { percent } from './wave-picture.js';

/** A recording shorter than this fits a wide window; longer ones scroll. */
const PIXELS_PER_SECOND = 24;
const MAX_PIXELS = 60_000;
/** Width that labels can count on. */
export const USUAL_PIXELS = 600;

/** Width below which the picture scrolls instead of shrinking. */
export function timelinePixels(durationMs: number): number {
  return Math.min(MAX_PIXELS, Math.max(300, Math.round((durationMs / 1000) * PIXELS_PER_SECOND)));
}

/** Marks with their times, in a picture of this height. */
export function ticks(durationMs: number, height: number): Html {
  const pixelsPerMs = Math.max(timelinePixels(durationMs), USUAL_PIXELS) / durationMs;
  const stepsS = [1, 2, 5, 10, 30, 60, 300, 600, 3600];
  const stepMs = 1000 * (stepsS.find((seconds) => seconds * 1000 * pixelsPerMs >= 60) ?? 7200);
  const marks: Html[] = [];
  for (let atMs = 0; atMs < durationMs - stepMs / 3; atMs += stepMs) {
    const at = percent(atMs, durationMs);
    const label = clockText(atMs).replace(/\.0$/, '');
    marks.push(
      markup`<line class="tick" x1="${at}" x2="${at}" y1="0" y2="${height - 22}" />
        <text x="${at}" dx="4" y="${height - 8}">${label}</text>`,
    );
  }
  return markup`<g aria-hidden="true">${marks}</g>`;
}
