/**
 * Which phrases of an engine belong to which segments of what was said: engines cut speech differently, so a phrase may cover
 * several segments, and a segment several phrases. Pure; times are milliseconds of the meeting.
 */
import type { Stretch } from './speech-stretches.js';

/** Of the shorter of both, so much is said at the same time where they belong together. */
const SHARED = 0.3;
/** A phrase that overlaps nothing so much belongs to what is no further away; else nobody said it. */
const NEAR_MS = 1_000;

/** Something of a length, as engines tell of phrases. */
type Spoken = { readonly startMs: number; readonly endMs: number };

/** Segments, by their place in the list, and the phrases that cover them. Either may be empty. */
export type Group<Phrase> = { readonly segments: readonly number[]; readonly phrases: readonly Phrase[] };

/** Groups of one person's segments and phrases, by time; each segment and each phrase is in one. */
export function groupsOf<Phrase extends Spoken>(
  segments: readonly Stretch[],
  phrases: readonly Phrase[],
): Group<Phrase>[] {
  const groups = segments.map((_, index) => ({ segments: [index], phrases: [] as Phrase[] }));
  const groupOf = [...groups];
  const added: Group<Phrase>[] = [];
  for (const phrase of [...phrases].sort((a, b) => a.startMs - b.startMs)) {
    const covered = coveredBy(phrase, segments);
    const [first, ...others] = covered;
    if (first === undefined) {
      added.push({ segments: [], phrases: [phrase] });
      continue;
    }
    const group = groupOf[first]!;
    group.phrases.push(phrase);
    for (const index of others) {
      const other = groupOf[index]!;
      if (other === group) continue;
      group.segments.push(...other.segments);
      group.phrases.push(...other.phrases);
      for (const joined of other.segments) groupOf[joined] = group;
      groups.splice(groups.indexOf(other), 1);
    }
  }
  for (const group of groups) {
    group.segments.sort((a, b) => a - b);
    group.phrases.sort((a, b) => a.startMs - b.startMs);
  }
  return [...groups, ...added];
}

function coveredBy({ startMs, endMs }: Spoken, segments: readonly Stretch[]): number[] {
  const covered: number[] = [];
  let nearest: number | undefined;
  let nearestMs = -NEAR_MS;
  segments.forEach(({ fromMs, toMs }, index) => {
    // Negative: so far apart.
    const overlapMs = Math.min(endMs, toMs) - Math.max(startMs, fromMs);
    if (overlapMs > 0 && overlapMs >= SHARED * Math.min(endMs - startMs, toMs - fromMs)) covered.push(index);
    if (overlapMs >= nearestMs && (nearest === undefined || overlapMs > nearestMs))
      [nearest, nearestMs] = [index, overlapMs];
  });
  return covered.length > 0 || nearest === undefined ? covered : [nearest];
}
