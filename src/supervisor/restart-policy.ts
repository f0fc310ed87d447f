/** When a meeting process that crashed is started again. Pure. */

/** Before the first, second, … restart. */
const DELAYS_MS = [0, 1_000, 3_000, 10_000, 30_000] as const;
/** Crashes further back do not count. */
const WINDOW_MS = 10 * 60_000;

/** What follows a crash. */
export type RestartDecision =
  { readonly kind: 'restart'; readonly afterMs: number } | { readonly kind: 'give_up' };

/**
 * What follows the crash at `nowMs`. `earlierMs`: when the meeting's processes crashed before, oldest first. More than five
 * crashes in ten minutes are a loop.
 */
export function afterCrash(earlierMs: readonly number[], nowMs: number): RestartDecision {
  const recent = earlierMs.filter((atMs) => nowMs - atMs < WINDOW_MS).length;
  const afterMs = DELAYS_MS[recent];
  return afterMs === undefined ? { kind: 'give_up' } : { kind: 'restart', afterMs };
}
