import type { Clock } from '../../src/clock.js';
import { HEARTBEAT_MS } from '../../src/fleet/claim-times.js';
import { type JobClaim, type JobEngine, type MeetingJob, RESCUE_PRIORITY } from '../../src/fleet/engine.js';

type Job = {
  readonly id: string;
  readonly botId: string;
  priority: number;
  dueMs: number;
  attempt: number;
  state: 'waiting' | 'running' | 'over';
  heldAtMs: number;
};

/** Jobs that several engines share, as they would a database. */
export class MemoryJobs {
  readonly all: Job[] = [];
  readonly clock: Clock;
  /** Nobody reaches them. */
  isAway = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }
}

/** The port in memory, on any clock: for tests of what stands on it. It obeys the same contract. */
export class MemoryEngine implements JobEngine {
  readonly heartbeatMs = HEARTBEAT_MS;
  readonly #jobs: MemoryJobs;
  readonly #listeners = new Set<() => void>();
  /** This engine alone cannot reach them. */
  isCut = false;

  constructor(jobs: MemoryJobs) {
    this.#jobs = jobs;
  }

  async enqueue(_: unknown, { botId, priority, startAfter }: MeetingJob): Promise<boolean> {
    await this.#reach();
    if (this.#jobs.all.some((job) => job.botId === botId && job.state !== 'over')) return false;
    const dueMs = startAfter === undefined ? 0 : startAfter.getTime();
    const id = String(this.#jobs.all.length + 1);
    this.#jobs.all.push({ id, botId, priority, dueMs, attempt: 0, state: 'waiting', heldAtMs: 0 });
    return true;
  }

  async cancel(_: unknown, botId: string): Promise<boolean> {
    await this.#reach();
    const job = this.#jobs.all.find((each) => each.botId === botId && each.state === 'waiting');
    if (job !== undefined) job.state = 'over';
    return job !== undefined;
  }

  async reschedule(tx: unknown, job: MeetingJob): Promise<boolean> {
    return (await this.cancel(tx, job.botId)) && this.enqueue(tx, job);
  }

  async claim(limit: number): Promise<readonly JobClaim[]> {
    await this.#reach();
    const { clock, all } = this.#jobs;
    const due = all
      .filter(({ state, dueMs }) => state === 'waiting' && dueMs <= clock.epochMs())
      .sort((a, b) => b.priority - a.priority || Number(a.id) - Number(b.id));
    return due.slice(0, limit).map((job) => {
      job.state = 'running';
      job.heldAtMs = clock.nowMs();
      job.priority = Math.max(job.priority, RESCUE_PRIORITY);
      return { botId: job.botId, jobId: job.id, attempt: job.attempt };
    });
  }

  async find(botId: string): Promise<JobClaim | undefined> {
    await this.#reach();
    const job = this.#jobs.all.find((each) => each.botId === botId && each.state === 'running');
    return job === undefined ? undefined : { botId, jobId: job.id, attempt: job.attempt };
  }

  async hold(claims: readonly JobClaim[]): Promise<readonly JobClaim[]> {
    await this.#reach();
    return claims.filter((claim) => {
      const job = this.#running(claim);
      if (job !== undefined) job.heldAtMs = this.#jobs.clock.nowMs();
      return job === undefined;
    });
  }

  async release(claim: JobClaim, outcome: 'done' | 'again'): Promise<void> {
    await this.#reach();
    const job = this.#running(claim);
    if (job === undefined) return;
    job.state = outcome === 'done' ? 'over' : 'waiting';
    job.attempt++;
  }

  async reap(): Promise<void> {
    await this.#reach();
    const nowMs = this.#jobs.clock.nowMs();
    for (const job of this.#jobs.all) {
      if (job.state !== 'running' || nowMs - job.heldAtMs <= this.heartbeatMs) continue;
      job.state = 'waiting';
      job.attempt++;
    }
  }

  onWake(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  nudge(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #running({ jobId, attempt }: JobClaim): Job | undefined {
    return this.#jobs.all.find(
      (job) => job.id === jobId && job.attempt === attempt && job.state === 'running',
    );
  }

  async #reach(): Promise<void> {
    await Promise.resolve();
    if (this.#jobs.isAway || this.isCut) throw new Error('connect ECONNREFUSED');
  }
}
