/** Faults on request: a room on its bad days, switched on by options or while it runs, exact and countable. */
import { FaultCounter } from '../http/fault-counter.js';

/** `count` says how often a fault strikes (the next N times); without it, every time. */
export type RoomFaults = {
  /** Requests to enter are acknowledged and never answered. */
  lobby?: { count?: number };
  /** Entry is denied. */
  denyEntry?: { count?: number };
  /** init-config refuses the token: 401, 4002. */
  refuseTokens?: { count?: number };
  /** init-config refuses the meeting id: 400, 4003. */
  refuseMeetings?: { count?: number };
  /** init-config answers with this status, and with `code` and `message` when they are given. */
  failInitConfig?: { status: number; code?: number; message?: string; count?: number };
  /** init-config answers 200 with something that is not JSON, or JSON without what it must have. */
  garbleInitConfig?: { kind: 'not_json' | 'missing_fields'; count?: number };
};

export type RoomFaultName = keyof RoomFaults;

/** How often each fault has struck. */
export type RoomFaultCounts = Readonly<Record<RoomFaultName, number>>;

/** In-process control over a running server. */
export interface RoomFaultControls {
  /** Replaces all faults; `{}` heals. Counting of the given ones starts anew. */
  set(faults: RoomFaults): void;
  /** How often each has struck since the server started. */
  readonly counts: RoomFaultCounts;
  /** Removes a participant (leave reason 1002). False when there is none of this id. */
  removeParticipant(roomId: string, participantId: string): boolean;
  /** Closes a meeting: everyone leaves (1006). The room stays and can be joined again. */
  closeMeeting(roomId: string): void;
  /** Sends the SDK's asynchronous `error` to a participant. */
  sendError(roomId: string, participantId: string, error: { code: number; message: string }): boolean;
  /** Ends a participant's socket with socket.io's own goodbye and no `close` event: the SDK tells nobody. */
  dropSocketSilently(roomId: string, participantId: string): boolean;
  /** Cuts a participant's TCP connections, as a network does. */
  cutSockets(roomId: string, participantId: string): boolean;
  /** For so long nothing is read and nothing is sent: signalling waits, media is lost. Resolves when it is over. */
  freeze(durationMs: number): Promise<void>;
  /** Cuts every connection and stops listening; rooms and their ids stay. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

/** The faults in force, and what is left of each. */
export class RoomFaultState extends FaultCounter<RoomFaults> {
  constructor(faults: RoomFaults) {
    super(faults, {
      lobby: 0,
      denyEntry: 0,
      refuseTokens: 0,
      refuseMeetings: 0,
      failInitConfig: 0,
      garbleInitConfig: 0,
    });
  }
}
