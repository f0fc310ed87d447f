import type { ReplayTurn } from '../output/document.js';
import { ticks, timelinePixels, USUAL_PIXELS } from './axis.js';
import { clockText, secondsText } from '../../duration-text.js';
import { markup, type Html } from './html.js';
import { percent, pictureGain, waveform } from './wave-picture.js';

/** What the picture shows: peaks of both recordings, one per 10 ms, from time 0. */
type TimelineData = {
  durationMs: number;
  inputPeaks: Uint8Array;
  outputPeaks: Uint8Array;
  turns: readonly ReplayTurn[];
};

const MIN_LABEL_PIXELS = 44;
const NUMBER_HEIGHT = 18;
const WAVE_HEIGHT = 84;
const LANE_HEIGHT = NUMBER_HEIGHT + WAVE_HEIGHT;
const SAID_TOP = 26;
const HEARD_TOP = SAID_TOP + LANE_HEIGHT + 34;
/** Where the line runs that shows a wait. */
const WAIT_Y = HEARD_TOP - 10;
const HEIGHT = HEARD_TOP + LANE_HEIGHT + 30;

/** Both waveforms over one time axis, each turn a block in either, the wait between them a dashed line. */
export function timelineSvg(data: TimelineData): Html {
  const x = (atMs: number): string => percent(atMs, data.durationMs);
  const pixelsPerMs = Math.max(timelinePixels(data.durationMs), USUAL_PIXELS) / data.durationMs;
  const blocks = data.turns.map((turn, index) => turnBlocks(turn, index + 1, x, pixelsPerMs));
  const gain = pictureGain([data.inputPeaks, data.outputPeaks]);
  const wave = (peaks: Uint8Array, top: number, kind: 'said' | 'heard'): Html =>
    waveform(peaks, {
      durationMs: data.durationMs,
      top: top + NUMBER_HEIGHT,
      height: WAVE_HEIGHT,
      kind,
      gain,
    });
  const label = `What was said and what was heard of it, over ${clockText(data.durationMs)}`;
  return markup`<svg
    class="timeline"
    height="${HEIGHT}"
    role="group"
    aria-label="${label}"
    data-duration-ms="${data.durationMs}"
  >
    ${ticks(data.durationMs, HEIGHT)}
    <text class="lane" x="10" y="${SAID_TOP - 9}">Said</text>
    <text class="lane" x="10" y="${HEARD_TOP - 9}">Heard</text>
    ${wave(data.inputPeaks, SAID_TOP, 'said')} ${wave(data.outputPeaks, HEARD_TOP, 'heard')} ${blocks}
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
