import { basename } from 'node:path';
import { ownLanguageName } from '../../../languages/languages.js';
import { timelinePixels } from '../../report/axis.js';
import { clockText, secondsText } from '../../../duration-text.js';
import { markup, type Html } from '../../report/html.js';
import { table } from '../../report/table.js';
import { factsOf, pageOf, playerOf, urlOf, warningsOf } from '../../report/shell.js';
import type { DocumentPerson, DocumentPhrase, DocumentTranslation, MeetingDocument } from '../document.js';
import type { OutputRecorder } from '../output-recorder.js';
import { colourOf, rowsPicture, rowStyle } from './rows.js';
import { MEETING_STYLE } from './style.js';

/** Everything the report of a meeting shows. Its files are beside it. */
type MeetingReport = {
  document: MeetingDocument;
  /** The sound of the document's people and voices. */
  recorder: OutputRecorder;
  /** What the meeting is for. */
  about: string;
  /** Who interpreted, such as `api.openai.com`. */
  host: string;
  originalPath: string;
};

/**
 * One self-contained page: a row per person and per voice over one time axis, what was said and what became of it in each
 * language, and when. It loads nothing but the recordings beside it.
 */
export function meetingPage({ document, recorder, about, host, originalPath }: MeetingReport): string {
  const { meeting, people, voices, phrases, notices, warnings, captions } = document;
  const durationMs = Math.max(1, meeting.durationMs);
  const peaksOf = (id: string): Uint8Array =>
    recorder.participants.get(id)?.loudness.peaks(durationMs) ?? new Uint8Array(0);
  const picture = rowsPicture({
    durationMs,
    people: people.map((person) => ({ person, languages: languagesOf(person), peaks: peaksOf(person.id) })),
    voices: voices.map(({ id, name }) => ({
      name,
      peaks: peaksOf(id),
      speaks: ({ voiceId }) => voiceId === id,
    })),
    phrases,
  });
  const tracks = [
    { kind: 'original', name: 'Original', href: basename(originalPath) },
    ...voices.map(({ name, path }) => ({ kind: 'voice', name, href: basename(path) })),
  ];
  const style = `${MEETING_STYLE}${rowStyle(people.length + voices.length)}.timeline { min-width: ${timelinePixels(durationMs)}px; }\n`;
  const main = markup`<header>
      <h1>${meeting.title}</h1>
      <p class="lead">${people.map(({ name }) => name).join(', ')}; interpreted by ${host}</p>
      ${about === '' ? markup`` : markup`<p class="about">${about}</p>`} ${facts(document)}
    </header>
    <section class="card" aria-label="Timeline">${playerOf(tracks)}${picture}</section>
    ${warningsOf([...warnings, ...notices.map(({ atMs, message }) => `${clockText(atMs)} ${message}`)])}
    <h2>What was said</h2>
    <section class="card" aria-label="What was said">${phraseTable(phrases, people)}</section>
    <h2>Captions</h2>
    <section class="card" aria-label="Captions">${captionFiles(captions)}</section>
    <footer>
      Times are minutes and seconds since the interpreter joined. The wait runs from the end of the speech to
      the first audible moment of its translation. Hatched: the microphone was off.
    </footer>`;
  return pageOf({ title: meeting.title, style, main });
}

function facts({ meeting, totals }: MeetingDocument): Html {
  const { medianFirstAudioDelayMs: median, longestFirstAudioDelayMs: longest } = totals;
  const entries: [string, string][] = [
    [totals.phrases === 1 ? 'phrase' : 'phrases', String(totals.phrases)],
    ['translations heard', `${totals.heard} of ${totals.translations}`],
    ['median wait', median === null ? 'none' : secondsText(median)],
  ];
  if (longest !== null) entries.push(['longest wait', secondsText(longest)]);
  if (totals.cut > 0) entries.push(['cut short', String(totals.cut)]);
  if (totals.captionsOnly > 0) entries.push(['captions only', String(totals.captionsOnly)]);
  entries.push(['meeting', clockText(meeting.durationMs)]);
  return factsOf(entries);
}

function languagesOf({ speaks, prefers }: DocumentPerson): string {
  const spoken = speaks.map((tag) => ownLanguageName(tag)).join(' and ');
  if (prefers === null) return spoken === '' ? 'language not known' : `speaks ${spoken}`;
  const preferred = ownLanguageName(prefers);
  if (spoken === '') return `hears ${preferred}`;
  return spoken === preferred ? preferred : `speaks ${spoken}, hears ${preferred}`;
}

function phraseTable(phrases: readonly DocumentPhrase[], people: readonly DocumentPerson[]): Html {
  if (phrases.length === 0) return markup`<p class="empty">Nobody said anything that was understood.</p>`;
  const rows = phrases.map((phrase, index) => {
    const speaker = people.findIndex(({ id }) => id === phrase.speakerId);
    return phraseRow(phrase, index + 1, people[speaker]?.name ?? 'Somebody', colourOf(Math.max(0, speaker)));
  });
  return table(['Phrase', 'Said', 'Translated'], rows);
}

function phraseRow(phrase: DocumentPhrase, number: number, name: string, colour: string): Html {
  const { sourceText, sourceLanguage, startMs, endMs } = phrase;
  const said = sourceText === '' ? markup`<span class="soft">not transcribed</span>` : markup`${sourceText}`;
  const translations = phrase.translations.filter(({ to }) => to !== '').map(translation);
  return markup`<tr id="phrase-${number}">
    <th scope="row">${number}</th>
    <td class="what" data-label="Said">
      <p class="who ${colour}"><span class="key ${colour}"></span>${name}</p>
      <p dir="auto" lang="${sourceLanguage}">${said}</p>
      <p class="when">${clockText(startMs)} to ${clockText(endMs)}</p>
    </td>
    <td data-label="Translated">
      ${translations.length === 0 ? markup`<span class="soft">for nobody</span>` : translations}
    </td>
  </tr>`;
}

function translation({
  to,
  text,
  heardFromMs,
  consumedToMs,
  firstAudioDelayMs,
  cut,
  mark,
}: DocumentTranslation): Html {
  const translated = text === '' ? markup`<span class="soft">nothing</span>` : markup`${text}`;
  const heard =
    heardFromMs === null || consumedToMs === null
      ? 'not heard'
      : `heard ${clockText(heardFromMs)} to ${clockText(consumedToMs)}`;
  const wait = firstAudioDelayMs === null ? '' : `, after ${secondsText(firstAudioDelayMs)}`;
  const notes: string[] = [];
  if (cut) notes.push('cut short: someone spoke over it');
  if (mark === 'captions_only') notes.push('in captions only');
  if (mark === 'failed') notes.push('not translated whole');
  if (mark === 'doubtful') notes.push('probably not a translation: taken back');
  return markup`<div class="translation">
    <span class="tongue">${to}</span>
    <div>
      <p dir="auto" lang="${to}">${translated}</p>
      <p class="when">${heard}${wait}</p>
      ${notes.map((note) => markup`<p class="note">${note}</p>`)}
    </div>
  </div>`;
}

function captionFiles(captions: MeetingDocument['captions']): Html {
  if (captions.length === 0) return markup`<p class="empty">Nobody got any.</p>`;
  const items = captions.map(
    ({ language, cues, vtt, srt }) =>
      markup`<li>
        ${language === 'und' ? 'For those who chose no language' : ownLanguageName(language)}: ${cues}
        ${cues === 1 ? 'caption' : 'captions'}, as <a href="${urlOf(basename(vtt))}">WebVTT</a> and
        <a href="${urlOf(basename(srt))}">SubRip</a>
      </li>`,
  );
  return markup`<ul class="files">
    ${items}
  </ul>`;
}
