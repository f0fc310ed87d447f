import { medianFirstAudioDelayMs, type ReplayedFile, type ReplayTurn } from '../output/document.js';
import { timelinePixels } from './axis.js';
import { clockText, secondsText } from '../../duration-text.js';
import { markup, type Html } from './html.js';
import { table } from './table.js';
import { factsOf, pageOf, playerOf, warningsOf, type PlayerTrack } from './shell.js';
import { timelineSvg } from './timeline.js';

/** Everything the report of one file shows. */
export type ReportData = {
  file: ReplayedFile;
  /** Name of the recording, as people know it. */
  title: string;
  /** Who interpreted, such as `api.openai.com`. */
  host: string;
  /** Languages as people call them; their tags for screen readers. */
  from: { name: string; tag: string } | undefined;
  to: { name: string; tag: string };
  /** Paths relative to the page, `/` between folders; undefined where the file cannot be reached from it. */
  inputHref: string | undefined;
  outputHref: string;
  inputPeaks: Uint8Array;
  outputPeaks: Uint8Array;
};

/**
 * One self-contained page: both recordings over one time axis, the turns in them, what was said and translated, and each
 * turn's latency. It loads nothing but the two recordings, if they lie where the page expects them; a content security
 * policy holds it to that.
 */
export function reportPage(data: ReportData): string {
  const { file } = data;
  const durationMs = Math.max(1, file.input.durationMs, file.output.durationMs);
  const style = `.timeline { min-width: ${timelinePixels(durationMs)}px; }\n`;
  const main = markup`          <header>
            <h1>${data.title}</h1>
            <p class="lead">
              ${data.from === undefined ? '' : `${data.from.name} to `}${data.to.name}, interpreted by
              ${data.host}
            </p>
            ${facts(file)}
          </header>
          <section class="card" aria-label="Timeline">
            ${playerOf(tracks(data))}
            <div class="scroll">${timelineSvg({ ...data, turns: file.turns, durationMs })}</div>
          </section>
          ${warningsOf(file.warnings)}
          <h2>Turns</h2>
          <section class="card" aria-label="Turns">${turnTable(data)}</section>
          <footer>
            Times are minutes and seconds of the recording. The wait runs from the end of the speech to the
            first audible moment of its translation.
          </footer>`;
  return pageOf({ title: data.title, style, main });
}

function facts(file: ReplayedFile): Html {
  const wait = medianFirstAudioDelayMs(file.turns);
  const cut = file.turns.filter((turn) => turn.interrupted).length;
  const entries: [string, string][] = [
    [file.turns.length === 1 ? 'turn' : 'turns', String(file.turns.length)],
    ['median wait', wait === null ? 'none' : secondsText(wait)],
    ['recording', clockText(file.input.durationMs)],
    ['translated', clockText(file.output.durationMs)],
  ];
  if (cut > 0) entries.push(['cut short', String(cut)]);
  return factsOf(entries);
}

function tracks({ inputHref, outputHref }: ReportData): PlayerTrack[] {
  const translation = { kind: 'heard', name: 'Translation', href: outputHref };
  return inputHref === undefined
    ? [translation]
    : [{ kind: 'said', name: 'Original', href: inputHref }, translation];
}

function turnTable(data: ReportData): Html {
  const { turns } = data.file;
  if (turns.length === 0) return markup`<p class="empty">No speech was found in this recording.</p>`;
  const longestMs = Math.max(1, ...turns.map((turn) => turn.firstAudioDelayMs ?? 0));
  const rows = turns.map((turn, index) => turnRow(turn, index + 1, longestMs, data));
  return table(['Turn', 'Said', 'Translated', 'Wait'], rows);
}

function turnRow(turn: ReplayTurn, number: number, longestMs: number, data: ReportData): Html {
  const { playedFromMs, playedToMs, firstAudioDelayMs } = turn;
  const said =
    turn.sourceText === '' ? markup`<span class="soft">not transcribed</span>` : markup`${turn.sourceText}`;
  const translated =
    turn.translatedText === '' ? markup`<span class="soft">nothing</span>` : markup`${turn.translatedText}`;
  const played =
    playedFromMs === null || playedToMs === null
      ? 'not heard'
      : `heard ${clockText(playedFromMs)} to ${clockText(playedToMs)}`;
  const share = Math.max(1, Math.round((100 * (firstAudioDelayMs ?? 0)) / longestMs));
  const wait =
    firstAudioDelayMs === null
      ? markup`<span class="soft">none</span>`
      : markup`${secondsText(firstAudioDelayMs)}<svg
            viewBox="0 0 100 4"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <rect width="${share}" height="4" />
          </svg>`;
  const note = turn.interrupted ? markup`<p class="note">cut short: someone spoke over it</p>` : markup``;
  return markup`<tr id="turn-${number}">
    <th scope="row">${number}</th>
    <td data-label="Said">
      <p dir="auto" lang="${data.from?.tag ?? ''}">${said}</p>
      <p class="when">${clockText(turn.startMs)} to ${clockText(turn.endMs)}</p>
    </td>
    <td data-label="Translated">
      <p dir="auto" lang="${data.to.tag}">${translated}</p>
      <p class="when">${played}</p>
      ${note}
    </td>
    <td class="delay" data-label="Wait">${wait}</td>
  </tr>`;
}
