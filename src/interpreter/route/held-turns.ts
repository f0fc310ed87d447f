/** What came of a turn while it is held: things to do, in their order. */
const MAX_HELD = 2_000;

/** Turns of which nothing is heard until it is known whether they are to be interpreted. */
export class HeldTurns {
  readonly #held = new Map<string, (() => void)[]>();

  /** From now on, what is to be done for this turn waits. */
  hold(turnId: string): void {
    if (!this.#held.has(turnId)) this.#held.set(turnId, []);
  }

  /** Does it now, or when the turn is released. A turn of which very much waits is released. */
  pass(turnId: string, action: () => void): void {
    const waiting = this.#held.get(turnId);
    if (waiting === undefined) {
      action();
      return;
    }
    waiting.push(action);
    if (waiting.length > MAX_HELD) this.release(turnId);
  }

  /** What waited is done, in its order. */
  release(turnId: string): void {
    const waiting = this.#held.get(turnId) ?? [];
    this.#held.delete(turnId);
    for (const action of waiting) action();
  }

  /** What waited is not done. */
  drop(turnId: string): void {
    this.#held.delete(turnId);
  }
}
