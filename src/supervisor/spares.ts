import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { ChildHandle } from './child-handle.js';

/** A spare is made this long after one was taken: until then its start would slow down the meeting that is being joined. */
const REFILL_MS = 3_000;
/** Spares that end by themselves are made anew, ever later. */
const MAX_RETRY_MS = 60_000;

/** Processes that have loaded everything and wait for a meeting. */
export class Spares {
  readonly #fork: () => ChildHandle;
  readonly #count: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  #waiting: ChildHandle[] = [];
  #failures = 0;
  #isClosed = false;

  constructor(options: { fork: () => ChildHandle; count: number; clock: Clock; log: Logger }) {
    this.#fork = options.fork;
    this.#count = options.count;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#fill();
  }

  /** A spare, or a new process. Throws ParleyError where none can be started. */
  take(): ChildHandle {
    const child = this.#waiting.shift() ?? this.#fork();
    this.#clock.setTimer(() => {
      this.#fill();
    }, REFILL_MS);
    return child;
  }

  close(): void {
    this.#isClosed = true;
    for (const child of this.#waiting) child.kill('SIGKILL');
    this.#waiting = [];
  }

  #fill(): void {
    while (!this.#isClosed && this.#waiting.length < this.#count) {
      let child: ChildHandle;
      try {
        child = this.#fork();
      } catch (error) {
        this.#retry(messageOf(error));
        return;
      }
      this.#waiting.push(child);
      child.channel.onMessage(() => {
        this.#failures = 0; // it is ready
      });
      void child.exited.then(() => {
        if (!this.#waiting.includes(child)) return;
        this.#waiting = this.#waiting.filter((other) => other !== child);
        this.#retry(`it ended: ${child.output([]).trim().split('\n').at(-1) ?? ''}`);
      });
    }
  }

  #retry(why: string): void {
    if (this.#isClosed) return;
    const retryMs = Math.min(MAX_RETRY_MS, 1_000 * 2 ** this.#failures++);
    this.#log.error({ why, retryMs }, 'no spare meeting process');
    this.#clock.setTimer(() => {
      this.#fill();
    }, retryMs);
  }
}
