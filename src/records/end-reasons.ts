/** Why a bot's stay in a meeting is over, whoever asks: its process, its supervisor, or the database. */

/** It ended in good order. */
export const END_REASONS = [
  'asked',
  'meeting_ended',
  'removed',
  'empty',
  'no_one_joined',
  'max_duration',
  'budget',
  'missed',
] as const;
/** It did not do what it was asked for. */
export const FAILURE_REASONS = [
  'key_refused',
  'meeting_not_found',
  'denied',
  'join_timeout',
  'line_lost',
  'crash_loop',
  'no_capacity',
  'misconfigured',
] as const;
