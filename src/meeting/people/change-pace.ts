/** How often changes of one person take effect. Pure. */

/** Between two changes that take effect; of those in between the last counts. */
const CHANGE_INTERVAL_MS = 2_000;
/** So many in quick succession; after them the interval doubles with each. */
const FREE_CHANGES = 4;
const MAX_INTERVAL_MS = 60_000;
/** One change is forgotten in this time. */
const FORGOTTEN_AFTER_MS = 15_000;

/** What is remembered of somebody's changes: the last one, and how many are not forgotten. */
export type ChangePace = { readonly atMs: number; readonly recent: number };

/** Nothing of theirs has changed: they came. */
export function paceSince(atMs: number): ChangePace {
  return { atMs, recent: 0 };
}

/** After one more change, now. */
export function changedOnceMore({ atMs, recent }: ChangePace, nowMs: number): ChangePace {
  return { atMs: nowMs, recent: Math.max(0, recent - (nowMs - atMs) / FORGOTTEN_AFTER_MS) + 1 };
}

/** When the next change may take effect. */
export function nextChangeAtMs({ atMs, recent }: ChangePace): number {
  const doublings = Math.max(0, Math.ceil(recent) - FREE_CHANGES);
  return atMs + Math.min(MAX_INTERVAL_MS, CHANGE_INTERVAL_MS * 2 ** doublings);
}
