import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.js';
import { ParleyError } from '../errors.js';
import { EventEmitter, type EventSource } from '../events.js';
import type { Logger } from '../log.js';
import type { MeetingAssignment, MeetingCommand } from '../meeting-process/protocol.js';
import { readJournal } from '../meeting-process/read-journal.js';
import { pause } from '../pause.js';
import { type AdoptRequest, listenForOrphans } from './adoption.js';
import type { ChildHandle } from './child-handle.js';
import { type ChildProgram, forkChild, meetingProgram } from './fork-child.js';
import type { AnswerQuestion } from './open-questions.js';
import { Spares } from './spares.js';
import { SupervisedMeeting } from './supervised-meeting.js';
import type { SupervisedStatus, SupervisorEvents } from './supervisor-events.js';

/** Old space of V8 in a meeting process; most of what a meeting takes lies outside. */
const MAX_HEAP_MB = 512;
const MAX_RSS_BYTES = 1.5 * 1024 ** 3;
const CLAIM_RETRY_MS = 1_000;

/** What a meeting is started with; where its journal lies and which process of it this is are the supervisor's matter. */
export type MeetingRequest = Omit<MeetingAssignment, 'journalFolder' | 'adoptionSocket' | 'incarnation'> & {
  /** 1 by default: a meeting that another machine had before has a later one. */
  readonly incarnation?: number;
};

/** What a supervisor is made of. */
export type SupervisorOptions = {
  /** Journals of running meetings, and the socket of this supervisor, lie here; only its owner can read it. */
  runFolder: string;
  /** A process is to be replaced: claims the meeting anew. `fenced`: somebody else has it. Rejections are tried again. */
  nextEpoch: (botId: string) => Promise<number | 'fenced'>;
  /** Whether the claim of this epoch still holds. Rejects where that cannot be known. */
  confirmEpoch: (botId: string, epoch: number) => Promise<boolean>;
  /** What agents of meetings look up; absent: nothing is known. Asked eight times at once by a meeting, and given 8 s. */
  answerQuestion?: AnswerQuestion;
  log: Logger;
  /** Processes that are kept ready for the next meeting, 1 by default. */
  spares?: number;
  /** A process that has more is replaced in a pause; 1.5 GiB by default. */
  maxRssBytes?: number;
  maxHeapMb?: number;
  /** The meeting process of this package by default. */
  program?: ChildProgram;
  clock?: Clock;
};

/**
 * Runs meetings, each in a process of its own, and sees to it that they go on: a process that crashes, hangs or stands still is
 * replaced. It knows no database. Meetings outlive it for a minute, and the next supervisor with the same folder takes them over.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #events: EventEmitter<SupervisorEvents>;
  readonly #spares: Spares;
  readonly #meetings = new Map<string, SupervisedMeeting>();
  /** Of meetings that are over: the last event of each epoch that is not acknowledged. */
  readonly #unacknowledged = new Map<string, Map<number, number>>();
  #orphans: { close(): Promise<void> } | undefined;
  #isClosed = false;

  private constructor(options: SupervisorOptions) {
    this.#options = options;
    const {
      clock = systemClock,
      log,
      spares = 1,
      program = meetingProgram(),
      maxHeapMb = MAX_HEAP_MB,
    } = options;
    this.#clock = clock;
    this.#events = new EventEmitter((err, event) => {
      log.error({ err, event }, 'a listener of the supervisor failed');
    });
    this.#spares = new Spares({ fork: () => forkChild(program, { maxHeapMb }), count: spares, clock, log });
    this.#events.on('event', (botId, epoch, { seq }) => {
      const ofBot = this.#unacknowledged.get(botId) ?? new Map<number, number>();
      this.#unacknowledged.set(botId, ofBot.set(epoch, Math.max(seq, ofBot.get(epoch) ?? 0)));
    });
  }

  /**
   * Throws ParleyError `service_unavailable` where another supervisor has the folder, `config` for a folder that cannot be used.
   */
  static async open(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options);
    try {
      supervisor.#orphans = await listenForOrphans(supervisor.#socket, (request, child) => {
        void supervisor.#onOrphan(request, child);
      });
    } catch (error) {
      supervisor.#spares.close();
      throw error;
    }
    return supervisor;
  }

  get events(): EventSource<SupervisorEvents> {
    return this.#events;
  }

  /**
   * Starts a meeting, which goes on until it has ended, by its own policy of restarts. How it goes is told by the events. Throws
   * ParleyError `usage` for a bot that runs here already, `service_unavailable` after `close`.
   */
  start({ incarnation = 1, ...request }: MeetingRequest): void {
    const { botId } = request;
    if (this.#isClosed) throw new ParleyError('service_unavailable', 'the supervisor is closed');
    if (this.#meetings.has(botId)) throw new ParleyError('usage', `${botId} runs here already`);
    this.#add({
      ...request,
      incarnation,
      journalFolder: this.journalFolderOf(botId),
      adoptionSocket: this.#socket,
    }).start();
  }

  /** Rejects with ParleyError: `usage` for a bot that does not run here, and as the meeting does. */
  async command(botId: string, command: MeetingCommand): Promise<unknown> {
    return this.#get(botId).command(command);
  }

  /** One that was started with `prepareOnly` joins now. Throws ParleyError `usage` for a bot that does not run here. */
  join(botId: string): void {
    this.#get(botId).join();
  }

  /** Somebody else has the meeting: its process ends at once. Does nothing where it does not run here. */
  abandon(botId: string): void {
    this.#meetings.get(botId)?.abandon();
  }

  /** Events of this epoch up to `seq` are kept elsewhere: the journal need not have them any more. */
  acknowledge(botId: string, epoch: number, seq: number): void {
    this.#meetings.get(botId)?.acknowledge(epoch, seq);
    const ofBot = this.#unacknowledged.get(botId);
    if ((ofBot?.get(epoch) ?? Infinity) > seq) return;
    ofBot?.delete(epoch);
    this.#forgetAcknowledged(botId);
  }

  /** Where the journal of a bot lies, whether it runs or did before. */
  journalFolderOf(botId: string): string {
    return join(this.#options.runFolder, 'journals', botId);
  }

  /** Removes the journal of a bot that does not run here any more. */
  async forgetJournal(botId: string): Promise<void> {
    if (this.#meetings.has(botId)) return;
    await rm(this.journalFolderOf(botId), { recursive: true, force: true });
  }

  /** Undefined where it does not run here. */
  status(botId: string): SupervisedStatus | undefined {
    return this.#meetings.get(botId)?.status;
  }

  list(): readonly SupervisedStatus[] {
    return [...this.#meetings.values()].map(({ status }) => status);
  }

  /**
   * `leave`: all meetings are left, after `drainMs` at most, and told farewell. `keep`: they go on, for a minute at most, for the
   * next supervisor with this folder. Safe to call twice.
   */
  async close(options: { meetings: 'leave' | 'keep'; drainMs?: number }): Promise<void> {
    this.#isClosed = true;
    this.#spares.close();
    const meetings = [...this.#meetings.values()];
    if (options.meetings === 'keep') await this.#orphans?.close();
    await Promise.all(
      meetings.map(async (meeting) => {
        if (options.meetings === 'keep') meeting.letGo();
        else await meeting.command({ kind: 'stop', drainMs: options.drainMs ?? 0 });
      }),
    );
    if (options.meetings === 'leave') await this.#orphans?.close();
    this.#orphans = undefined;
  }

  #forgetAcknowledged(botId: string): void {
    if (this.#meetings.has(botId) || this.#unacknowledged.get(botId)?.size !== 0) return;
    this.#unacknowledged.delete(botId);
    void this.forgetJournal(botId);
  }

  get #socket(): string {
    return join(this.#options.runFolder, 'supervisor.sock');
  }

  #get(botId: string): SupervisedMeeting {
    const meeting = this.#meetings.get(botId);
    if (meeting === undefined) throw new ParleyError('usage', `${botId} does not run here`);
    return meeting;
  }

  #add(assignment: MeetingAssignment): SupervisedMeeting {
    const { nextEpoch, confirmEpoch, answerQuestion, log, maxRssBytes = MAX_RSS_BYTES } = this.#options;
    const meeting = new SupervisedMeeting(assignment, {
      ...{ clock: this.#clock, log, events: this.#events, nextEpoch, confirmEpoch, readJournal, maxRssBytes },
      answerQuestion,
      takeChild: () => this.#spares.take(),
    });
    this.#meetings.set(meeting.botId, meeting);
    void meeting.over.then(() => {
      if (this.#meetings.get(meeting.botId) === meeting) this.#meetings.delete(meeting.botId);
      if (!this.#isClosed) this.#forgetAcknowledged(meeting.botId);
    });
    return meeting;
  }

  /** A process whose supervisor is gone: it is ours if its claim still holds. */
  async #onOrphan(request: AdoptRequest, child: ChildHandle): Promise<void> {
    const { log } = this.#options;
    const { assignment, state, lastSeq } = request;
    const { botId, epoch } = assignment;
    const gone = new AbortController();
    void child.exited.then(() => {
      gone.abort();
    });
    const isValid = await this.#claimHolds(botId, epoch, gone.signal);
    if (isValid === undefined) return;
    const mayRun = isValid && !this.#meetings.has(botId);
    child.channel.send({ v: 1, type: 'confirm', epoch, isValid: mayRun });
    log.info({ botId, epoch, mayRun }, 'a meeting without a supervisor was found');
    if (mayRun) this.#add(assignment).adopt(child, state, lastSeq);
  }

  /** Asks until it is answered; undefined where that does not matter any more. */
  async #claimHolds(botId: string, epoch: number, gone: AbortSignal): Promise<boolean | undefined> {
    const { confirmEpoch, log } = this.#options;
    while (!gone.aborted && !this.#isClosed) {
      try {
        return await confirmEpoch(botId, epoch);
      } catch (err) {
        log.warn(
          { botId, epoch, err },
          'the claim of a meeting without a supervisor cannot be confirmed yet',
        );
        await pause(CLAIM_RETRY_MS, this.#clock, gone);
      }
    }
    return undefined;
  }
}
