/** Timers of one evaluated SDK, so that none of them outlives its meeting. */

type Callback = (...args: unknown[]) => void;

/** The four timer functions that the SDK sees as a browser's, and the end of them all. */
export class SdkTimers {
  readonly #timeouts = new Set<NodeJS.Timeout>();
  readonly #intervals = new Set<NodeJS.Timeout>();
  readonly #onError: (error: unknown) => void;
  #stopped = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  readonly setTimeout = (callback: Callback, delayMs?: number, ...args: unknown[]): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      this.#timeouts.delete(timer);
      this.#run(callback, args);
    }, delayMs);
    if (this.#stopped) clearTimeout(timer);
    else this.#timeouts.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: NodeJS.Timeout | undefined): void => {
    clearTimeout(timer);
    if (timer !== undefined) this.#timeouts.delete(timer);
  };

  readonly setInterval = (callback: Callback, delayMs?: number, ...args: unknown[]): NodeJS.Timeout => {
    const timer = setInterval(() => {
      this.#run(callback, args);
    }, delayMs);
    if (this.#stopped) clearInterval(timer);
    else this.#intervals.add(timer);
    return timer;
  };

  readonly clearInterval = (timer: NodeJS.Timeout | undefined): void => {
    clearInterval(timer);
    if (timer !== undefined) this.#intervals.delete(timer);
  };

  /** Cancels everything that still waits; timers set from now on never fire. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timeouts) clearTimeout(timer);
    for (const timer of this.#intervals) clearInterval(timer);
    this.#timeouts.clear();
    this.#intervals.clear();
  }

  #run(callback: Callback, args: readonly unknown[]): void {
    try {
      callback(...args);
    } catch (error) {
      this.#onError(error);
    }
  }
}
