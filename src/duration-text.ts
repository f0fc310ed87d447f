/** `m:ss.s`, or `h:mm:ss.s` from an hour on. */
export function clockText(atMs: number): string {
  const tenths = Math.round(atMs / 100);
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  const minutes = Math.floor(tenths / 600);
  if (minutes < 60) return `${minutes}:${seconds}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`;
}

/** Seconds to a hundredth, such as `1.32 s`, or to so many digits. */
export function secondsText(durationMs: number, digits = 2): string {
  return `${(durationMs / 1000).toFixed(digits)} s`;
}
