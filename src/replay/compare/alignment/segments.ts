/** What was said in a meeting, and in which languages it was to be followed: the same for all that are compared. Pure. */
import { sameLanguage } from '../../../languages/languages.js';
import type { DocumentPhrase, MeetingDocument } from '../../meeting/document.js';
import type { References } from '../references.js';
import { groupsOf } from './alignment.js';
import { type Stretch, stretchesOf } from './speech-stretches.js';

/** One thing that was said. */
export type Segment = Stretch & {
  readonly speakerId: string;
  readonly language: string;
  readonly text: string;
  readonly references: Readonly<Record<string, string>>;
  /** Languages into which it was to be translated: those of its references, and all that any engine translated it into. */
  readonly targets: readonly string[];
};

/** What a run tells of speech. */
type Run = { readonly document: MeetingDocument; readonly peaks: ReadonlyMap<string, Uint8Array> };

type Said = Stretch & Pick<Segment, 'references'> & { language: string; text: string };

/**
 * Everything that was said, by time: what the references name, and beside them whatever sounded in somebody's microphone and any
 * run took for speech. What none of them did is `unheard`.
 */
export function segmentsOf(
  runs: readonly Run[],
  references: References | undefined,
): { segments: Segment[]; unheard: (Stretch & { speakerId: string })[] } {
  const segments: Segment[] = [];
  const unheard: (Stretch & { speakerId: string })[] = [];
  const [first] = runs;
  for (const { id: speakerId, speaks } of first?.document.people ?? []) {
    const said = saidBy(speakerId, first?.peaks.get(speakerId), references);
    const heardAs = runs.map(({ document }) => phrasesOver(said, phrasesOf(document, speakerId)));
    said.forEach((each, index) => {
      const { fromMs, toMs } = each;
      const phrases = heardAs.map((byPlace) => byPlace[index]!);
      const heard = phrases.flat().filter(isSpeech);
      const isReferred = Object.keys(each.references).length > 0 || each.text !== '';
      if (!isReferred && heard.length === 0) {
        unheard.push({ speakerId, fromMs, toMs });
        return;
      }
      const transcript = phrases.map(transcriptOf).find((text) => text !== '') ?? '';
      const spoken = heard.find(({ sourceLanguage }) => sourceLanguage !== '')?.sourceLanguage;
      const language = each.language || (spoken ?? (speaks.length === 1 ? speaks[0]! : ''));
      const targets = targetsFor(language, [
        ...Object.keys(each.references),
        ...phrases.flat().flatMap(({ translations }) => translations.map(({ to }) => to)),
      ]);
      const text = each.text === '' ? transcript : each.text;
      segments.push({ speakerId, fromMs, toMs, language, text, references: each.references, targets });
    });
  }
  segments.sort((a, b) => a.fromMs - b.fromMs || (a.speakerId < b.speakerId ? -1 : 1));
  return { segments, unheard };
}

/** What one person said, as a run tells of it. */
export function phrasesOf({ phrases }: MeetingDocument, speakerId: string): DocumentPhrase[] {
  return phrases.filter((phrase) => phrase.speakerId === speakerId);
}

/** What phrases were transcribed as, together. */
export function transcriptOf(phrases: readonly DocumentPhrase[]): string {
  return phrases
    .map(({ sourceText }) => sourceText)
    .filter((text) => text !== '')
    .join(' ');
}

function saidBy(
  speakerId: string,
  peaks: Uint8Array | undefined,
  references: References | undefined,
): Said[] {
  const referred = (references?.segments ?? []).filter((segment) => segment.speakerId === speakerId);
  const sounded = peaks === undefined ? [] : stretchesOf(peaks);
  const others = sounded.filter(
    ({ fromMs, toMs }) => !referred.some((each) => each.fromMs < toMs && each.toMs > fromMs),
  );
  return [
    ...referred.map(({ fromMs, toMs, language, text, translations }) => ({
      ...{ fromMs, toMs, language, text },
      references: translations,
    })),
    ...others.map((stretch) => ({ ...stretch, language: '', text: '', references: {} })),
  ].sort((a, b) => a.fromMs - b.fromMs);
}

/** By place of the segment, the phrases that cover it. */
function phrasesOver(said: readonly Stretch[], phrases: readonly DocumentPhrase[]): DocumentPhrase[][] {
  const byPlace = said.map((): DocumentPhrase[] => []);
  for (const group of groupsOf(said, phrases))
    for (const index of group.segments) byPlace[index] = [...group.phrases];
  return byPlace;
}

function isSpeech({ sourceText, translations }: DocumentPhrase): boolean {
  return sourceText !== '' || translations.some(({ text }) => text !== '');
}

function targetsFor(language: string, tags: readonly string[]): string[] {
  const targets: string[] = [];
  for (const tag of tags) {
    const isOwn = language !== '' && tag !== '' && sameLanguage(tag, language);
    if (tag !== '' && !isOwn && !targets.some((known) => sameLanguage(known, tag))) targets.push(tag);
  }
  return targets.sort();
}
