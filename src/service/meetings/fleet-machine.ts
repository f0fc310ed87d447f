/** This machine as one of a fleet: what it takes, it runs here. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.js';
import type { Database } from '../../database/database.js';
import { ParleyError } from '../../errors.js';
import { Capacity, type MachineLoad } from '../../fleet/capacity.js';
import { DatabaseWatch } from '../../fleet/database-watch.js';
import { type Claims, FleetRunner } from '../../fleet/fleet-runner.js';
import { machineMeter } from '../../fleet/machine-load.js';
import type { PgBossFleet } from '../../fleet/pg-boss.js';
import { type Drain, FleetWorker } from '../../fleet/worker.js';
import { newId } from '../../ids.js';
import { privateFolder, replacePrivateFile } from '../../installation.js';
import type { Logger } from '../../log.js';
import type { LocalMeetings } from './local-meetings.js';
import type { MeetingSupervisor } from './meeting-supervisor.js';
import type { Machine } from './machine.js';
import { WorkerPresence } from './worker-presence.js';

const WORKER_ID = /^wrk_[0-9a-f]{32}$/;

/** What a machine of a fleet is made of. */
export type FleetMachineOptions = {
  database: Database;
  fleet: PgBossFleet;
  meetings: LocalMeetings;
  supervisor: MeetingSupervisor;
  claims: Claims;
  workerId: string;
  version: string;
  slots: number;
  /** Where other machines of the service reach this one, `host:port`; null: nowhere. */
  address: string | null;
  /** How busy the machine is; by default as it is measured. */
  measure?: (() => MachineLoad) | undefined;
  clock: Clock;
  log: Logger;
};

/** The name of this machine's worker, which a later process with the same folder has again. */
export async function workerIdIn(runFolder: string): Promise<string> {
  await privateFolder(runFolder);
  const path = join(runFolder, 'worker-id');
  const kept = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (WORKER_ID.test(kept)) return kept;
  const made = newId('wrk');
  await replacePrivateFile(path, `${made}\n`);
  return made;
}

/** A worker of the fleet. */
export class FleetMachine implements Machine {
  readonly #options: FleetMachineOptions;
  readonly #worker: FleetWorker;
  readonly #presence: WorkerPresence;
  /** It was told to by its own process, which ends then. */
  #isEnding = false;
  #stopServing: () => Promise<void> = () => Promise.resolve();

  constructor(options: FleetMachineOptions) {
    this.#options = options;
    const { database, fleet, meetings, supervisor, claims, workerId, slots, clock, log } = options;
    const { measure = machineMeter() } = options;
    const { engine } = fleet;
    const runner = new FleetRunner({
      ...{ claims, supervisor, clock, log },
      requestOf: (botId, epoch) => meetings.requestFor(botId, epoch),
      onFailed: (botId, epoch, error) => meetings.failed(botId, epoch, error),
    });
    this.#worker = new FleetWorker({
      ...{ engine, runner, clock, log, measure, capacity: new Capacity(slots) },
      watch: new DatabaseWatch({
        ask: (timeoutMs) => database.answers(timeoutMs),
        clock,
        heartbeatMs: engine.heartbeatMs,
      }),
      onBeat: ({ used, load, isFull, isDraining }) => {
        const busy = isFull || used >= slots ? 'full' : 'running';
        return this.#presence.show({ used, load: load.cpu, state: isDraining ? 'draining' : busy });
      },
    });
    this.#presence = new WorkerPresence({
      ...options,
      id: workerId,
      onDrain: (drain) => {
        log.info({ drain }, 'this worker was asked to drain');
        void this.#worker.drain(drain);
      },
      onDrainTakenBack: () => {
        if (this.#isEnding) return;
        log.info('this worker takes meetings again');
        this.#worker.goOn();
      },
    });
    // One whose supervisor before us is gone: we go on with the job as well as with the process.
    supervisor.events.on('attempt', (attempt) => {
      if (attempt.kind === 'started' && attempt.adopted) void this.#resume(attempt.botId);
    });
  }

  async start(): Promise<void> {
    const { fleet, meetings, workerId } = this.#options;
    this.#stopServing = await fleet.orders.serve(workerId, (order) => meetings.follow(order));
    this.#worker.start();
  }

  get id(): string {
    return this.#options.workerId;
  }

  get isDraining(): boolean {
    return this.#worker.isDraining;
  }

  get used(): number {
    return this.#worker.used;
  }

  /** Claims that others took. */
  get lost(): number {
    return this.#worker.lost;
  }

  checkNow(): void {
    this.#options.fleet.engine.nudge();
  }

  drain(drain: Drain): Promise<void> {
    this.#isEnding = true;
    return this.#worker.drain(drain);
  }

  async close(): Promise<void> {
    await this.#stopServing();
    await this.#worker.close();
    await this.#presence.leave().catch((err: unknown) => {
      this.#options.log.warn({ err }, 'the fleet was not told that this worker is gone');
    });
  }

  async #resume(botId: string): Promise<void> {
    const { fleet, log } = this.#options;
    try {
      const claim = await fleet.engine.find(botId);
      if (claim !== undefined) this.#worker.resume(claim);
    } catch (err) {
      log.warn({ err, botId }, 'the job of a meeting that was found again is not known yet');
    }
  }
}

/** Throws where a fleet would have nowhere to keep its jobs. */
export function checkFleetDatabase(url: string | undefined): string {
  if (url !== undefined) return url;
  throw new ParleyError('usage', 'a worker needs the database of its fleet: --database postgres://…');
}
