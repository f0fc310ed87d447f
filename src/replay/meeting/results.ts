/** A run as a document, and its captions as cues. */
import { type Cue, SHORTEST_CUE_MS } from '../../captions/cue.js';
import { sameLanguage } from '../../languages/languages.js';
import { joined, type PhraseRecord, type TranslationRecord } from './meeting-log.js';
import {
  totalsOf,
  type DocumentPerson,
  type DocumentPhrase,
  type DocumentTranslation,
  type MeetingDocument,
} from './document.js';
import type { RecordedParticipant, OutputRecorder, Span } from './output-recorder.js';
import type { MeetingRunResult } from './meeting-run.js';
import type { MeetingOutputs } from './outputs.js';
import type { LoadedScenario } from './scenario-file.js';

/** The interpreter's own words are shown so long. */
const NOTICE_CUE_MS = 4_000;

/** Everything that came of a run. The paths that results go to are asked of `outputs`. */
export function documentOf(
  loaded: LoadedScenario,
  { recorder, chronicle, durationMs, cost }: MeetingRunResult,
  outputs: MeetingOutputs,
): MeetingDocument {
  const participants = [...recorder.participants.values()];
  const phrases = chronicle.phrases().map((phrase) => phraseOf(phrase, participants));
  const person = ({ id, name, present, muted }: RecordedParticipant): DocumentPerson => {
    const known = chronicle.people.get(id);
    const spans = (list: readonly Span[]) =>
      list.map(({ fromMs, toMs }) => ({ fromMs: tidyMs(fromMs), toMs: tidyMs(toMs ?? durationMs) }));
    return {
      id,
      name: known?.name ?? name,
      speaks: [...(known?.speaks ?? [])],
      prefers: known?.prefers ?? null,
      present: spans(present),
      muted: spans(muted),
    };
  };
  const voices = voicesOf(participants, durationMs);
  return {
    meeting: { path: loaded.path, title: loaded.scenario.title, durationMs },
    people: participants.filter(({ isBot }) => !isBot).map(person),
    voices: voices.map(({ id, name, language }) => ({
      id,
      name,
      language: language ?? null,
      path: outputs.voice(language),
    })),
    engines: chronicle.engines.map(({ speakerId, to, engine, reason }) => ({
      speakerId,
      to: to ?? '',
      engine,
      reason,
    })),
    phrases,
    captions: [...recorder.captions.keys()].sort().map((language) => ({
      language,
      cues: cuesOf(recorder, language).length,
      vtt: outputs.captions(language, 'vtt'),
      srt: outputs.captions(language, 'srt'),
    })),
    notices: chronicle.notices.map(({ atMs, kind, message }) => ({ atMs: tidyMs(atMs), kind, message })),
    warnings: [...loaded.warnings],
    cost: costOf(cost),
    totals: totalsOf(phrases),
  };
}

function costOf(cost: MeetingRunResult['cost']): MeetingDocument['cost'] {
  if (cost === undefined) return null;
  const { usd, responses, audioMs, unpriced, isLowerBound } = cost;
  return { usd, responses, audioMs, unpriced, ...(isLowerBound === true ? { isLowerBound } : {}) };
}

/** What the readers of one language got, by the time at which it was said. */
export function cuesOf({ captions }: OutputRecorder, language: string): Cue[] {
  const sent = [...(captions.get(language)?.values() ?? [])];
  const cues = sent.map(({ caption, text }): Cue => {
    const { kind, startMs, endMs, speakerName, translatedText, targetLanguage, sourceLanguage } = caption;
    const from = Math.max(0, Math.round(startMs));
    return {
      startMs: from,
      endMs: Math.max(Math.round(endMs), from + (kind === 'notice' ? NOTICE_CUE_MS : SHORTEST_CUE_MS)),
      text,
      speaker: speakerName,
      language: text === translatedText ? targetLanguage : sourceLanguage,
    };
  });
  return cues.sort((a, b) => a.startMs - b.startMs);
}

/** The interpreter's voices that were heard; where none was, the one that could have been. */
function voicesOf(participants: readonly RecordedParticipant[], durationMs: number): RecordedParticipant[] {
  const bots = participants.filter(({ isBot }) => isBot);
  const heard = bots.filter(({ loudness }) => loudness.peaks(durationMs).some((peak) => peak > 0));
  return heard.length > 0 ? heard : bots.slice(0, 1);
}

/** The voice that sounded when this translation was first heard, of those that may speak its language. */
function voiceIdOf(
  { to, heardFromMs }: TranslationRecord,
  participants: readonly RecordedParticipant[],
): string | null {
  if (heardFromMs === undefined) return null;
  const peakOf = ({ loudness }: RecordedParticipant): number => loudness.peakAt(heardFromMs);
  const able = participants.filter(
    ({ isBot, language }) => isBot && (language === undefined || sameLanguage(language, to)),
  );
  const [loudest] = able.sort((a, b) => peakOf(b) - peakOf(a));
  return loudest?.id ?? null;
}

function phraseOf(phrase: PhraseRecord, participants: readonly RecordedParticipant[]): DocumentPhrase {
  const { speakerId, startMs, endMs, sourceText, sourceLanguage, translations } = phrase;
  return {
    speakerId,
    startMs: tidyMs(startMs),
    endMs: tidyMs(endMs),
    sourceText,
    sourceLanguage,
    translations: translations.map((each) => translationOf(each, voiceIdOf(each, participants))),
  };
}

function translationOf(record: TranslationRecord, voiceId: string | null): DocumentTranslation {
  const orNull = (value: number | undefined): number | null => (value === undefined ? null : tidyMs(value));
  const { to, segments, heardFromMs, consumedToMs, firstAudioDelayMs, cut } = record;
  return {
    to,
    text: joined(segments.map(({ translatedText }) => translatedText)),
    voiceId,
    heardFromMs: orNull(heardFromMs),
    consumedToMs: orNull(consumedToMs),
    firstAudioDelayMs: firstAudioDelayMs === undefined ? null : tidySignedMs(firstAudioDelayMs),
    cut,
    mark: segments.find(({ mark }) => mark !== undefined)?.mark ?? null,
  };
}

function tidyMs(value: number): number {
  return Math.max(0, tidySignedMs(value));
}

function tidySignedMs(value: number): number {
  return Math.round(value * 1000) / 1000;
}
