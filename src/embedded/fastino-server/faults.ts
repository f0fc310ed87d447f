/** Faults on request: Fastino on its bad days, switched on by options or while it runs, exact and countable. */
import { FaultCounter } from '../http/fault-counter.js';
import type { FastinoCall } from './calls.js';

/** `count` says how often a fault strikes (the next N times), `calls` which calls it means; without them always, and all. */
type Aim = { count?: number; calls?: readonly FastinoCall[] };

export type FastinoFaults = {
  /** Answers so much later. */
  slow?: Aim & { delayMs: number };
  /** Never answers. */
  hang?: Aim;
  /** Cuts the connection: without an answer, or in the middle of it. */
  drop?: Aim & { when: 'before_answer' | 'mid_answer' };
  /** Refuses with this status, and with `Retry-After` as it is given (seconds, or a date). */
  refuse?: Aim & { status: number; code?: string; retryAfter?: string };
  /** Answers 307 with this `Location`: where a client must not carry its key. */
  redirect?: Aim & { location: string };
  /** Answers 200 with something else than the answer. */
  garble?: Aim & { kind: Garbage };
  /** Sends the answer byte by byte, one each time. */
  drip?: Aim & { everyMs: number };
};

/** `wrong_types`: the right fields with the wrong values; `cut_off`: half of the answer; `endless`: text without an end. */
export type Garbage =
  'empty' | 'not_json' | 'missing_fields' | 'wrong_types' | 'cut_off' | 'binary' | 'endless';

/** How often each fault has struck. */
export type FastinoFaultCounts = Readonly<Record<keyof FastinoFaults, number>>;

/** In-process control over the faults of a running server. */
export interface FastinoFaultControl {
  /** Replaces all faults; `{}` heals. Counting of the given ones starts anew. */
  set(faults: FastinoFaults): void;
  /** How often each has struck since the server started. */
  readonly counts: FastinoFaultCounts;
}

/** The faults in force, and what is left of each. */
export class FastinoFaultState extends FaultCounter<FastinoFaults> {
  constructor(faults: FastinoFaults) {
    super(faults, { slow: 0, hang: 0, drop: 0, refuse: 0, redirect: 0, garble: 0, drip: 0 });
  }

  /** The fault if it strikes this call now. */
  of<Name extends keyof FastinoFaults>(
    name: Name,
    call: FastinoCall,
  ): NonNullable<FastinoFaults[Name]> | undefined {
    return this.strike(name, ({ calls }) => calls?.includes(call) ?? true);
  }
}
