/**
 * chrF: how much of a reference's characters, in runs of up to six, a translation has, and how much of its own the reference has
 * (Popović 2015; counted as sacreBLEU's `CHRF` does, with `word_order` 0 and effective order). Pure.
 */

/** A translation and what it is measured against. */
export type ChrfPair = { readonly hypothesis: string; readonly reference: string };

/** Longest run of characters that is counted. */
const CHAR_ORDER = 6;
/** Recall counts twice as much as precision. */
const BETA = 2;

/**
 * chrF of all pairs together, 0 to 100: runs of characters are summed over the pairs. `undefined` without a pair. White space
 * does not count; case, accents and punctuation do.
 */
export function chrf(
  pairs: readonly ChrfPair[],
  { charOrder = CHAR_ORDER, beta = BETA }: { charOrder?: number; beta?: number } = {},
): number | undefined {
  if (pairs.length === 0) return undefined;
  const texts = pairs.map(({ hypothesis, reference }) => ({
    hypothesis: charactersOf(hypothesis),
    reference: charactersOf(reference),
  }));
  let precision = 0;
  let recall = 0;
  let orders = 0;
  for (let order = 1; order <= charOrder; order++) {
    let inHypotheses = 0;
    let inReferences = 0;
    let inBoth = 0;
    for (const { hypothesis, reference } of texts) {
      const expected = runsOf(reference, order);
      if (expected.size === 0) continue; // too short to have any: nothing can be hit
      for (const [run, count] of runsOf(hypothesis, order)) {
        inHypotheses += count;
        inBoth += Math.min(count, expected.get(run) ?? 0);
      }
      for (const count of expected.values()) inReferences += count;
    }
    if (inHypotheses === 0 || inReferences === 0) continue;
    precision += inBoth / inHypotheses;
    recall += inBoth / inReferences;
    orders++;
  }
  if (orders === 0 || precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  const factor = beta ** 2;
  return (100 * (1 + factor) * precision * recall) / (factor * precision + recall);
}

/** Characters as people write them, however they are composed; without white space. */
function charactersOf(text: string): string[] {
  return Array.from(text.normalize('NFC').replace(/\s+/gu, ''));
}

/** How often each run of `length` characters occurs. */
function runsOf(characters: readonly string[], length: number): Map<string, number> {
  const runs = new Map<string, number>();
  for (let from = 0; from + length <= characters.length; from++) {
    const run = characters.slice(from, from + length).join('');
    runs.set(run, (runs.get(run) ?? 0) + 1);
  }
  return runs;
}
