/** Faults on request: what a server does on its bad days, switched on by options or while it runs, exact and countable. */
import type { ResponseFailure } from '../responses/response-run.js';

/** `count` says how often a fault strikes (the next N times); without it, every time. */
export type Faults = {
  /** Refuses to connect, before the upgrade, with this HTTP status. */
  refuseConnections?: { status: number; count?: number; retryAfterSeconds?: number; code?: string };
  /** Drops the connection (no close frame) this long after it opened. */
  dropConnections?: { afterMs: number; count?: number };
  /** Sends every message this much later. */
  delayMs?: number;
  /** Stops answering: what would be sent is lost, what comes in is still read. */
  stall?: boolean;
  /** Fails responses after their usual delay: `response.done` with status `failed`. */
  failResponses?: { count?: number; error: ResponseFailure };
  /** Refuses messages with sound in them, as compatible servers do that take text alone. */
  refuseMessageAudio?: { count?: number };
  /** Fails input transcriptions. */
  failTranscriptions?: { count?: number; message?: string };
  /** Sends an event twice; of these types only, when they are given. */
  duplicateEvents?: { count?: number; types?: readonly string[] };
  /** Sends an event of a type that no API has before the next ones. */
  unknownEvents?: { count?: number };
  /** Replaces an event by broken JSON, or by itself without its fields. */
  malformedEvents?: { count?: number; kind: 'broken_json' | 'missing_fields'; types?: readonly string[] };
  /** Answers `session.start` with this error in place of a session, as for an account without credit. */
  refuseSessions?: { code: string; count?: number };
  /** Starts sessions so much later. */
  lateSessions?: { afterMs: number; count?: number };
  /** Ends live sessions, so long after their start, for this reason. */
  closeSessions?: { reason: 'content' | 'connection_lost' | 'expired'; afterMs: number; count?: number };
  /** Live sessions say nothing more, so long after their start, and are dropped 20 s later: as was seen with the API. */
  stallSessions?: { afterMs: number; count?: number };
  /** A disobedient model: it delegates a phrase, and says it all the same. */
  delegatePhrases?: { count?: number };
  /** It says this in place of the translation of a phrase. */
  answerPhrases?: { text: string; count?: number };
  /** It says a phrase twice. */
  repeatPhrases?: { count?: number };
  /** It says phrases, and writes nothing of them. */
  unwrittenPhrases?: { count?: number };
  /** Sends an error that has no code, and leaves the session open, before the next words. */
  codelessErrors?: { count?: number };
  /** Cuts what travels into TCP packets of so many bytes. */
  splitPackets?: { bytes: number };
};

/** How often each fault has struck. */
export type FaultCounts = Record<keyof Faults, number>;

/** In-process control over the faults of a running server. */
export interface FaultControl {
  /** Replaces all faults; `{}` heals. Counting of the given ones starts anew. */
  set(faults: Faults): void;
  /** How often each has struck since the server started. */
  readonly counts: Readonly<FaultCounts>;
  /** Drops every open connection now, without a close frame. */
  dropAll(): void;
  /** Leaves every open connection half open: nothing is read or sent on it any more, pongs included, and nobody is told. */
  freezeAll(): void;
}

type Countable = {
  [K in keyof Faults]-?: NonNullable<Faults[K]> extends { count?: number } ? K : never;
}[keyof Faults];

/** The faults in force, and what is left of each. */
export class FaultState {
  #faults: Faults;
  readonly #left = new Map<keyof Faults, number>();
  readonly counts: FaultCounts = {
    refuseConnections: 0,
    dropConnections: 0,
    delayMs: 0,
    stall: 0,
    failResponses: 0,
    refuseMessageAudio: 0,
    failTranscriptions: 0,
    duplicateEvents: 0,
    unknownEvents: 0,
    malformedEvents: 0,
    refuseSessions: 0,
    lateSessions: 0,
    closeSessions: 0,
    stallSessions: 0,
    delegatePhrases: 0,
    answerPhrases: 0,
    repeatPhrases: 0,
    unwrittenPhrases: 0,
    codelessErrors: 0,
    splitPackets: 0,
  };

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  set(faults: Faults): void {
    this.#faults = faults;
    this.#left.clear();
  }

  /** The message delay in force. */
  get delayMs(): number {
    return this.#faults.delayMs ?? 0;
  }

  /** The packet size in force. */
  get packetBytes(): number | undefined {
    return this.#faults.splitPackets?.bytes;
  }

  get stalled(): boolean {
    return this.#faults.stall === true;
  }

  /** The fault if it strikes now (and one less is left), else undefined. `type` is the event's, where that matters. */
  strike<K extends Countable>(name: K, type?: string): NonNullable<Faults[K]> | undefined {
    const fault = this.#faults[name] ?? undefined;
    if (fault === undefined) return undefined;
    if ('types' in fault && type !== undefined && !(fault.types ?? [type]).includes(type)) return undefined;
    const left = this.#left.get(name) ?? fault.count ?? Infinity;
    if (left <= 0) return undefined;
    this.#left.set(name, left - 1);
    this.counts[name]++;
    return fault;
  }
}
