import type { SendCounters } from '../captions/topic-queue.js';
import type { SessionCounters } from '../realtime/session.js';
import type { GuardCounters } from './routes/translation-guard.js';

/** What a meeting has counted: whatever was dropped, repeated or taken back. */
export type MeetingCounters = {
  /** Of all sessions, those that are over included. */
  readonly sessions: Readonly<SessionCounters>;
  /** Captions that were sent to the meeting, or not. */
  readonly captions: Readonly<SendCounters>;
  /** Translations that were none. */
  readonly guard: Readonly<GuardCounters>;
  /** Translations that were left to captions, since too much was waiting to be spoken. */
  readonly captionsOnly: number;
};
