/**
 * How far an interpretation is behind its speaker: the ear-voice span. Word by word where it is known when words were said, phrase
 * by phrase otherwise: which word translates which is told by nobody, so that both texts are taken to advance evenly. Pure.
 */
import type { TurnRecord } from '../route/turn-record.js';
import type { WordTime } from './word-time.js';

/** How much of a text was said by when: `share` from 0 to 1, both never falling. */
type Point = { readonly share: number; readonly atMs: number };

/** The span of one turn. `byWord`: by the times of words, of one side at least. */
export type EarVoiceSpan = { readonly spanMs: number; readonly byWord: boolean };

/** Fewer words say less than where the phrase began and ended. */
const MIN_WORDS = 3;

/** What a turn's span is made of. */
export type SpokenTurn = Pick<
  TurnRecord,
  'startMs' | 'endMs' | 'playedFromMs' | 'playedToMs' | 'sourceWords' | 'translationWords'
>;

/** The span of a turn whose translation was heard to its end; undefined of any other. */
export function earVoiceSpan(turn: SpokenTurn): EarVoiceSpan | undefined {
  const { startMs, endMs, playedFromMs, playedToMs } = turn;
  if (playedFromMs === undefined || playedToMs === undefined || playedToMs <= playedFromMs) return undefined;
  const said = timelineOf(turn.sourceWords, startMs, endMs, 0);
  const heard = timelineOf(turn.translationWords, playedFromMs, playedToMs, playedFromMs);
  const behindMs = heard.points.map(({ share, atMs }) => atMs - timeAt(said.points, share));
  const spanMs = behindMs.reduce((sum, each) => sum + each, 0) / behindMs.length;
  return { spanMs, byWord: said.byWord || heard.byWord };
}

/** By the middle of each word, within the bounds of what was said or heard; by the bounds alone where words have no times. */
function timelineOf(
  words: readonly WordTime[] | undefined,
  fromMs: number,
  toMs: number,
  originMs: number,
): { points: readonly Point[]; byWord: boolean } {
  const total = words?.at(-1)?.chars ?? 0;
  const ends = [
    { share: 0, atMs: fromMs },
    { share: 1, atMs: toMs },
  ];
  if (words === undefined || words.length < MIN_WORDS || total <= 0) return { points: ends, byWord: false };
  const points: Point[] = [];
  let before = 0;
  let latestMs = fromMs;
  for (const { chars, atMs } of words) {
    latestMs = Math.min(toMs, Math.max(latestMs, originMs + atMs));
    points.push({ share: (before + chars) / 2 / total, atMs: latestMs });
    before = Math.max(before, chars);
  }
  return { points, byWord: true };
}

/** When this share of it was said. Beyond the first and the last point it advances as between those next to them. */
function timeAt(points: readonly Point[], share: number): number {
  const behind = points.findIndex((point) => point.share >= share);
  const index = behind < 0 ? points.length - 1 : Math.max(1, behind);
  const [a, b] = [points[index - 1]!, points[index]!];
  const width = b.share - a.share;
  return width <= 0 ? b.atMs : a.atMs + ((share - a.share) / width) * (b.atMs - a.atMs);
}
