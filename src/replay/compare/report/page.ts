import { clockText, secondsText } from '../../../duration-text.js';
import { ownLanguageName } from '../../../languages/languages.js';
import type { DocumentPerson, DocumentPhrase } from '../../meeting/document.js';
import { colourOf, rowsPicture, rowStyle } from '../../meeting/report/rows.js';
import { MEETING_STYLE } from '../../meeting/report/style.js';
import { timelinePixels } from '../../report/axis.js';
import { markup, type Html } from '../../report/html.js';
import { table } from '../../report/table.js';
import { pageOf, playerOf, type PlayerTrack, urlOf, warningsOf } from '../../report/shell.js';
import type { ComparedContender, ComparedSegment, CompareDocument, ContenderResult } from '../document.js';
import { measureRows, scoreText, STAND_IN_TEXT } from '../measure-rows.js';
import { COMPARE_STYLE } from './style.js';

/** Everything the page of a comparison shows. Its files are below its folder. */
type ComparePage = {
  document: CompareDocument;
  /** What the meeting is for. */
  about: string;
  /** By contender's key and participant's id: one peak per 10 ms. */
  peaks: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  /** A path as the page names it, `/` between folders. */
  href: (path: string) => string;
};

/**
 * One self-contained page: the figures side by side, everyone and every voice over one time axis with one player for all, and
 * what each engine made of everything that was said. It loads nothing but the recordings below its folder.
 */
export function comparePage({ document, about, peaks, href }: ComparePage): string {
  const { meeting, people, contenders, isStandIn, failed, warnings } = document;
  const durationMs = Math.max(1, meeting.durationMs);
  const style = `${MEETING_STYLE}${COMPARE_STYLE}${rowStyle(people.length + voicesOf(document).length)}.timeline { min-width: ${timelinePixels(durationMs)}px; }\n`;
  const main = markup`<header>
      <h1>${meeting.title}</h1>
      <p class="lead">
        ${contenders.map(({ label }) => label).join(', ')}, side by side; interpreted by ${document.host}
      </p>
      ${about === '' ? markup`` : markup`<p class="about">${about}</p>`}
      ${isStandIn ? markup`<p class="standin" role="note">${STAND_IN_TEXT}</p>` : markup``}
    </header>
    ${warningsOf([
      ...failed.map(({ label, message }) => `${label} came to no end: ${message}`),
      ...contenders.flatMap(({ label, replaced }) => replaced.map((line) => `${label}: ${line}`)),
      ...warnings,
    ])}
    <h2>Figures</h2>
    <section class="card" aria-label="Figures">${figuresTable(document)}</section>
    <h2>Listen</h2>
    <section class="card" aria-label="Timeline">
      ${playerOf(tracksOf(document, href))}
      <p class="hint">
        All begin at the same moment. Tick whom you want to hear together, or listen to one alone below.
      </p>
      ${picture(document, peaks, durationMs)}
    </section>
    <h2>Engines</h2>
    <div class="engines">${contenders.map((each) => engineCard(each, href))}</div>
    <h2>What was said</h2>
    <section class="card" aria-label="What was said">${segmentTable(document)}</section>
    ${addedList(document)} ${unheardList(document)}
    <footer>
      Times are minutes and seconds since the interpreter joined. First word: from the first word said to the first word
      heard. Last word: from the last said to the last heard. Ear-voice span: from the middle of a phrase to the middle of
      its translation. Delays are medians, with the 95th percentile. chrF measures how much of a reference’s characters
      a translation has, 0 to 100; what is lost counts as empty. Numbers count where they are written in digits.
    </footer>`;
  return pageOf({ title: `${meeting.title}, engines compared`, style, main });
}

type ShownVoice = { contender: ComparedContender; name: string; id: string; path: string };

/** The voices of all contenders, by what they are called here. */
function voicesOf({ contenders }: CompareDocument): ShownVoice[] {
  return contenders.flatMap((contender) =>
    contender.voices.map(({ id, path, language }) => ({
      ...{ contender, id, path },
      name: language === null ? contender.label : `${contender.label}, ${ownLanguageName(language)}`,
    })),
  );
}

function figuresTable(document: CompareDocument): Html {
  const { contenders } = document;
  const rows = measureRows(document).map(
    ({ name, values }) =>
      markup`<tr>
        <th scope="row">${name}</th>
        ${values.map((value, index) => markup`<td data-label="${contenders[index]!.label}">${value}</td>`)}
      </tr>`,
  );
  return table(['Measure', ...contenders.map(({ label }) => label)], rows, 'figures');
}

/** The meeting and the first contender are heard until somebody chooses. */
function tracksOf(document: CompareDocument, href: ComparePage['href']): PlayerTrack[] {
  return [
    { kind: 'original', name: 'Original', href: href(document.original) },
    ...voicesOf(document).map(({ name, path, contender }) => ({
      ...{ kind: 'voice', name, href: href(path) },
      isOff: contender !== document.contenders[0],
    })),
  ];
}

function picture(document: CompareDocument, peaks: ComparePage['peaks'], durationMs: number): Html {
  const { people, segments, contenders } = document;
  const peaksOf = (key: string, id: string): Uint8Array => peaks.get(key)?.get(id) ?? new Uint8Array(0);
  const firstKey = contenders[0]?.key ?? '';
  return rowsPicture({
    durationMs,
    people: people.map(({ id, name }) => ({
      person: presentThroughout(id, name, durationMs),
      languages: '',
      peaks: peaksOf(firstKey, id),
    })),
    voices: voicesOf(document).map(({ contender, id, name }) => ({
      name,
      peaks: peaksOf(contender.key, id),
      speaks: ({ voiceId }) => voiceId === voiceKey(contender.key, id),
    })),
    phrases: segments.map((segment, place) => phraseOf(segment, place, contenders)),
  });
}

function presentThroughout(id: string, name: string, durationMs: number): DocumentPerson {
  return { id, name, speaks: [], prefers: null, present: [{ fromMs: 0, toMs: durationMs }], muted: [] };
}

function voiceKey(key: string, id: string): string {
  return `${key}/${id}`;
}

/** A segment as the picture knows phrases: with the translations of all contenders that begin with it. */
function phraseOf(
  segment: ComparedSegment,
  place: number,
  contenders: readonly ComparedContender[],
): DocumentPhrase {
  return {
    speakerId: segment.speakerId,
    startMs: segment.fromMs,
    endMs: segment.toMs,
    sourceText: segment.text,
    sourceLanguage: segment.language,
    translations: contenders.flatMap(({ key, voices, results }) =>
      results
        .filter(({ segments }) => segments[0] === place)
        .map(({ to, text, voice, heardFromMs, heardToMs, firstWordMs, cut }) => ({
          ...{ to, text, heardFromMs, cut },
          voiceId: voice === null ? null : voiceKey(key, voices[voice]!.id),
          consumedToMs: heardToMs,
          firstAudioDelayMs: firstWordMs,
          mark: null,
        })),
    ),
  };
}

function engineCard(contender: ComparedContender, href: ComparePage['href']): Html {
  const { label, voices, report, notices, model } = contender;
  const players = voices.map(({ language, path }) => {
    const name = language === null ? 'What was heard' : `What was heard in ${ownLanguageName(language)}`;
    return markup`<figure>
      <figcaption>${name}</figcaption>
      <audio controls preload="none" aria-label="${label}: ${name}" src="${urlOf(href(path))}"></audio>
    </figure>`;
  });
  return markup`<section class="card engine" aria-label="${label}">
    <h3>${label}</h3>
    ${model === null ? markup`` : markup`<p class="soft">model ${model}</p>`}
    <p><a href="${urlOf(href(report))}">Report of its run</a></p>
    ${players} ${notices.length === 0 ? markup`` : markup`<ul aria-label="Notices of ${label}">${notices.map((notice) => markup`<li>${notice}</li>`)}</ul>`}
  </section>`;
}

function segmentTable(document: CompareDocument): Html {
  const { segments } = document;
  if (segments.length === 0) return markup`<p class="empty">Nobody said anything.</p>`;
  return table(
    ['Segment', 'Said', 'Translated'],
    segments.map((segment, place) => segmentRow(document, segment, place)),
  );
}

function segmentRow(document: CompareDocument, segment: ComparedSegment, place: number): Html {
  const { people, contenders } = document;
  const speaker = people.findIndex(({ id }) => id === segment.speakerId);
  const colour = colourOf(Math.max(0, speaker));
  const said =
    segment.text === '' ? markup`<span class="soft">not transcribed</span>` : markup`${segment.text}`;
  const targets = new Set(
    contenders.flatMap(({ results }) =>
      results.filter(({ segments }) => segments.includes(place)).map(({ to }) => to),
    ),
  );
  const languages = [...targets].sort().map((to) => languageBlock(document, segment, place, to));
  return markup`<tr id="phrase-${place + 1}">
    <th scope="row">${place + 1}</th>
    <td class="what" data-label="Said">
      <p class="who ${colour}"><span class="key ${colour}"></span>${people[speaker]?.name ?? 'Somebody'}</p>
      <p dir="auto" lang="${segment.language}">${said}</p>
      <p class="when">${clockText(segment.fromMs)} to ${clockText(segment.toMs)}</p>
    </td>
    <td data-label="Translated">
      ${languages.length === 0 ? markup`<span class="soft">for nobody</span>` : languages}
    </td>
  </tr>`;
}

function languageBlock(document: CompareDocument, segment: ComparedSegment, place: number, to: string): Html {
  const reference = segment.references[to];
  const entries = document.contenders.map(({ label, results }) => {
    const result = results.find((each) => each.to === to && each.segments.includes(place));
    return markup`<dt>${label}</dt>
      <dd>${result === undefined ? markup`<p class="soft">nothing</p>` : resultBlock(result, place)}</dd>`;
  });
  return markup`<div class="language">
    <p class="tongue">${ownLanguageName(to)}</p>
    <dl>
      ${reference === undefined ? markup`` : markup`<dt>reference</dt><dd><p dir="auto" lang="${to}">${reference}</p></dd>`}
      ${entries}
    </dl>
  </div>`;
}

const OUTCOME_NOTES: Readonly<Record<ContenderResult['outcome'], string | undefined>> = {
  heard: undefined,
  captions_only: 'in captions only',
  lost: 'lost: nothing was translated',
  played_back: 'played back, not translated',
  taken_back: 'probably not a translation: taken back',
};

function resultBlock(result: ContenderResult, place: number): Html {
  const { to, text, segments, outcome, cut, missing, chrf, firstWordMs, lastWordMs } = result;
  if (segments[0] !== place)
    return markup`<p class="soft">with <a href="#phrase-${segments[0]! + 1}">segment ${segments[0]! + 1}</a></p>`;
  const figures = [
    ...(firstWordMs === null ? [] : [`first word after ${secondsText(firstWordMs)}`]),
    ...(lastWordMs === null ? [] : [`last word after ${secondsText(lastWordMs)}`]),
    ...(chrf === null ? [] : [`chrF ${scoreText(chrf)}`]),
  ];
  const gone = [
    ['terms', missing.terms],
    ['numbers', missing.numbers],
    ['names', missing.names],
  ] as const;
  const outcomeNote = OUTCOME_NOTES[outcome];
  const notes = [
    ...(outcomeNote === undefined ? [] : [outcomeNote]),
    ...(cut ? ['cut short: someone spoke over it'] : []),
    ...gone.flatMap(([what, list]) => (list.length === 0 ? [] : [`missing ${what}: ${list.join(', ')}`])),
  ];
  return markup`${text === '' ? markup`` : markup`<p dir="auto" lang="${to}">${text}</p>`}
    ${figures.length === 0 ? markup`` : markup`<p class="when">${figures.join(', ')}</p>`}
    ${notes.map((note) => markup`<p class="note">${note}</p>`)}`;
}

function addedList({ contenders, people }: CompareDocument): Html {
  const items = contenders.flatMap(({ label, added }) =>
    added.map(
      ({ speakerId, startMs, to, text }) =>
        markup`<li>
          ${label}, at ${clockText(startMs)} of ${nameOf(people, speakerId)} into ${ownLanguageName(to)}:
          <span dir="auto" lang="${to}">${text}</span>
        </li>`,
    ),
  );
  return listSection('Added: translated, not said', items);
}

function unheardList({ unheard, people }: CompareDocument): Html {
  const items = unheard.map(
    ({ speakerId, fromMs, toMs }) =>
      markup`<li>${nameOf(people, speakerId)}, ${clockText(fromMs)} to ${clockText(toMs)}</li>`,
  );
  return listSection('Sound that none took for speech', items);
}

function listSection(title: string, items: readonly Html[]): Html {
  if (items.length === 0) return markup``;
  return markup`<h2>${title}</h2>
    <section class="card" aria-label="${title}"><ul class="listed">${items}</ul></section>`;
}

function nameOf(people: CompareDocument['people'], id: string): string {
  return people.find((person) => person.id === id)?.name ?? 'Somebody';
}
