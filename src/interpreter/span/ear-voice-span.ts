/**
 * How far an interpretation is behind its speaker: the ear-voice span, on average over all that was said. Word by word where it is
 * known when words were said, phrase by phrase otherwise: which word translates which is told by nobody, so that both texts are
 * taken to advance evenly. Pure.
 */
import type { TurnRecord } from '../route/turn-record.js';
import { evenestTimes } from './evenest-times.js';
import type { WordTime } from './word-time.js';

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
  const said = meanTime(turn.sourceWords, startMs, endMs, 0);
  const heard = meanTime(turn.translationWords, playedFromMs, playedToMs, playedFromMs);
  return { spanMs: heard.atMs - said.atMs, byWord: said.byWord || heard.byWord };
}

/**
 * When a text was said on average, between `fromMs` and `toMs`: each character counts as much. By the windows of its words, on a
 * clock that begins at `originMs`; by the bounds alone where it has none.
 */
function meanTime(
  words: readonly WordTime[] | undefined,
  fromMs: number,
  toMs: number,
  originMs: number,
): { atMs: number; byWord: boolean } {
  const total = words?.at(-1)?.chars ?? 0;
  if (words === undefined || words.length < MIN_WORDS || total <= 0)
    return { atMs: (fromMs + toMs) / 2, byWord: false };
  const within = (ms: number): number => Math.min(toMs, Math.max(fromMs, originMs + ms));
  const middles = [];
  let before = 0;
  for (const word of words) {
    if (word.chars <= before) continue;
    const share = (before + word.chars) / 2 / total;
    middles.push({ share, fromMs: within(word.fromMs), toMs: within(word.toMs) });
    before = word.chars;
  }
  const points = [
    { share: 0, atMs: fromMs },
    ...evenestTimes(middles, fromMs, toMs),
    { share: 1, atMs: toMs },
  ];
  const atMs = points.slice(1).reduce((sum, point, index) => {
    const last = points[index]!;
    return sum + (point.share - last.share) * ((point.atMs + last.atMs) / 2);
  }, 0);
  return { atMs, byWord: true };
}
