/** What a session that has lasted too long is told, with its last event and its close. */
export function expiryMessage(sessionDurationMs: number): string {
  const seconds = Math.round(sessionDurationMs / 1_000);
  const duration = seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
  return `Your session hit the maximum duration of ${duration}.`;
}
