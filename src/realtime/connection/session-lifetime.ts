/**
 * When a connection is left for a new one because its session will expire. A session lasts 60 minutes at most and is not resumed
 * (`expires_at`; protocol notes of the Realtime API): from three quarters of its time on a pause is waited for, at first a
 * long one, and after eleven twelfths it is left wherever the speaker is.
 */
const LONGEST_MS = 3_600_000;
/** Less than this is a clock that is wrong, not a session. */
const SHORTEST_MS = 10_000;
const LEAVE_FROM = 3 / 4;
const LEAVE_BY = 11 / 12;
const LONG_PAUSE_MS = 2_000;
/** Between two words. */
const SHORT_PAUSE_MS = 120;

/** Between these two moments of the clock a connection is left. */
export type ConnectionLifetime = { readonly leaveFromMs: number; readonly leaveByMs: number };

/**
 * The lifetime of a session that was created now. `expiresAtS`: seconds since 1970, as the server says; where it says
 * nothing, or something that cannot be, `longestMs`: an hour, unless told otherwise.
 */
export function connectionLifetime(
  expiresAtS: number | null | undefined,
  now: { nowMs: number; epochMs: number },
  longestMs = LONGEST_MS,
): ConnectionLifetime {
  const announcedMs = expiresAtS == null ? NaN : expiresAtS * 1_000 - now.epochMs;
  const lastsMs = announcedMs >= SHORTEST_MS ? Math.min(announcedMs, longestMs) : longestMs;
  return { leaveFromMs: now.nowMs + lastsMs * LEAVE_FROM, leaveByMs: now.nowMs + lastsMs * LEAVE_BY };
}

/** How long a pause of the speaker must be for a connection to be left in it at `nowMs`; 0 once its time is over. */
export function pauseToLeaveMs({ leaveFromMs, leaveByMs }: ConnectionLifetime, nowMs: number): number {
  if (nowMs < leaveFromMs) return Infinity;
  if (nowMs >= leaveByMs) return 0;
  const passed = (nowMs - leaveFromMs) / (leaveByMs - leaveFromMs);
  return Math.max(SHORT_PAUSE_MS, LONG_PAUSE_MS * (1 - passed));
}
