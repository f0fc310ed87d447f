/** The port to what keeps a meeting: `src/records` implements it with a file. */
import type { BotEvent } from './event-log.js';

/** A record of one meeting, being written. */
export interface MeetingRecord {
  /** Takes an event of the meeting, all of them in their order; returns at once and never throws. */
  write(event: BotEvent): void;
  /** Resolves when all of it is kept, or cannot be. Safe to call twice. */
  close(): Promise<void>;
}

/** Begins a record. Rejects with a ParleyError when it cannot be begun: the meeting is not joined then. */
export type StartRecord = (about: {
  readonly meetingId: string;
  /** Wall-clock time of the start, in milliseconds since 1970. */
  readonly epochMs: number;
  /** To be called when something cannot be kept. */
  readonly onProblem: (message: string) => void;
}) => Promise<MeetingRecord>;
