/** Rankings by different means become one: by place, since their scores cannot be compared. Pure. */

/** The usual constant (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", SIGIR 2009). */
const RANK_OFFSET = 60;

/** A ranking, the best first, and how much it counts beside the others: 1 unless told otherwise. */
export type Ranking<Key> = { readonly keys: readonly Key[]; readonly weight?: number };

/** Keys with their fused scores, the best first; of equal ones the one that an earlier ranking has first. */
export function fusedByRank<Key>(rankings: readonly Ranking<Key>[]): { key: Key; score: number }[] {
  const scores = new Map<Key, number>();
  for (const { keys, weight = 1 } of rankings) {
    for (const [rank, key] of keys.entries())
      scores.set(key, (scores.get(key) ?? 0) + weight / (RANK_OFFSET + rank + 1));
  }
  return [...scores].map(([key, score]) => ({ key, score })).sort((a, b) => b.score - a.score);
}
