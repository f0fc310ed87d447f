/** One meeting from its start to its end, through as many processes as it takes. */
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf } from '../errors.js';
import type { EventEmitter } from '../events.js';
import type { Logger } from '../log.js';
import { secretsOf } from '../meeting-process/assignment-secrets.js';
import {
  type Beat,
  type ChildMessage,
  EXIT_FENCED,
  type MeetingAssignment,
  type MeetingCommand,
  type MeetingEnd,
} from '../meeting-process/protocol.js';
import type { JournalContent } from '../meeting-process/read-journal.js';
import type { ChildExit, ChildHandle } from './child-handle.js';
import { Liveness } from './liveness.js';
import { afterCommand, afterEvent } from './next-assignment.js';
import { type AnswerQuestion, OpenQuestions } from './open-questions.js';
import { PendingCommands, restarting } from './pending-commands.js';
import { ProcessEvents } from './process-events.js';
import { ProcessWatch } from './process-watch.js';
import { Restarts } from './restarts.js';
import type { SupervisedStatus, SupervisorEvents } from './supervisor-events.js';
import { ToldState } from './told-state.js';

/** After being asked to leave, beyond what it may drain and say. */
const LEAVE_MS = 15_000;
/** Memory that is worth a line in the log. */
const MUCH_MEMORY_BYTES = 1024 ** 3;

/** What the meetings of one supervisor share. */
export type MeetingSurroundings = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventEmitter<SupervisorEvents>;
  /** A process that waits for its assignment. Throws ParleyError where none can be had. */
  readonly takeChild: () => ChildHandle;
  readonly nextEpoch: (botId: string) => Promise<number | 'fenced'>;
  readonly confirmEpoch: (botId: string, epoch: number) => Promise<boolean>;
  readonly readJournal: (folder: string, epoch: number) => Promise<JournalContent>;
  /** See `SupervisorOptions`. */
  readonly answerQuestion?: AnswerQuestion | undefined;
  /** A process that has more is replaced in a pause. */
  readonly maxRssBytes: number;
};

type StateMessage = ChildMessage & { type: 'state' };
type QuestionMessage = ChildMessage & { type: 'question' };

type Attempt = {
  readonly epoch: number;
  readonly child: ChildHandle;
  readonly startedAtMs: number;
  readonly liveness: Liveness;
  readonly events: ProcessEvents;
  wasActive: boolean;
  ended: MeetingEnd | undefined;
  killedFor: string | undefined;
};

/** See the head of this file. */
export class SupervisedMeeting {
  readonly botId: string;
  /** Resolves when nothing of it runs any more. */
  readonly over: Promise<void>;
  readonly #around: MeetingSurroundings;
  #assignment: MeetingAssignment;
  #attempt: Attempt | undefined;
  readonly #state: ToldState;
  #stopping = false;
  #replacing = false;
  #isOver = false;
  readonly #restarts: Restarts;
  readonly #watch: ProcessWatch;
  readonly #commands: PendingCommands;
  readonly #questions: OpenQuestions;
  #leaveTimer: TimerHandle | undefined;
  #toldOfMemory = false;
  #settle: () => void = () => undefined;

  constructor(assignment: MeetingAssignment, around: MeetingSurroundings) {
    this.botId = assignment.botId;
    this.#assignment = assignment;
    this.#around = around;
    this.#state = new ToldState(assignment.epoch, (epoch, state, detail) => {
      around.events.emit('state', this.botId, epoch, state, detail);
    });
    const { clock, log, nextEpoch } = around;
    this.#restarts = new Restarts({
      ...{ botId: this.botId, clock, log, nextEpoch },
      isWanted: () => !this.#isOver,
    });
    this.#watch = new ProcessWatch(clock);
    this.#commands = new PendingCommands(clock);
    this.#questions = new OpenQuestions(around);
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get epoch(): number {
    return this.#assignment.epoch;
  }

  get status(): SupervisedStatus {
    return {
      botId: this.botId,
      meetingId: this.#assignment.meetingId,
      epoch: this.epoch,
      state: this.#state.state,
      waitingFor: this.#state.waitingFor,
      pid: this.#attempt?.child.pid,
      restarts: this.#restarts.crashes,
      beat: this.#attempt?.liveness.last,
    };
  }

  /** Begins with a process of ours. */
  start(): void {
    let child: ChildHandle;
    try {
      child = this.#around.takeChild();
    } catch (error) {
      void this.#crashed(messageOf(error), undefined);
      return;
    }
    this.#hold(child, false);
    child.channel.send({ v: 1, type: 'assign', assignment: this.#assignment });
  }

  /** Goes on with a process whose supervisor is gone. */
  adopt(child: ChildHandle, state: StateMessage['state'], lastSeq: number): void {
    const attempt = this.#hold(child, true);
    this.#onState(attempt, { state });
    attempt.events.goOnFrom(lastSeq);
  }

  /** One that waits staged joins. */
  join(): void {
    this.#attempt?.child.channel.send({ v: 1, type: 'join' });
  }

  acknowledge(epoch: number, seq: number): void {
    if (this.#attempt?.epoch === epoch) this.#attempt.child.channel.send({ v: 1, type: 'ack', seq });
  }

  /** Rejects with ParleyError as the meeting does, and `service_unavailable` where no process takes it now. */
  command(command: MeetingCommand): Promise<unknown> {
    if (command.kind === 'stop') return this.#stop(command);
    const attempt = this.#attempt;
    if (attempt === undefined) return Promise.reject(restarting());
    return this.#commands.ask(command, (message) => attempt.child.channel.send(message));
  }

  /** Somebody else has the meeting: its process ends at once, and nobody starts it again. */
  abandon(): void {
    const child = this.#attempt?.child;
    this.#finish({ reason: 'fenced', exitCode: EXIT_FENCED, message: 'another worker has the meeting' });
    child?.kill('SIGKILL');
  }

  /** Nobody supervises it from now on; the process looks for somebody who does. */
  letGo(): void {
    this.#isOver = true;
    this.#cancelTimers();
    this.#attempt?.child.channel.close();
    this.#settle();
  }

  async #stop(command: MeetingCommand & { kind: 'stop' }): Promise<void> {
    const { drainMs = 0 } = command;
    this.#stopping = true;
    const attempt = this.#attempt;
    if (attempt === undefined) {
      this.#finish({ reason: 'asked', exitCode: 0 });
      return this.over;
    }
    this.#state.leaves(this.epoch);
    attempt.child.channel.send(this.#commands.message(command));
    this.#leaveTimer ??= this.#around.clock.setTimer(() => {
      this.#kill(attempt, 'it did not leave');
    }, drainMs + LEAVE_MS);
    return this.over;
  }

  #hold(child: ChildHandle, adopted: boolean): Attempt {
    const { clock, events } = this.#around;
    const { epoch } = this;
    const attempt: Attempt = {
      ...{ epoch, child, startedAtMs: clock.epochMs() },
      liveness: new Liveness(clock.nowMs()),
      events: this.#eventsOf(epoch),
      wasActive: false,
      ended: undefined,
      killedFor: undefined,
    };
    this.#attempt = attempt;
    child.channel.onMessage((message) => {
      this.#onMessage(attempt, message);
    });
    void child.exited.then((exit) => this.#onExit(attempt, exit));
    events.emit('attempt', { kind: 'started', adopted, ...this.#about(attempt) });
    this.#state.begins(epoch);
    this.#watch.start(attempt.liveness, (finding) => {
      if (attempt.killedFor === undefined) this.#kill(attempt, finding);
    });
    return attempt;
  }

  /** What is to outlive the process is kept for the next one. */
  #eventsOf(epoch: number): ProcessEvents {
    const { events, log, readJournal } = this.#around;
    return new ProcessEvents({
      readJournal: () => readJournal(this.#assignment.journalFolder, epoch),
      tell: (event, atMs) => {
        this.#assignment = afterEvent(this.#assignment, event);
        events.emit('event', this.botId, epoch, event, atMs);
      },
      onUnreadable: (err) => {
        log.error({ botId: this.botId, epoch, err }, 'a journal cannot be read');
      },
    });
  }

  #about({ epoch, child, startedAtMs }: Attempt): {
    botId: string;
    epoch: number;
    pid: number;
    startedAtMs: number;
  } {
    return { botId: this.botId, epoch, pid: child.pid, startedAtMs };
  }

  #onMessage(attempt: Attempt, message: ChildMessage): void {
    switch (message.type) {
      case 'event':
        attempt.events.take(message);
        break;
      case 'state':
        this.#onState(attempt, message);
        break;
      case 'beat':
        this.#onBeat(attempt, message.beat);
        break;
      case 'result':
        this.#remember(this.#commands.answered(message), message.value);
        break;
      case 'question':
        void this.#answer(attempt, message);
        break;
      case 'confirmRequest':
        void this.#confirm(attempt, message.gapMs);
        break;
      case 'journal':
        this.#around.events.emit('journal', this.botId, message.failing, message.message);
        break;
      case 'ended':
        attempt.ended = message.ended;
        break;
      case 'ready':
      case 'adopt':
        break;
    }
  }

  #onState(attempt: Attempt, { state, waitingFor }: Pick<StateMessage, 'state' | 'waitingFor'>): void {
    attempt.wasActive ||= state === 'active';
    this.#state.follow(this.epoch, state, waitingFor, this.#replacing);
  }

  #onBeat(attempt: Attempt, beat: Beat): void {
    const { clock, log, maxRssBytes } = this.#around;
    attempt.liveness.beat(beat, clock.nowMs());
    if (beat.rssBytes > MUCH_MEMORY_BYTES && !this.#toldOfMemory) {
      this.#toldOfMemory = true;
      log.warn(
        { botId: this.botId, epoch: attempt.epoch, rssBytes: beat.rssBytes },
        'a meeting takes much memory',
      );
    }
    if (beat.rssBytes > maxRssBytes && !beat.speaking && !this.#replacing && !this.#stopping) {
      this.#replacing = true;
      attempt.killedFor = 'memory';
      attempt.child.channel.send(this.#commands.message({ kind: 'stop' }));
      this.#leaveTimer = clock.setTimer(() => {
        this.#kill(attempt, 'memory');
      }, LEAVE_MS);
    }
  }

  /** What the host has changed outlives a process. */
  #remember(command: MeetingCommand | undefined, value: unknown): void {
    if (command !== undefined) this.#assignment = afterCommand(this.#assignment, command, value);
  }

  /** Only the process that has the meeting is answered: one of an epoch before learns nothing. */
  async #answer(attempt: Attempt, { id, epoch, question }: QuestionMessage): Promise<void> {
    const isItsTurn = this.#attempt === attempt && epoch === attempt.epoch;
    const answer = isItsTurn ? await this.#questions.answer(this.botId, epoch, question) : undefined;
    attempt.child.channel.send({ v: 1, type: 'answer', id, ...(answer === undefined ? {} : { answer }) });
  }

  /** A process that stood still asks whether it still has the meeting; where nobody knows, it is not answered. */
  async #confirm(attempt: Attempt, gapMs: number): Promise<void> {
    const { log, confirmEpoch } = this.#around;
    const { epoch, child } = attempt;
    log.warn({ botId: this.botId, epoch, gapMs }, 'a meeting process stood still');
    try {
      const isValid = await confirmEpoch(this.botId, epoch);
      child.channel.send({ v: 1, type: 'confirm', epoch, isValid });
    } catch (error) {
      log.warn({ botId: this.botId, epoch, err: error }, 'the claim could not be confirmed');
    }
  }

  #kill(attempt: Attempt, why: string): void {
    attempt.killedFor ??= why;
    const { beat } = this.status;
    this.#around.log.error(
      { botId: this.botId, epoch: attempt.epoch, why, beat },
      'a meeting process is killed',
    );
    attempt.child.kill('SIGKILL');
  }

  async #onExit(attempt: Attempt, exit: ChildExit): Promise<void> {
    if (this.#isOver || this.#attempt !== attempt) return;
    this.#attempt = undefined;
    this.#cancelTimers();
    const { clock, events } = this.#around;
    this.#commands.rejectAll();
    await attempt.events.end(() => attempt.ended !== undefined);
    events.emit('attempt', {
      ...{ kind: 'ended', ...this.#about(attempt), endedAtMs: clock.epochMs(), exit },
      killedFor: attempt.killedFor,
      rssBytes: attempt.liveness.last?.rssBytes,
      log: attempt.child.output(secretsOf(this.#assignment)),
    });
    const { ended } = attempt;
    if (exit.code === EXIT_FENCED || ended?.reason === 'fenced')
      this.#finish(ended ?? { reason: 'fenced', exitCode: EXIT_FENCED });
    else if (this.#stopping)
      this.#finish(ended ?? { reason: 'asked', exitCode: 0, message: exitText(attempt, exit) });
    else if (this.#replacing) {
      this.#replacing = false;
      await this.#restarts.next(0, (epoch) => {
        this.#again(attempt, epoch);
      });
    } else if (ended !== undefined && ended.retry !== true) this.#finish(ended);
    else await this.#crashed(ended?.message ?? exitText(attempt, exit), attempt);
  }

  async #crashed(message: string, attempt: Attempt | undefined): Promise<void> {
    const decision = this.#restarts.crashed();
    const { log } = this.#around;
    log.error({ botId: this.botId, epoch: this.epoch, message, decision }, 'a meeting process ended unasked');
    if (decision.kind === 'give_up') {
      const end = attempt?.ended ?? {
        reason: 'crash_loop',
        exitCode: 70,
        message: `the meeting process ended ${this.#restarts.crashes} times in ten minutes: ${message}`,
      };
      this.#finish(withoutRetry(end));
      return;
    }
    this.#state.begins(this.epoch, { message });
    await this.#restarts.next(decision.afterMs, (epoch) => {
      this.#again(attempt, epoch);
    });
  }

  /** The next process, with the next epoch of the claim. */
  #again(attempt: Attempt | undefined, epoch: number | 'fenced'): void {
    if (epoch === 'fenced') {
      this.#finish({ reason: 'fenced', exitCode: EXIT_FENCED, message: 'another process has the meeting' });
      return;
    }
    const again = attempt?.wasActive === true ? 1 : 0;
    this.#assignment = { ...this.#assignment, epoch, incarnation: this.#assignment.incarnation + again };
    this.start();
  }

  #finish(end: MeetingEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimers();
    this.#around.events.emit('ended', this.botId, this.epoch, end);
    this.#settle();
  }

  #cancelTimers(): void {
    this.#watch.stop();
    this.#restarts.cancel();
    this.#leaveTimer?.cancel();
    this.#leaveTimer = undefined;
  }
}

function withoutRetry(end: MeetingEnd): MeetingEnd {
  const { reason, exitCode, message, failure } = end;
  return {
    ...{ reason, exitCode },
    ...(message === undefined ? {} : { message }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function exitText({ killedFor }: Attempt, { code, signal }: ChildExit): string {
  if (killedFor !== undefined) return `the meeting process was killed: ${killedFor}`;
  if (signal !== undefined) return `the meeting process was ended by ${signal}`;
  return code === undefined
    ? 'the meeting process is gone'
    : `the meeting process ended with exit code ${code}`;
}
