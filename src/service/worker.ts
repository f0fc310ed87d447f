/** A worker: a machine that runs meetings of a fleet, without an API of its own. */
import type { OpenAiAccess } from '../agent/openai/openai-call.js';
import { type Clock, systemClock } from '../clock.js';
import type { Database } from '../database/database.js';
import type { MachineLoad } from '../fleet/capacity.js';
import { openPgBoss } from '../fleet/pg-boss.js';
import type { Drain } from '../fleet/worker.js';
import type { Logger } from '../log.js';
import type { SupervisorOptions } from '../supervisor/supervisor.js';
import { DocumentLibraries } from './agent/document-libraries.js';
import { SecretBox } from './auth/secret-box.js';
import { LiveFeeds } from './events/live-feeds.js';
import { FleetMachine, workerIdIn } from './meetings/fleet-machine.js';
import { planLeftoverJournals } from './meetings/leftover-journals.js';
import type { MeetingSupervisor } from './meetings/meeting-supervisor.js';
import { openMeetings } from './meetings/open-meetings.js';
import type { MeetingPlaces } from './meetings/places.js';
import { OWN_MACHINE, parsePeerAddress } from './peers/peer-connection.js';
import { listenToPeers } from './peers/peer-server.js';
import { ServiceMetrics } from './service-metrics.js';

/** What a worker is made of. */
export type WorkerOptions = {
  readonly version: string;
  readonly database: Database;
  /** The same database, for its jobs. */
  readonly databaseUrl: string;
  readonly places: MeetingPlaces;
  readonly runFolder: string;
  readonly serviceSecret: string;
  /** Where other machines of the service reach this one, `host:port`; by default a free port that only this machine reaches. */
  readonly peerAddress?: string | undefined;
  readonly slots: number;
  /** Finds documents by their meaning, too, for agents. */
  readonly openAi?: OpenAiAccess | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
  /** How busy the machine is; by default as it is measured. */
  readonly measure?: () => MachineLoad;
  /** By default one that runs each meeting in a process of its own. */
  readonly openSupervisor?: (options: SupervisorOptions) => Promise<MeetingSupervisor>;
};

/** A running worker. */
export interface Worker {
  readonly id: string;
  /** Meetings that run here. */
  readonly used: number;
  /** Takes nothing more, and resolves when nothing runs any more. */
  drain(drain: Drain): Promise<void>;
  /** `keep`: meetings go on for a minute, for the next worker with the same folder. Safe to call twice. */
  close(options: { meetings: 'leave' | 'keep' }): Promise<void>;
}

/** Starts a worker. Rejects with ParleyError where its folder or the database cannot be used. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const {
    database,
    databaseUrl,
    runFolder,
    slots,
    version,
    serviceSecret,
    log,
    clock = systemClock,
  } = options;
  const workerId = await workerIdIn(runFolder);
  const fleet = await openPgBoss({ database, url: databaseUrl, clock, log });
  const feeds = new LiveFeeds(clock);
  const documents = new DocumentLibraries({ database, openAi: options.openAi, clock, log });
  const opened = await openMeetings({
    ...options,
    ...{ workerId, fleet, clock, feeds, metrics: new ServiceMetrics() },
    secrets: new SecretBox(serviceSecret),
    documentsOf: (workspaceId) => documents.of(workspaceId),
    toolsAtPrivateAddresses: false,
  });
  const { meetings, supervisor, recorder, claims } = opened;
  const peers = await listenToPeers({
    ...{ address: parsePeerAddress(options.peerAddress ?? OWN_MACHINE), serviceSecret, feeds, log },
    runs: (botId) => supervisor.status(botId) !== undefined,
  });
  const machine = new FleetMachine({
    ...{ database, fleet, meetings, supervisor, claims, workerId, version, slots, clock, log },
    ...{ address: peers.address, measure: options.measure },
  });
  await machine.start();
  const timer = planLeftoverJournals({ runFolder, supervisor, recorder, clock, log });
  let closing: Promise<void> | undefined;
  const close = async (how: 'leave' | 'keep'): Promise<void> => {
    timer.cancel();
    await machine.close();
    await meetings.close(how);
    feeds.close();
    await peers.close();
    await fleet.engine.close();
  };
  return {
    id: workerId,
    get used() {
      return machine.used;
    },
    drain: (drain) => machine.drain(drain),
    close: ({ meetings: how }) => (closing ??= close(how)),
  };
}
