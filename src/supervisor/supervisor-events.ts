/** What a supervisor tells of its meetings. */
import type { BotEvent } from '../bot/event-log.js';
import type { Beat, MeetingEnd, WaitingFor } from '../meeting-process/protocol.js';
import type { ChildExit } from './child-handle.js';

/** Where a meeting stands, for whoever asked for it. `recovering`: it was joined, and is not interpreted at present. */
export type MeetingState = 'starting' | 'staged' | 'joining' | 'active' | 'recovering' | 'leaving';

/** One process of a meeting, when it began and when it ended. */
export type MeetingAttempt = {
  readonly botId: string;
  readonly epoch: number;
  readonly pid: number;
  readonly startedAtMs: number;
} & (
  | { readonly kind: 'started'; readonly adopted: boolean }
  | {
      readonly kind: 'ended';
      readonly endedAtMs: number;
      readonly exit: ChildExit;
      /** Why it was killed by us: it hung, its media stood still, or it took too much memory. */
      readonly killedFor: string | undefined;
      readonly rssBytes: number | undefined;
      /** The last of what it wrote, without keys. */
      readonly log: string;
    }
);

/** What goes with a state: what is waited for, or why it came to that. */
export type StateDetail = { waitingFor?: WaitingFor; message?: string };

/** What a supervisor tells. */
export type SupervisorEvents = {
  /** Everything that happens in a meeting, each once unless a process was lost: then those after the last acknowledged again. */
  event: [botId: string, epoch: number, event: BotEvent, atMs: number];
  state: [botId: string, epoch: number, state: MeetingState, detail: StateDetail];
  attempt: [attempt: MeetingAttempt];
  /** A meeting's words are not kept at present, or are again. */
  journal: [botId: string, failing: boolean, message: string | undefined];
  ended: [botId: string, epoch: number, end: MeetingEnd];
};

/** A meeting as it stands. */
export type SupervisedStatus = {
  readonly botId: string;
  readonly meetingId: string;
  readonly epoch: number;
  readonly state: MeetingState;
  readonly waitingFor: WaitingFor | undefined;
  /** Undefined between two processes. */
  readonly pid: number | undefined;
  /** How often a process crashed or was killed. */
  readonly restarts: number;
  readonly beat: Beat | undefined;
};
