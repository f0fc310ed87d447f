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
  /** Fails input transcriptions. */
  failTranscriptions?: { count?: number; message?: string };
  /** Sends an event twice; of these types only, when they are given. */
  duplicateEvents?: { count?: number; types?: readonly string[] };
  /** Sends an event of a type that no API has before the next ones. */
  unknownEvents?: { count?: number };
  /** Replaces an event by broken JSON, or by itself without its fields. */
  malformedEvents?: { count?: number; kind: 'broken_json' | 'missing_fields'; types?: readonly string[] };
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
    failTranscriptions: 0,
    duplicateEvents: 0,
    unknownEvents: 0,
    malformedEvents: 0,
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
