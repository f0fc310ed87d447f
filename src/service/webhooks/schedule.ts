/** When a webhook is tried again, and when an endpoint is given up. Pure. */

/** Pauses before each try: at once, 5 s, 1 min, 5 min, 30 min, 2 h, 6 h, 12 h. */
const PAUSES_S = [0, 5, 60, 300, 1_800, 7_200, 21_600, 43_200];
/** An endpoint that took nothing for so long is switched off. */
export const GIVE_UP_AFTER_MS = 5 * 24 * 3_600_000;

/** After how many milliseconds the try behind `attempts` failed ones comes; undefined when there are no more. */
export function pauseMsAfter(attempts: number): number | undefined {
  const pauseS = PAUSES_S[attempts];
  return pauseS === undefined ? undefined : pauseS * 1_000;
}

/** What a try comes to, by the status of the answer. Absent: there was none. */
export function verdictOn(status: number | undefined): 'delivered' | 'failed' | 'gone' {
  if (status === 410) return 'gone';
  return status !== undefined && status >= 200 && status < 300 ? 'delivered' : 'failed';
}
