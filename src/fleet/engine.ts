/**
 * The port to the engine that hands bots to workers: each bot has one job at a time, each job one worker at a time, and a
 * worker that stops showing that it lives loses its jobs, when somebody asks for that (`reap`). `pg-boss.ts` implements it.
 */
import type { Orm } from '../database/database.js';

/** Of a job that was taken before: its meeting was running. Those that have not begun have less. */
export const RESCUE_PRIORITY = 30;

/** A bot that is to be run. */
export type MeetingJob = {
  readonly botId: string;
  /** The larger one goes first. */
  readonly priority: number;
  /** Not before; absent: at once. */
  readonly startAfter?: Date | undefined;
};

/** A worker's hold on a bot. Another worker that takes the bot later has another one. */
export type JobClaim = {
  readonly botId: string;
  readonly jobId: string;
  /** How often the job was taken before. */
  readonly attempt: number;
};

/** See the head of this file. All methods reject where the database is away. */
export interface JobEngine {
  /** A claim that is not held for so long may be reaped. */
  readonly heartbeatMs: number;
  /** Part of the caller's transaction. False where the bot has a job already, that waits or runs. */
  enqueue(tx: Orm, job: MeetingJob): Promise<boolean>;
  /** Part of the caller's transaction: a job that waits is gone; one that runs goes on. Returns whether one waited. */
  cancel(tx: Orm, botId: string): Promise<boolean>;
  /** Part of the caller's transaction: one that waits waits until another time. Returns whether one waited. */
  reschedule(tx: Orm, job: MeetingJob): Promise<boolean>;
  /** Takes jobs that are due, at most so many: those that were taken before go first. */
  claim(limit: number): Promise<readonly JobClaim[]>;
  /** Who has this bot now: for a process that takes over what the one before it ran. */
  find(botId: string): Promise<JobClaim | undefined>;
  /** Shows that these claims live. Returns those that somebody else has, or nobody: they are lost for good. */
  hold(claims: readonly JobClaim[]): Promise<readonly JobClaim[]>;
  /** `done`: the bot may have another job. `again`: whoever comes first takes it. A claim that is lost changes nothing. */
  release(claim: JobClaim, outcome: 'done' | 'again'): Promise<void>;
  /**
   * Claims that were not held for `heartbeatMs` are lost, and their jobs due. Only to be called while the database has answered
   * without a break for longer than that: a heartbeat that could not be written says nothing about the worker.
   */
  reap(): Promise<void>;
  /** Calls `listener` when a job may be due, sooner than asking would find it. Returns the way back. */
  onWake(listener: () => void): () => void;
  /** After the transaction with `enqueue`: workers in this process look at once. */
  nudge(): void;
  close(): Promise<void>;
}
