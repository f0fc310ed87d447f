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
import { seeWorker } from '../../records/store/workers.js';
import type { LocalMeetings, MeetingSupervisor } from './local-meetings.js';

const WORKER_ID = /^wrk_[0-9a-f]{32}$/;
const MIB = 1_048_576;
/** How long what runs may go on when somebody asks for a drain from outside. */
const DRAIN: Drain = { mode: 'handover', timeoutMs: 3_600_000 };

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

/** Takes bots from here on. */
export async function startFleetMachine(options: FleetMachineOptions): Promise<FleetMachine> {
  const machine = new FleetMachine(options);
  await machine.start();
  return machine;
}

/** A running worker. */
export class FleetMachine {
  readonly #options: FleetMachineOptions;
  readonly #worker: FleetWorker;
  #stopServing: () => Promise<void> = () => Promise.resolve();
  #draining: Promise<void> | undefined;

  constructor(options: FleetMachineOptions) {
    this.#options = options;
    const { database, fleet, meetings, supervisor, claims, workerId, slots, version, clock, log } = options;
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
        ask: () => database.query('select 1'),
        clock,
        heartbeatMs: engine.heartbeatMs,
      }),
      onBeat: async ({ used, load, isFull, isDraining }) => {
        const busy = isFull ? 'full' : 'running';
        const row = await seeWorker(database.orm, {
          ...{ id: workerId, address: null, version, slots, used, load: load.cpu },
          rssMib: Math.round(process.memoryUsage.rss() / MIB),
          state: isDraining ? 'draining' : busy,
        });
        if (row.state === 'draining' && !isDraining) void this.drain(DRAIN);
      },
    });
    // One whose supervisor before us is gone: we go on with the job as well as with the process.
    supervisor.events.on('attempt', (attempt) => {
      if (attempt.kind === 'started' && attempt.adopted) void this.#resume(attempt.botId);
    });
  }

  async start(): Promise<void> {
    const { fleet, meetings, workerId } = this.#options;
    this.#stopServing = await fleet.orders.serve(workerId, ({ botId, command }) =>
      meetings.follow(botId, command),
    );
    this.#worker.start();
  }

  get used(): number {
    return this.#worker.used;
  }

  /** Claims that others took. */
  get lost(): number {
    return this.#worker.lost;
  }

  /** Takes nothing more, and resolves when nothing runs any more. */
  drain(drain: Drain): Promise<void> {
    return (this.#draining ??= this.#worker.drain(drain));
  }

  /** Takes nothing more. What runs is the supervisor's matter. */
  async close(): Promise<void> {
    const { database, workerId, version, slots, log } = this.#options;
    await this.#stopServing();
    await this.#worker.close();
    await seeWorker(database.orm, {
      ...{ id: workerId, address: null, version, slots, used: 0, load: 0, rssMib: 0, state: 'gone' },
    }).catch((err: unknown) => {
      log.warn({ err }, 'the fleet was not told that this worker is gone');
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
