/** What a contender's results add up to. Pure. */
import type { MeetingReplay } from '../../meeting/replay-meeting.js';
import type { ComparedContender, ContenderResult } from '../document.js';
import { chrf, type ChrfPair } from './chrf.js';
import { catchUpMs, delayFigures, type HeardSpan } from './delays.js';
import { keptTogether } from './kept.js';
import type { Judged, Judgement } from './results.js';

const HOUR_MS = 3_600_000;

/** The figures of a contender. */
type Figures = Pick<
  ComparedContender,
  'delays' | 'outcomes' | 'chrf' | 'chrfByLanguage' | 'kept' | 'findings' | 'cost'
>;

/** Adds up what {@link judge} found of a run. */
export function figuresOf({ judged, added, earVoiceSpansMs }: Judgement, run: MeetingReplay): Figures {
  const results = judged.map(({ result }) => result);
  const count = (outcome: ContenderResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const kinds = run.findings.map(({ kind }) => kind);
  const kept = (what: keyof Judged['kept']) => keptTogether(judged.map((each) => each.kept[what]));
  return {
    delays: {
      earVoiceSpan: delayFigures(earVoiceSpansMs),
      firstWord: delayFigures(results.flatMap(({ firstWordMs }) => firstWordMs ?? [])),
      lastWord: delayFigures(results.flatMap(({ lastWordMs }) => lastWordMs ?? [])),
      catchUpMs: catchUpMs(spansByRoute(judged)),
    },
    outcomes: {
      expected: results.length,
      heard: count('heard'),
      captionsOnly: count('captions_only'),
      lost: count('lost'),
      playedBack: count('played_back'),
      takenBack: count('taken_back'),
      cut: results.filter(({ cut }) => cut).length,
      added: added.length,
    },
    ...chrfOf(judged),
    kept: { terms: kept('terms'), numbers: kept('numbers'), names: kept('names') },
    findings: {
      wrongLanguage: kinds.filter((kind) => kind === 'wrong_language').length,
      answers: kinds.filter((kind) => kind === 'answer').length,
      ownVoice: kinds.filter((kind) => kind === 'own_voice').length,
    },
    cost: costOf(run.document),
  };
}

function chrfOf(judged: readonly Judged[]): Pick<Figures, 'chrf' | 'chrfByLanguage'> {
  const pairs = new Map<string, ChrfPair[]>();
  for (const { pair, result } of judged)
    if (pair !== undefined) pairs.set(result.to, [...(pairs.get(result.to) ?? []), pair]);
  const byLanguage = [...pairs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([language, list]) => [language, rounded(chrf(list)!)] as const);
  const all = chrf([...pairs.values()].flat());
  return { chrf: all === undefined ? null : rounded(all), chrfByLanguage: Object.fromEntries(byLanguage) };
}

function spansByRoute(judged: readonly Judged[]): HeardSpan[][] {
  const routes = new Map<string, HeardSpan[]>();
  for (const { speakerId, result, span } of judged) {
    if (span === undefined) continue;
    const key = `${speakerId}\0${result.to}`;
    routes.set(key, [...(routes.get(key) ?? []), span]);
  }
  return [...routes.values()];
}

function costOf({ cost, meeting }: MeetingReplay['document']): Figures['cost'] {
  if (cost === null) return null;
  const usdPerHour = meeting.durationMs === 0 ? 0 : (cost.usd * HOUR_MS) / meeting.durationMs;
  return {
    usdPerHour: Math.round(usdPerHour * 10_000) / 10_000,
    unpriced: cost.unpriced,
    ...(cost.isLowerBound === true ? { isLowerBound: true } : {}),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
