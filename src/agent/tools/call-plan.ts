/** Which calls run now, which wait for others, and which are the same: decisions without a clock. */
import type { ToolLevel } from './tool.js';

/** Reads that run side by side. */
const MAX_READS = 4;
/** Calls that wait or run; beyond them a call is refused. */
const MAX_CALLS = 64;

/** A call to be planned. `key`: what it does and with what, the same for equal calls. */
export type PlannedCall = { readonly key: string; readonly level: ToolLevel };

/**
 * What becomes of a call: `start` it now; `wait`, it is started by {@link CallPlan.over} later; `join` the call that it is equal to,
 * and is given the same result; or `refuse` it, since too many are under way.
 */
export type Planned<Call> =
  { readonly kind: 'start' | 'wait' | 'refuse' } | { readonly kind: 'join'; readonly call: Call };

/** The calls of a session that are under way. Reads run beside everything, four at a time; all others one after the other. */
export class CallPlan<Call extends PlannedCall> {
  readonly #running = new Set<Call>();
  readonly #waiting: Call[] = []; // oldest first

  /** How many wait or run. */
  get size(): number {
    return this.#running.size + this.#waiting.length;
  }

  /** A new call. */
  add(call: Call): Planned<Call> {
    const same = [...this.#running, ...this.#waiting].find(({ key }) => key === call.key);
    if (same !== undefined) return { kind: 'join', call: same };
    if (this.size >= MAX_CALLS) return { kind: 'refuse' };
    if (this.#mayRun(call)) {
      this.#running.add(call);
      return { kind: 'start' };
    }
    this.#waiting.push(call);
    return { kind: 'wait' };
  }

  /** A call is over. Returns those that are to be started now. */
  over(call: Call): readonly Call[] {
    if (!this.#running.delete(call)) return [];
    const started: Call[] = [];
    for (const waiting of [...this.#waiting]) {
      if (!this.#mayRun(waiting)) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      this.#running.add(waiting);
      started.push(waiting);
    }
    return started;
  }

  #mayRun(call: Call): boolean {
    const beside = [...this.#running].filter(({ level }) => isRead(level) === isRead(call.level));
    return beside.length < (isRead(call.level) ? MAX_READS : 1);
  }
}

function isRead(level: ToolLevel): boolean {
  return level === 'read';
}

/** The same text for equal arguments, in whatever order their fields came. */
export function callKey(toolName: string, args: unknown): string {
  return `${toolName} ${JSON.stringify(args, (_key, value: unknown) => sorted(value))}`;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
