import type { ReplayTurn } from '../document.js';
import { reducePeaks } from '../waveform.js';
import { clockText, secondsText } from './format.js';
import { markup, trusted, type Html } from './html.js';

/** What the picture shows: peaks of both recordings, one per 10 ms, from time 0. */
export type TimelineData = {
  durationMs: number;
  inputPeaks: Uint8Array;
  outputPeaks: Uint8Array;
  turns: readonly ReplayTurn[];
};

const FRAME_MS = 10;
/** A recording shorter than this fits a wide window; longer ones scroll. */
const PIXELS_PER_SECOND = 24;
const MAX_PIXELS = 60_000;
const MIN_LABEL_PIXELS = 44;
const MAX_BUCKETS = 12_000;
/** Width that labels can count on. */
const USUAL_PIXELS = 600;
/** A recording that never gets louder (-24 dBFS) is not blown up to fill the picture. */
const QUIET_PEAK = 16;
const NUMBER_HEIGHT = 18;
const WAVE_HEIGHT = 84;
const LANE_HEIGHT = NUMBER_HEIGHT + WAVE_HEIGHT;
const SAID_TOP = 26;
const HEARD_TOP = SAID_TOP + LANE_HEIGHT + 34;
/** Where the line runs that shows a wait. */
const WAIT_Y = HEARD_TOP - 10;
const HEIGHT = HEARD_TOP + LANE_HEIGHT + 30;

/** Width below which the picture scrolls instead of shrinking. */
export function timelinePixels(durationMs: number): number {
  return Math.min(MAX_PIXELS, Math.max(300, Math.round((durationMs / 1000) * PIXELS_PER_SECOND)));
}

/** Both waveforms over one time axis, each turn a block in either, the wait between them a dashed line. */
export function timelineSvg(data: TimelineData): Html {
  const x = (atMs: number): string => `${round((100 * atMs) / data.durationMs)}%`;
  const pixelsPerMs = Math.max(timelinePixels(data.durationMs), USUAL_PIXELS) / data.durationMs;
  const blocks = data.turns.map((turn, index) => turnBlocks(turn, index + 1, x, pixelsPerMs));
  const gain = pictureGain(data.inputPeaks, data.outputPeaks);
  const label = `What was said and what was heard of it, over ${clockText(data.durationMs)}`;
  return markup`<svg
    class="timeline"
    height="${HEIGHT}"
    role="group"
    aria-label="${label}"
    data-duration-ms="${data.durationMs}"
  >
    ${ticks(data.durationMs, x, pixelsPerMs)}
    <text class="lane" x="10" y="${SAID_TOP - 9}">Said</text>
    <text class="lane" x="10" y="${HEARD_TOP - 9}">Heard</text>
    ${waveform(data.inputPeaks, data.durationMs, SAID_TOP, 'said', gain)}
    ${waveform(data.outputPeaks, data.durationMs, HEARD_TOP, 'heard', gain)} ${blocks}
    <line class="playhead" x1="0%" x2="0%" y1="0" y2="${HEIGHT - 22}" />
  </svg>`;
}

function turnBlocks(
  turn: ReplayTurn,
  number: number,
  x: (atMs: number) => string,
  pixelsPerMs: number,
): Html {
  const { startMs, endMs, playedFromMs, playedToMs } = turn;
  const label = `Turn ${number}: ${turn.sourceText}`;
  const pieces = [
    markup`<a href="#turn-${number}" aria-label="${label}"
      ><title>${label}</title> ${block(startMs, endMs, SAID_TOP, number, 'said', x)}</a
    >`,
  ];
  if (playedFromMs !== null && playedToMs !== null) {
    const heard = `Turn ${number}, translated: ${turn.translatedText}`;
    pieces.push(wait(turn, playedFromMs, x, pixelsPerMs));
    pieces.push(
      markup`<a href="#turn-${number}" aria-label="${heard}"
        ><title>${heard}</title> ${block(playedFromMs, playedToMs, HEARD_TOP, number, 'heard', x)}</a
      >`,
    );
    if (turn.interrupted) {
      const [cutX, cutToY] = [x(playedToMs), HEARD_TOP + LANE_HEIGHT];
      pieces.push(markup`<line class="cut" x1="${cutX}" x2="${cutX}" y1="${HEARD_TOP}" y2="${cutToY}" />`);
    }
  }
  return markup`${pieces}`;
}

/** From the end of the speech down, along, and down to where its translation begins. */
function wait(
  turn: ReplayTurn,
  playedFromMs: number,
  x: (atMs: number) => string,
  pixelsPerMs: number,
): Html {
  const [from, to] = [x(turn.endMs), x(playedFromMs)];
  const line = markup`<line class="wait" x1="${from}" x2="${from}" y1="${SAID_TOP + LANE_HEIGHT}" y2="${WAIT_Y}" />
<line class="wait" x1="${from}" x2="${to}" y1="${WAIT_Y}" y2="${WAIT_Y}" />
<line class="wait" x1="${to}" x2="${to}" y1="${WAIT_Y}" y2="${HEARD_TOP}" />`;
  const waitMs = playedFromMs - turn.endMs;
  if (turn.firstAudioDelayMs === null || waitMs * pixelsPerMs < MIN_LABEL_PIXELS) return line;
  const middle = x((turn.endMs + playedFromMs) / 2);
  const label = secondsText(turn.firstAudioDelayMs);
  return markup`${line}<text x="${middle}" y="${WAIT_Y - 5}" text-anchor="middle">${label}</text>`;
}

function block(
  fromMs: number,
  toMs: number,
  top: number,
  number: number,
  kind: 'said' | 'heard',
  x: (atMs: number) => string,
): Html {
  const width = x(Math.max(toMs - fromMs, 1));
  return markup`<rect
      class="block ${kind}"
      x="${x(fromMs)}"
      y="${top}"
      width="${width}"
      height="${LANE_HEIGHT}"
      rx="4"
    />
    <text class="number ${kind}" x="${x(fromMs)}" dx="6" y="${top + 14}">${number}</text>`;
}

/** Percent of a lane's half per unit of peak: the loudest moment of both recordings fills it, quiet ones stay quieter. */
function pictureGain(...tracks: readonly Uint8Array[]): number {
  const loudest = tracks.reduce((most, peaks) => peaks.reduce((max, peak) => Math.max(max, peak), most), 0);
  return 100 / Math.max(loudest, QUIET_PEAK);
}

/** The lane as one path, mirrored about its middle; silence stays a thin line. */
function waveform(
  peaks: Uint8Array,
  durationMs: number,
  top: number,
  kind: 'said' | 'heard',
  gain: number,
): Html {
  const buckets = reducePeaks(
    peaks,
    Math.min(MAX_BUCKETS, Math.max(timelinePixels(durationMs), USUAL_PIXELS * 2)),
  );
  if (buckets.length === 0) return markup``;
  const width = round((100 * peaks.length * FRAME_MS) / durationMs);
  let upper = '';
  let lower = '';
  buckets.forEach((peak, index) => {
    const reach = Math.max(1.5, gain * peak);
    upper += `L${index} ${round(100 - reach)}`;
    lower = `L${index} ${round(100 + reach)}${lower}`;
  });
  const path = `M0 100${upper}L${buckets.length} 100${lower}Z`;
  return trusted(
    `<svg y="${top + NUMBER_HEIGHT}" width="${width}%" height="${WAVE_HEIGHT}" viewBox="0 0 ${buckets.length} 200"` +
      ` preserveAspectRatio="none" aria-hidden="true"><path class="${kind}" d="${path}"/></svg>`,
  );
}

function ticks(durationMs: number, x: (atMs: number) => string, pixelsPerMs: number): Html {
  const stepsS = [1, 2, 5, 10, 30, 60, 300, 600, 3600];
  const stepMs = 1000 * (stepsS.find((seconds) => seconds * 1000 * pixelsPerMs >= 60) ?? 7200);
  const marks: Html[] = [];
  for (let atMs = 0; atMs < durationMs - stepMs / 3; atMs += stepMs) {
    const at = x(atMs);
    const label = clockText(atMs).replace(/\.0$/, '');
    const y2 = HEIGHT - 22;
    marks.push(
      markup`<line class="tick" x1="${at}" x2="${at}" y1="0" y2="${y2}" />
        <text x="${at}" dx="4" y="${HEIGHT - 8}">${label}</text>`,
    );
  }
  return markup`<g aria-hidden="true">${marks}</g>`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
