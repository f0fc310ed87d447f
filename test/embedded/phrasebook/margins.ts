import type { Rendering } from '../../../src/embedded/phrasebook/phrasebook.js';
import type { Recogniser } from '../../../src/embedded/phrasebook/recogniser.js';
import type { Condition } from './conditions.js';
import { asTurn } from './degrade.js';

/** How far from a wrong decision a set of phrases stayed under one condition. */
export type Margins = {
  condition: string;
  wrong: string[];
  /** the least favourable phrase: how far beyond its thresholds it was, 1 = on the threshold. See `measureMargins`. */
  margin: number;
};

/**
 * Recognises every rendering under a condition.
 * The margin of an acceptance is that of the most favourable evidence; that of a refusal is its inverse (99 when it never came
 * to a comparison of waveforms). It costs more than the recognition: without `explains` it is NaN.
 */
export function measureMargins(
  recogniser: Recogniser,
  renderings: readonly Rendering[],
  [name, condition]: [string, Condition],
  accept: boolean,
  explains = true,
): Margins {
  const wrong: string[] = [];
  let least = Infinity;
  renderings.forEach((rendering, i) => {
    const other = renderings[(i + 7) % renderings.length]!;
    const turn = asTurn(condition(rendering.pcm24k, other.pcm24k, i + 1));
    const recognised = recogniser.recognise(turn);
    const right = accept ? recognised?.length === 1 && recognised[0] === rendering : recognised === undefined;
    if (!right) wrong.push(`${rendering.language}/${rendering.phraseId}`);
    if (!explains) return;
    const ratios = recogniser.explain(turn).map(({ margin }) => margin);
    const best = Math.max(1 / 99, ...ratios);
    least = Math.min(least, accept ? best : 1 / best);
  });
  return { condition: name, wrong, margin: explains ? least : NaN };
}

/** The margins as a table, worst last. */
export function marginTable(rows: readonly Margins[]): string {
  return [...rows]
    .sort((a, b) => b.margin - a.margin)
    .map(
      ({ condition, wrong, margin }) =>
        `${margin.toFixed(2).padStart(6)}  ${condition}${wrong.length > 0 ? `  WRONG: ${wrong.join(' ')}` : ''}`,
    )
    .join('\n');
}
