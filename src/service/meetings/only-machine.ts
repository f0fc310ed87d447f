import { availableParallelism, loadavg } from 'node:os';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Drain } from '../../fleet/worker.js';
import type { Logger } from '../../log.js';
import type { Machine } from './machine.js';
import { WorkerPresence, type WorkerPresenceOptions } from './worker-presence.js';

const EVERY_MS = 5_000;

/** What the only machine is made of. */
type OnlyMachineOptions = Omit<WorkerPresenceOptions, 'onDrain' | 'onDrainTakenBack' | 'address'> & {
  /** Meetings that run. */
  readonly used: () => number;
  /** Leaves them all. */
  readonly leaveAll: () => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A machine without a fleet: invitations come to it directly, and are refused while it drains. */
export class OnlyMachine implements Machine {
  readonly #options: OnlyMachineOptions;
  readonly #presence: WorkerPresence;
  readonly #idle = new Set<() => void>();
  #timer: TimerHandle | undefined;
  #leaveTimer: TimerHandle | undefined;
  #beating: Promise<void> = Promise.resolve();
  #isDraining = false;
  #isClosed = false;

  constructor(options: OnlyMachineOptions) {
    this.#options = options;
    this.#presence = new WorkerPresence({
      ...options,
      address: null,
      onDrain: (drain) => void this.drain(drain),
      onDrainTakenBack: () => this.#goOn(),
    });
  }

  get id(): string {
    return this.#options.id;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  start(): Promise<void> {
    this.#beat();
    return this.#beating;
  }

  checkNow(): void {
    this.#beat();
  }

  /** Nobody could take its meetings over: it waits until they end. */
  drain({ timeoutMs }: Drain): Promise<void> {
    const { clock, used, leaveAll } = this.#options;
    this.#isDraining = true;
    this.#leaveTimer?.cancel();
    this.#leaveTimer = clock.setTimer(leaveAll, timeoutMs);
    this.#beat();
    if (used() === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  #goOn(): void {
    this.#isDraining = false;
    this.#leaveTimer?.cancel();
    this.#beat();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#leaveTimer?.cancel();
    await this.#beating;
    await this.#presence.leave().catch(() => undefined); // it shows by its age, too
  }

  #beat(): void {
    const { clock, log } = this.#options;
    this.#beating = this.#beating
      .then(() => this.#show())
      .catch((err: unknown) => {
        log.debug({ err }, 'this worker could not show that it lives');
      })
      .then(() => {
        this.#timer?.cancel();
        if (!this.#isClosed) this.#timer = clock.setTimer(() => this.#beat(), EVERY_MS);
      });
  }

  async #show(): Promise<void> {
    const { slots, used: count } = this.#options;
    const used = count();
    if (this.#isDraining && used === 0) for (const resolve of this.#idle) resolve();
    await this.#presence.show({
      used,
      load: Math.min(1, (loadavg()[0] ?? 0) / availableParallelism()),
      state: this.#isDraining ? 'draining' : used >= slots ? 'full' : 'running',
    });
  }
}
