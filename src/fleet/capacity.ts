/** How many meetings a machine takes, by slots, CPU and memory. Pure: what was measured comes in. */

const FULL_CPU = 0.7;
const FREE_CPU = 0.55;
/** A machine is full when it has been busy for so long. */
const BUSY_MS = 10_000;
const MIN_FREE_BYTES = 500 * 1024 ** 2;

/** What a machine is like at one moment. */
export type MachineLoad = {
  /** Share of all cores that was busy since the last measurement, 0 to 1. */
  readonly cpu: number;
  readonly freeBytes: number;
};

/** Says whether a machine takes further meetings, with a gap between full and free, so that it does not flutter. */
export class Capacity {
  readonly #slots: number;
  #busySinceMs: number | undefined;
  #isBusy = false;
  #isShort = false;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get slots(): number {
    return this.#slots;
  }

  /** Of the machine, not of the slots. */
  get isFull(): boolean {
    return this.#isBusy || this.#isShort;
  }

  /** A measurement, at a time. */
  measured({ cpu, freeBytes }: MachineLoad, nowMs: number): void {
    if (cpu > FULL_CPU) this.#busySinceMs ??= nowMs;
    else this.#busySinceMs = undefined;
    const isBusy = this.#busySinceMs !== undefined && nowMs - this.#busySinceMs >= BUSY_MS;
    this.#isShort = freeBytes < MIN_FREE_BYTES;
    if (isBusy) this.#isBusy = true;
    else if (cpu < FREE_CPU) this.#isBusy = false;
  }

  /**
   * How many more meetings fit beside those that run. A machine that others keep busy takes one all the same: a bot that nobody
   * takes is late for sure.
   */
  free(running: number): number {
    if (this.#isShort) return 0;
    const slots = this.#isBusy ? Math.min(1, this.#slots) : this.#slots;
    return Math.max(0, slots - running);
  }
}
