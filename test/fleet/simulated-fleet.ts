/**
 * A fleet on a virtual clock: workers, supervisors, claims and fences are the real ones; machines, processes, the database and
 * the meeting's service are simulated, so that any of them can fail at any time. The service lets one participant in under one
 * id, and puts the other one out, as VideoSDK's does.
 */
import type { VirtualClock } from '../../src/clock.js';
import { EventEmitter } from '../../src/events.js';
import { Capacity } from '../../src/fleet/capacity.js';
import { DatabaseWatch } from '../../src/fleet/database-watch.js';
import { FleetRunner } from '../../src/fleet/fleet-runner.js';
import { FleetWorker } from '../../src/fleet/worker.js';
import { createLogger } from '../../src/log.js';
import { EpochFence } from '../../src/meeting-process/epoch-fence.js';
import type { ChildMessage, MeetingAssignment, ParentMessage } from '../../src/meeting-process/protocol.js';
import type { ChildExit, ChildHandle } from '../../src/supervisor/child-handle.js';
import { SupervisedMeeting } from '../../src/supervisor/supervised-meeting.js';
import type { SupervisorEvents } from '../../src/supervisor/supervisor-events.js';
import { participantIdOf } from '../../src/service/meetings/participant-id.js';
import type { MeetingRequest } from '../../src/supervisor/supervisor.js';
import { MemoryEngine, type MemoryJobs } from './memory-engine.js';

/** Frames are of this length here. */
export const FRAME_MS = 50;
const BEAT_MS = 1_000;
const log = createLogger({ level: 'silent' });

/** The meeting's service: who is in, each under an id of its own. */
export class SimulatedRoom {
  readonly #seats = new Map<string, SimulatedProcess>();
  /** A process came in: the time of each. */
  readonly joins: number[] = [];

  /** A process that is in, where one is. */
  get seat(): SimulatedProcess | undefined {
    return [...this.#seats.values()][0];
  }

  /** Whether people hear what a process sends. */
  hears(process: SimulatedProcess): boolean {
    return this.#seats.get(process.participantId) === process;
  }

  enter(process: SimulatedProcess, nowMs: number): void {
    const before = this.#seats.get(process.participantId);
    this.#seats.set(process.participantId, process);
    this.joins.push(nowMs);
    if (before !== process) before?.putOut();
  }

  leave(process: SimulatedProcess): void {
    if (this.hears(process)) this.#seats.delete(process.participantId);
  }
}

/** A meeting process that speaks all the time that it may. */
export class SimulatedProcess implements ChildHandle {
  static count = 0;
  readonly pid = ++SimulatedProcess.count;
  readonly exited: Promise<ChildExit>;
  readonly channel: ChildHandle['channel'];
  assignment: MeetingAssignment | undefined;
  isStopped = false;
  /** It cannot reach the meeting's service. */
  isCut = false;
  isGone = false;
  readonly #clock: VirtualClock;
  readonly #room: SimulatedRoom;
  readonly #fence: EpochFence;
  readonly #inbox: ParentMessage[] = [];
  #listener: (message: ChildMessage) => void = () => undefined;
  #exit: (exit: ChildExit) => void = () => undefined;
  #wantsIn = false;
  #joinsAtMs = Infinity;
  #beatAtMs = 0;
  #isPutOut = false;
  #wasIn = false;

  constructor(clock: VirtualClock, room: SimulatedRoom, joinMs: number) {
    this.#clock = clock;
    this.#room = room;
    this.exited = new Promise((resolve) => (this.#exit = resolve));
    this.#fence = new EpochFence({
      onGap: (gapMs) => this.#say({ v: 1, type: 'confirmRequest', gapMs }),
      onExpired: () => this.#endFenced(),
    });
    this.channel = {
      send: (message) => {
        if (this.isGone) return false;
        this.#inbox.push(message);
        if (message.type === 'assign') this.#joinsAtMs = clock.nowMs() + joinMs;
        return true;
      },
      onMessage: (listener) => (this.#listener = listener),
      onClose: () => undefined,
      counters: { dropped: 0, refused: 0 },
      flush: () => Promise.resolve(),
      close: () => undefined,
    };
  }

  kill(): void {
    this.#goes(undefined, 'SIGKILL');
  }

  output(): string {
    return '';
  }

  get participantId(): string {
    return this.assignment?.participantId ?? '';
  }

  /** Told by the service; a process that stands still, or is cut off, hears of it later. */
  putOut(): void {
    this.#isPutOut = true;
  }

  /** A moment of its life. Returns whether it sent a frame, since it takes itself to be in the meeting. */
  live(): boolean {
    if (this.isGone || this.isStopped) return false;
    const nowMs = this.#clock.nowMs();
    for (const message of this.#inbox.splice(0)) this.#take(message);
    // The way of a frame: the gate comes first, whatever else is due.
    const mayBeHeard = this.#fence.passes({ monotonicMs: nowMs, wallMs: nowMs });
    if (this.#hasGone()) return false;
    if (this.assignment !== undefined && nowMs >= this.#beatAtMs) {
      this.#beatAtMs = nowMs + BEAT_MS;
      this.#beat();
    }
    if (this.isCut) {
      // Its connection to the service is gone: so is its seat, and it comes back by itself when it can.
      this.#room.leave(this);
      if (this.#wasIn) this.#wantsIn = true;
      return false;
    }
    if (this.#isPutOut) {
      this.#isPutOut = false;
      this.#endFenced();
      return false;
    }
    if (this.#wantsIn || nowMs >= this.#joinsAtMs) {
      this.#wantsIn = false;
      this.#joinsAtMs = Infinity;
      this.#wasIn = true;
      this.#room.enter(this, nowMs);
      this.#say({ v: 1, type: 'state', state: 'active' });
    }
    return mayBeHeard && this.#wasIn;
  }

  /** Asked anew after what may have ended it. */
  #hasGone(): boolean {
    return this.isGone;
  }

  #take(message: ParentMessage): void {
    if (message.type === 'assign') this.assignment = message.assignment;
    if (message.type !== 'confirm' || message.epoch !== this.assignment?.epoch) return;
    if (message.isValid) this.#fence.open();
    else this.#endFenced();
  }

  #beat(): void {
    this.#say({
      ...{ v: 1, type: 'beat' },
      beat: {
        ...{
          framesPulled: this.#clock.nowMs(),
          framesHeard: this.#clock.nowMs(),
          speaking: true,
          openMicrophones: 1,
        },
        ...{
          roomState: this.#room.hears(this) ? 'connected' : 'reconnecting',
          loopDelayMs: 1,
          rssBytes: 1,
        },
        ...{ fenced: this.#fence.isClosed, journalLost: 0 },
      },
    });
  }

  #endFenced(): void {
    this.#say({ v: 1, type: 'ended', ended: { reason: 'fenced', exitCode: 75 } });
    this.#goes(75, undefined);
  }

  #say(message: ChildMessage): void {
    if (!this.isGone) this.#listener(message);
  }

  #goes(code: number | undefined, signal: NodeJS.Signals | undefined): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#room.leave(this);
    this.#exit({ code, signal });
  }
}

/** The table of bots: one bot and its epoch. */
export class SimulatedBots {
  epoch = 0;
  readonly #jobs: MemoryJobs;

  constructor(jobs: MemoryJobs) {
    this.#jobs = jobs;
  }

  claimsOf(engine: MemoryEngine) {
    const reach = async (): Promise<void> => {
      await Promise.resolve();
      if (this.#jobs.isAway || engine.isCut) throw new Error('connect ECONNREFUSED');
    };
    return {
      take: async () => {
        await reach();
        return ++this.epoch;
      },
      renew: async (_: string, epoch: number) => {
        await reach();
        return this.epoch === epoch ? ++this.epoch : undefined;
      },
      holds: async (_: string, epoch: number) => {
        await reach();
        return this.epoch === epoch;
      },
    };
  }
}

/** A machine with one worker. */
export class SimulatedMachine {
  readonly engine: MemoryEngine;
  readonly worker: FleetWorker;
  readonly processes: SimulatedProcess[] = [];
  isDead = false;

  constructor(options: {
    clock: VirtualClock;
    jobs: MemoryJobs;
    bots: SimulatedBots;
    room: SimulatedRoom;
    joinMs: () => number;
    /** Of the service, the same on each machine. */
    secret: string;
  }) {
    const { clock, jobs, bots, room, joinMs, secret } = options;
    this.engine = new MemoryEngine(jobs);
    const claims = bots.claimsOf(this.engine);
    const events = new EventEmitter<SupervisorEvents>();
    const meetings = new Map<string, SupervisedMeeting>();
    const supervisor = {
      events,
      start: (request: MeetingRequest) => {
        const meeting: SupervisedMeeting = new SupervisedMeeting(
          { ...request, incarnation: 1, journalFolder: '/nowhere' },
          {
            ...{ clock, log, events, maxRssBytes: Infinity },
            takeChild: () => {
              const process = new SimulatedProcess(clock, room, joinMs());
              this.processes.push(process);
              return process;
            },
            nextEpoch: async (botId) => (await claims.renew(botId, meeting.epoch)) ?? 'fenced',
            confirmEpoch: (botId, epoch) => claims.holds(botId, epoch),
            readJournal: () => Promise.resolve({ events: [], unreadableLines: 0 }),
          },
        );
        meetings.set(request.botId, meeting);
        void meeting.over.then(() => meetings.delete(request.botId));
        meeting.start();
      },
      abandon: (botId: string) => meetings.get(botId)?.abandon(),
      status: (botId: string) => meetings.get(botId)?.status,
      command: (botId: string) => meetings.get(botId)?.command({ kind: 'stop' }) ?? Promise.resolve(),
    };
    const runner = new FleetRunner({
      ...{ claims, supervisor, clock, log },
      requestOf: (botId, epoch) =>
        Promise.resolve({
          ...{ botId, epoch, place: 'embedded', meetingId: 'room', settings: {} },
          participantId: participantIdOf(secret, 'embedded', 'room'),
          platform: { kind: 'embedded', credentials: { kind: 'token', token: 't' } },
          backend: { kind: 'embedded', url: 'ws://x', key: 'k', model: 'm', description: 'd' },
        }),
      onFailed: () => Promise.resolve(),
    });
    this.worker = new FleetWorker({
      ...{ engine: this.engine, runner, clock, log },
      watch: new DatabaseWatch({
        ask: () => this.engine.find('-').then(() => true),
        clock,
        heartbeatMs: this.engine.heartbeatMs,
      }),
      capacity: new Capacity(4),
      measure: () => ({ cpu: 0.1, freeBytes: 8 * 1024 ** 3 }),
    });
    this.worker.start();
  }

  /** Power off: nothing of it goes on. */
  die(): void {
    this.isDead = true;
    this.engine.isCut = true;
    void this.worker.close();
    for (const process of this.processes) process.isStopped = true;
    for (const process of this.processes) process.kill();
  }
}
