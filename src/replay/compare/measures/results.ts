/** What one contender made of each thing that was said, in each language. Pure. */
import { termsFor, type Glossary } from '../../../interpreter/instructions/glossary.js';
import { sameLanguage } from '../../../languages/languages.js';
import { isPlayedBack } from '../../../realtime/stand-in-text.js';
import type { DocumentPhrase, DocumentTranslation, MeetingDocument } from '../../meeting/document.js';
import { groupsOf } from '../alignment/alignment.js';
import { phrasesOf, type Segment, transcriptOf } from '../alignment/segments.js';
import type { ComparedContender, ContenderResult } from '../document.js';
import { chrf, type ChrfPair } from './chrf.js';
import { type HeardSpan, earVoiceSpanMs, firstWordMs, lastWordMs } from './delays.js';
import { type Kept, namesKept, numbersKept, termsKept } from './kept.js';

/** What translations must keep. */
export type MustKeep = { readonly glossary: Glossary; readonly names: readonly string[] };

/** One result, and what its figures are made of. */
export type Judged = {
  readonly result: ContenderResult;
  readonly pair: ChrfPair | undefined;
  readonly span: HeardSpan | undefined;
  readonly speakerId: string;
  readonly kept: Readonly<Record<'terms' | 'numbers' | 'names', Kept>>;
};

/** All of a contender: its results in the order of segments and languages, what it added, and its ear-voice spans by phrase. */
export type Judgement = {
  readonly judged: readonly Judged[];
  readonly added: ComparedContender['added'];
  readonly earVoiceSpansMs: readonly number[];
};

/** Judges the run of one contender by what was said, the same for all. */
export function judge(document: MeetingDocument, segments: readonly Segment[], must: MustKeep): Judgement {
  const judged: Judged[] = [];
  const added: ComparedContender['added'] = [];
  const speakers = new Set([
    ...segments.map(({ speakerId }) => speakerId),
    ...document.phrases.map(({ speakerId }) => speakerId),
  ]);
  for (const speakerId of speakers) {
    const places = segments.flatMap((segment, place) => (segment.speakerId === speakerId ? [place] : []));
    const said = places.map((place) => segments[place]!);
    for (const group of groupsOf(said, phrasesOf(document, speakerId))) {
      if (group.segments.length === 0) {
        added.push(...addedBy(group.phrases));
        continue;
      }
      const covered = group.segments.map((index) => said[index]!);
      const targets = [...new Set(covered.flatMap((segment) => segment.targets))].sort();
      for (const to of targets) {
        const at = group.segments.map((index) => places[index]!);
        judged.push(judgeOne({ covered, at, phrases: group.phrases, to, document, must }));
      }
    }
  }
  judged.sort((a, b) => a.result.segments[0]! - b.result.segments[0]!);
  return { judged, added, earVoiceSpansMs: earVoiceSpansOf(document) };
}

type Question = {
  covered: readonly Segment[];
  at: readonly number[];
  phrases: readonly DocumentPhrase[];
  to: string;
  document: MeetingDocument;
  must: MustKeep;
};

function judgeOne({ covered, at, phrases, to, document, must }: Question): Judged {
  const translations = phrases.flatMap((phrase) =>
    phrase.translations.filter((each) => each.to !== '' && sameLanguage(each.to, to)),
  );
  const text = joined(translations.map((each) => each.text));
  const outcome = outcomeOf(translations, text);
  const isTranslated = outcome === 'heard' || outcome === 'captions_only';
  const span = outcome === 'heard' ? spanOf(covered, translations) : undefined;
  const source = joined(covered.map((segment) => segment.text));
  const from = covered[0]!.language;
  const references = covered.flatMap((segment) => referenceIn(segment, to) ?? []);
  const pair =
    references.length === covered.length
      ? { hypothesis: isTranslated ? text : '', reference: joined(references) }
      : undefined;
  const { entries } = termsFor(must.glossary, { from: from === '' ? [] : [from], to });
  const translated = isTranslated ? text : '';
  const kept = {
    terms: termsKept(entries, source, translated),
    numbers: numbersKept(source, translated),
    names: namesKept(must.names, source, translated, to),
  };
  const score = pair === undefined ? undefined : chrf([pair]);
  const voice = document.voices.findIndex(({ id }) => translations.some(({ voiceId }) => voiceId === id));
  return {
    pair,
    span,
    kept,
    speakerId: covered[0]!.speakerId,
    result: {
      segments: [...at],
      to,
      text,
      transcript: transcriptOf(phrases),
      outcome,
      voice: voice < 0 ? null : voice,
      heardFromMs: span?.heardFromMs ?? null,
      heardToMs: span?.heardToMs ?? null,
      cut: translations.some(({ cut }) => cut),
      firstWordMs: span === undefined ? null : tidy(firstWordMs(span)),
      lastWordMs: span === undefined ? null : tidyOrNull(lastWordMs(span)),
      chrf: tidyOrNull(score),
      missing: {
        terms: [...kept.terms.missing],
        numbers: [...kept.numbers.missing],
        names: [...kept.names.missing],
      },
    },
  };
}

function outcomeOf(translations: readonly DocumentTranslation[], text: string): ContenderResult['outcome'] {
  if (text === '' && !translations.some(isHeard)) return 'lost';
  const written = translations.filter((each) => each.text !== '');
  if (written.length > 0 && written.every(({ mark }) => mark === 'doubtful')) return 'taken_back';
  if (written.length > 0 && written.every((each) => isPlayedBack(each.text))) return 'played_back';
  return translations.some(isHeard) ? 'heard' : 'captions_only';
}

function isHeard({ heardFromMs, consumedToMs }: DocumentTranslation): boolean {
  return heardFromMs !== null && consumedToMs !== null;
}

function spanOf(covered: readonly Segment[], translations: readonly DocumentTranslation[]): HeardSpan {
  const heard = translations.filter(isHeard).sort((a, b) => a.consumedToMs! - b.consumedToMs!);
  const last = heard.at(-1)!;
  return {
    saidFromMs: Math.min(...covered.map(({ fromMs }) => fromMs)),
    saidToMs: Math.max(...covered.map(({ toMs }) => toMs)),
    heardFromMs: Math.min(...heard.map(({ heardFromMs }) => heardFromMs!)),
    heardToMs: last.consumedToMs!,
    cut: last.cut,
  };
}

/** Phrase by phrase, as the engine cut them: a translation that was cut has no middle. */
function earVoiceSpansOf({ phrases }: MeetingDocument): number[] {
  return phrases.flatMap(({ startMs, endMs, translations }) =>
    translations
      .filter((each) => each.to !== '' && isHeard(each) && !each.cut && !isPlayedBack(each.text))
      .map((each) =>
        earVoiceSpanMs({
          saidFromMs: startMs,
          saidToMs: endMs,
          heardFromMs: each.heardFromMs!,
          heardToMs: each.consumedToMs!,
          cut: false,
        }),
      ),
  );
}

function addedBy(phrases: readonly DocumentPhrase[]): ComparedContender['added'] {
  return phrases.flatMap(({ speakerId, startMs, endMs, translations }) =>
    translations
      .filter((each) => each.to !== '' && (each.text !== '' || isHeard(each)))
      .map(({ to, text }) => ({ speakerId, startMs, endMs, to, text })),
  );
}

function referenceIn({ references }: Segment, to: string): string | undefined {
  const tag = Object.keys(references).find((each) => sameLanguage(each, to));
  return tag === undefined ? undefined : references[tag];
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}

function tidy(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function tidyOrNull(value: number | undefined): number | null {
  return value === undefined ? null : tidy(value);
}
