/** Which of the faults on request are in force, and how often each has struck. */

/** Faults by name; `count` says how often one strikes (the next N times), without it every time. */
type FaultsByName<Faults> = { [Name in keyof Faults]: { count?: number } | undefined };

/** The faults in force, and what is left of each. */
export class FaultCounter<Faults extends FaultsByName<Faults>> {
  #faults: Faults;
  readonly #left = new Map<keyof Faults, number>();
  readonly #counts: Record<keyof Faults, number>;

  /** `none` names every fault there is. */
  constructor(faults: Faults, none: Readonly<Record<keyof Faults, 0>>) {
    this.#faults = faults;
    this.#counts = { ...none };
  }

  /** How often each has struck. */
  get counts(): Readonly<Record<keyof Faults, number>> {
    return { ...this.#counts };
  }

  /** Replaces all faults; counting of the given ones starts anew. */
  set(faults: Faults): void {
    this.#faults = faults;
    this.#left.clear();
  }

  /** The fault if it strikes now (and one less is left), else undefined. `concerns` says whether it is meant here. */
  strike<Name extends keyof Faults>(
    name: Name,
    concerns: (fault: NonNullable<Faults[Name]>) => boolean = () => true,
  ): NonNullable<Faults[Name]> | undefined {
    const fault = this.#faults[name] ?? undefined;
    if (fault === undefined || !concerns(fault)) return undefined;
    const left = this.#left.get(name) ?? fault.count ?? Infinity;
    if (left <= 0) return undefined;
    this.#left.set(name, left - 1);
    this.#counts[name]++;
    return fault;
  }
}
