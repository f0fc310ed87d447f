/** One machine of a fleet: takes bots while it has room, shows that it lives, and gives up what others have taken. */
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';
import { settledWithin } from '../settled-within.js';
import type { Capacity, MachineLoad } from './capacity.js';
import { HOLD_MS } from './claim-times.js';
import type { DatabaseWatch } from './database-watch.js';
import type { JobClaim, JobEngine } from './engine.js';

const TICK_MS = 1_000;
/** A meeting that is handed over goes on for so long where nobody takes it: then it waits for somebody without a bot. */
const HANDOVER_MS = 30_000;
/** Leaving takes so long at most. */
const LEAVE_MS = 30_000;

/** What runs the bots that a worker has taken. */
export interface MeetingRunner {
  /** Runs a bot to its end. `again`: another worker is to take it. Never rejects. */
  run(claim: JobClaim): Promise<'done' | 'again'>;
  /** Somebody else has the bot: it ends at once, and writes nothing more. */
  abandon(claim: JobClaim): void;
  /** Leaves the meeting, in good order. */
  leave(claim: JobClaim): void;
}

/** How a worker empties itself. */
export type Drain = {
  /** `wait` until meetings end; `handover`: another worker joins under the same id, and the meeting lets ours go. */
  readonly mode: 'wait' | 'handover';
  /** What waits then still is left. What is handed over ends for nobody: another worker may come later. */
  readonly timeoutMs: number;
};

/** What a worker is made of. */
export type FleetWorkerOptions = {
  engine: JobEngine;
  runner: MeetingRunner;
  watch: DatabaseWatch;
  capacity: Capacity;
  measure: () => MachineLoad;
  clock: Clock;
  log: Logger;
  /** Once a second while the database answers: what the fleet is to know of this worker. */
  onBeat?: (beat: { used: number; load: MachineLoad; isFull: boolean; isDraining: boolean }) => Promise<void>;
};

type Run = { readonly claim: JobClaim; isReleased: boolean };

/** See the head of this file. */
export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #runs = new Map<string, Run>();
  readonly #idle = new Set<() => void>();
  #timer: TimerHandle | undefined;
  #ticking: Promise<void> | undefined;
  #holdTimer: TimerHandle | undefined;
  #holding: Promise<void> | undefined;
  #isWoken = false;
  /** The last word about how it empties itself; undefined: it takes meetings. */
  #drain: Drain | undefined;
  #isClosed = false;
  #lost = 0;
  #stopWaking: () => void = () => undefined;

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
  }

  /** Bots that run here. */
  get used(): number {
    return this.#runs.size;
  }

  /** It takes nothing more. */
  get isDraining(): boolean {
    return this.#drain !== undefined;
  }

  /** Claims that others took. */
  get lost(): number {
    return this.#lost;
  }

  start(): void {
    this.#stopWaking = this.#options.engine.onWake(() => {
      this.#wake();
    });
    this.#plan(0);
    this.#planHold();
  }

  /** Takes over a bot that runs here already, from a process before this one. */
  resume(claim: JobClaim): void {
    this.#begin(claim);
  }

  /** Takes nothing more, and resolves when nothing runs any more. Can be asked again, in another way. */
  async drain(how: Drain): Promise<void> {
    const { clock, runner } = this.#options;
    const { mode, timeoutMs } = how;
    this.#drain = how;
    if (mode === 'handover') await Promise.all([...this.#runs.values()].map((run) => this.#handOver(run)));
    const limitMs = mode === 'handover' ? Math.min(timeoutMs, HANDOVER_MS) : timeoutMs;
    await settledWithin(this.#empty(), limitMs, clock);
    if (this.#drain === how)
      for (const { claim } of this.#runs.values()) {
        if (mode === 'handover') runner.abandon(claim);
        else runner.leave(claim);
      }
    await settledWithin(this.#empty(), LEAVE_MS, clock);
  }

  /** Takes meetings again: that it was to drain is taken back. What it has handed over already is somebody else's. */
  goOn(): void {
    this.#drain = undefined;
    this.#wake();
  }

  /** Takes nothing more and looks after nothing; what runs is not touched. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWaking();
    this.#timer?.cancel();
    this.#holdTimer?.cancel();
    await Promise.all([this.#ticking, this.#holding]);
  }

  #plan(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(() => {
      this.#ticking = this.#tick().finally(() => {
        this.#ticking = undefined;
        this.#plan(this.#isWoken ? 0 : TICK_MS);
        this.#isWoken = false;
      });
    }, delayMs);
  }

  #wake(): void {
    if (this.#ticking !== undefined) this.#isWoken = true;
    else this.#plan(0);
  }

  async #tick(): Promise<void> {
    const { engine, watch, capacity, measure, clock, log, onBeat } = this.#options;
    const load = measure();
    capacity.measured(load, clock.nowMs());
    if (!(await watch.check())) return;
    try {
      if (watch.isSteady) await engine.reap();
      const free = this.isDraining || this.#isClosed ? 0 : capacity.free(this.used);
      for (const claim of await engine.claim(free)) this.#begin(claim);
      await onBeat?.({ used: this.used, load, isFull: capacity.isFull, isDraining: this.isDraining });
    } catch (error) {
      watch.failed();
      log.warn({ err: error }, `the database did not do what it was asked: ${messageOf(error)}`);
    }
  }

  /** On its own: claims must not be lost because something else that was asked of the database is slow. */
  #planHold(): void {
    if (this.#isClosed) return;
    this.#holdTimer = this.#options.clock.setTimer(() => {
      this.#holding = this.#hold()
        .catch((error: unknown) => {
          const { watch, log } = this.#options;
          if (watch.isThere) log.warn({ err: error }, 'it could not be shown that the meetings here live');
          watch.failed();
        })
        .finally(() => {
          this.#holding = undefined;
          this.#planHold();
        });
    }, HOLD_MS);
  }

  /** What others have taken meanwhile ends. */
  async #hold(): Promise<void> {
    const { engine, runner, log } = this.#options;
    const runs = [...this.#runs.values()].filter(({ isReleased }) => !isReleased);
    for (const claim of await engine.hold(runs.map((run) => run.claim))) {
      const run = this.#runs.get(claim.botId);
      if (run === undefined || run.isReleased || run.claim !== claim) continue;
      run.isReleased = true;
      this.#lost++;
      log.warn({ botId: claim.botId }, 'another worker has taken a meeting of ours');
      runner.abandon(claim);
    }
  }

  #begin(claim: JobClaim): void {
    const { botId } = claim;
    const { runner } = this.#options;
    const before = this.#runs.get(botId);
    // We were believed to be dead, and have it again ourselves.
    if (before !== undefined) runner.abandon(before.claim);
    const run: Run = { claim, isReleased: false };
    this.#runs.set(botId, run);
    void runner.run(claim).then(async (outcome) => {
      if (this.#runs.get(botId) === run) this.#runs.delete(botId);
      if (this.#runs.size === 0) for (const resolve of this.#idle) resolve();
      if (!run.isReleased) await this.#release(run, outcome);
    });
  }

  /** Until it is done: a job that is over must not be started again, and one that is not must not be forgotten. */
  async #release(run: Run, outcome: 'done' | 'again'): Promise<void> {
    const { engine, clock, log } = this.#options;
    run.isReleased = true;
    while (!this.#isClosed) {
      try {
        await engine.release(run.claim, outcome);
        return;
      } catch (error) {
        log.warn({ botId: run.claim.botId, err: error }, 'a job cannot be given back yet');
        await new Promise<void>((resolve) => clock.setTimer(resolve, TICK_MS));
      }
    }
  }

  /** The bot is free for others, while ours stays in the meeting until its successor puts it out. */
  async #handOver(run: Run): Promise<void> {
    if (!run.isReleased) await this.#release(run, 'again');
  }

  #empty(): Promise<void> {
    if (this.#runs.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }
}
