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
  #isFull = false;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get slots(): number {
    return this.#slots;
  }

  /** Of the machine, not of the slots. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** A measurement, at a time. */
  measured({ cpu, freeBytes }: MachineLoad, nowMs: number): void {
    if (cpu > FULL_CPU) this.#busySinceMs ??= nowMs;
    else this.#busySinceMs = undefined;
    const isBusy = this.#busySinceMs !== undefined && nowMs - this.#busySinceMs >= BUSY_MS;
    if (isBusy || freeBytes < MIN_FREE_BYTES) this.#isFull = true;
    else if (cpu < FREE_CPU) this.#isFull = false;
  }

  /** How many more meetings fit beside those that run. */
  free(running: number): number {
    return this.#isFull ? 0 : Math.max(0, this.#slots - running);
  }
}
