/** The picture of a meeting: a row per person with what they said, a row per voice with what was heard of it. */
import { ticks } from '../../report/axis.js';
import { clockText } from '../../../duration-text.js';
import { markup, type Html } from '../../report/html.js';
import { percent, pictureGain, waveform } from '../../report/wave-picture.js';
import type { DocumentPerson, DocumentPhrase, DocumentTranslation } from '../document.js';
import { PERSON_COLOURS } from './style.js';

/** Somebody's row: peaks of their microphone, one per 10 ms from time 0. */
type PersonRow = { person: DocumentPerson; languages: string; peaks: Uint8Array };
/** A voice's row. `speaks`: the translations that it spoke. */
type VoiceRow = {
  name: string;
  peaks: Uint8Array;
  speaks: (translation: DocumentTranslation) => boolean;
};

/** What the picture shows. */
type RowsData = {
  durationMs: number;
  people: readonly PersonRow[];
  voices: readonly VoiceRow[];
  phrases: readonly DocumentPhrase[];
};

const NAME_HEIGHT = 20;
const NUMBER_HEIGHT = 16;
const WAVE_HEIGHT = 44;
const BLOCK_HEIGHT = NUMBER_HEIGHT + WAVE_HEIGHT;
const LANE_HEIGHT = NAME_HEIGHT + BLOCK_HEIGHT + 8;
const BELOW = 30;

/** The class that gives somebody their colour, by their place among the people. */
export function colourOf(index: number): string {
  return `p${index % PERSON_COLOURS}`;
}

/** All rows over one time axis; each block leads to its phrase, `#phrase-1` and so on. */
export function rowsPicture(data: RowsData): Html {
  const { durationMs, people, voices, phrases } = data;
  const height = (people.length + voices.length) * LANE_HEIGHT + BELOW;
  const gain = pictureGain([...people, ...voices].map(({ peaks }) => peaks));
  const colours = new Map(people.map(({ person }, index) => [person.id, colourOf(index)]));
  const x = (atMs: number): string => percent(atMs, durationMs);
  const wave = (peaks: Uint8Array, top: number, kind: string): Html =>
    waveform(peaks, { durationMs, top: top + NUMBER_HEIGHT, height: WAVE_HEIGHT, kind, gain });

  const names: Html[] = [];
  const rows: Html[] = [];
  people.forEach(({ person, languages, peaks }, index) => {
    const top = index * LANE_HEIGHT + NAME_HEIGHT;
    const colour = colourOf(index);
    names.push(rowName(top, markup`<b class="who ${colour}">${person.name}</b> ${languages}`));
    const said = phrases.map((phrase, number) =>
      phrase.speakerId === person.id ? saidBlock(phrase, number + 1, top, colour, x) : markup``,
    );
    const spans = [
      ...person.present.map((span) => spanRect('present', span, top, x)),
      ...person.muted.map((span) => spanRect('muted', span, top, x)),
    ];
    const absent = gapsBetween(person.present, durationMs).map((span) => spanRect('absent', span, top, x));
    rows.push(markup`${spans}${wave(peaks, top, colour)}${absent}${said}`);
  });
  voices.forEach(({ name, peaks, speaks }, index) => {
    const top = (people.length + index) * LANE_HEIGHT + NAME_HEIGHT;
    names.push(rowName(top, markup`<b>${name}</b> interpreting`));
    const heard = phrases.flatMap((phrase, number) =>
      phrase.translations
        .filter(speaks)
        .map((each) => heardBlock(each, number + 1, top, colours.get(phrase.speakerId) ?? 'voice', x)),
    );
    rows.push(markup`${wave(peaks, top, 'voice')}${heard}`);
  });
  const label = `What everyone said and what was heard of it, over ${clockText(durationMs)}`;
  return markup`<div class="scroll">
    <div class="lanes">${names}</div>
    <svg
      class="timeline"
      height="${height}"
      role="group"
      aria-label="${label}"
      data-duration-ms="${durationMs}"
    >
      <defs>
        <pattern id="muted" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" x2="0" y1="0" y2="8" />
        </pattern>
      </defs>
      ${ticks(durationMs, height)} ${rows}
      <line class="playhead" x1="0%" x2="0%" y1="0" y2="${height - 22}" />
    </svg>
  </div>`;
}

/** When somebody was not there. */
function gapsBetween(
  present: DocumentPerson['present'],
  durationMs: number,
): { fromMs: number; toMs: number }[] {
  const edges = [0, ...present.flatMap(({ fromMs, toMs }) => [fromMs, toMs]), durationMs];
  return Array.from({ length: edges.length / 2 }, (_, index) => ({
    fromMs: edges[2 * index]!,
    toMs: edges[2 * index + 1]!,
  })).filter(({ fromMs, toMs }) => toMs > fromMs);
}

function rowName(top: number, text: Html): Html {
  // The style of a page by the digest of its sheet allows no style attributes: the place is a class, see `rowStyle`.
  return markup`<p class="at${top}">${text}</p>`;
}

/** Where the names of so many rows stand. */
export function rowStyle(rowCount: number): string {
  return Array.from({ length: rowCount }, (_, index) => {
    const top = index * LANE_HEIGHT + NAME_HEIGHT;
    return `.lanes .at${top} { top: ${top - NAME_HEIGHT + 1}px; }\n`;
  }).join('');
}

function spanRect(
  kind: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  top: number,
  x: (atMs: number) => string,
): Html {
  const width = x(toMs - fromMs);
  return markup`<rect class="${kind}" x="${x(fromMs)}" y="${top}" width="${width}" height="${BLOCK_HEIGHT}" />`;
}

function saidBlock(
  phrase: DocumentPhrase,
  number: number,
  top: number,
  colour: string,
  x: (atMs: number) => string,
): Html {
  const label = `Phrase ${number}: ${phrase.sourceText}`;
  return block({ label, number, tag: '', kind: colour, fromMs: phrase.startMs, toMs: phrase.endMs, top }, x);
}

function heardBlock(
  translation: DocumentTranslation,
  number: number,
  top: number,
  colour: string,
  x: (atMs: number) => string,
): Html {
  const { heardFromMs, consumedToMs, to, text, cut } = translation;
  if (heardFromMs === null || consumedToMs === null) return markup``;
  const label = `Phrase ${number} in ${to}: ${text}`;
  const box = block(
    { label, number, tag: ` ${to}`, kind: colour, fromMs: heardFromMs, toMs: consumedToMs, top },
    x,
  );
  if (!cut) return box;
  const cutX = x(consumedToMs);
  return markup`${box}<line class="cut" x1="${cutX}" x2="${cutX}" y1="${top}" y2="${top + BLOCK_HEIGHT}" />`;
}

type Block = {
  label: string;
  number: number;
  /** Behind the number. */
  tag: string;
  kind: string;
  fromMs: number;
  toMs: number;
  top: number;
};

function block({ label, number, tag, kind, fromMs, toMs, top }: Block, x: (atMs: number) => string): Html {
  const width = x(Math.max(toMs - fromMs, 1));
  return markup`<a href="#phrase-${number}" aria-label="${label}"
    ><title>${label}</title
    ><rect
      class="block ${kind}"
      x="${x(fromMs)}"
      y="${top}"
      width="${width}"
      height="${BLOCK_HEIGHT}"
      rx="4" /><text class="number ${kind}" x="${x(fromMs)}" dx="5" y="${top + 13}">${number}${tag}</text></a
  >`;
}
