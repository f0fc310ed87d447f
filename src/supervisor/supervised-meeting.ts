/** One meeting from its start to its end, through as many processes as it takes. */
import type { BotEvent } from '../bot/event-log.js';
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf } from '../errors.js';
import type { EventEmitter } from '../events.js';
import type { Logger } from '../log.js';
import { withWord } from '../meeting-process/host-word.js';
import { withNote } from '../meeting-process/kept-notes.js';
import { secretsOf } from '../meeting-process/assignment-secrets.js';
import {
  type Beat,
  type ChildMessage,
  EXIT_FENCED,
  type MeetingAssignment,
  type MeetingCommand,
  type MeetingEnd,
  type ProcessState,
  type WaitingFor,
} from '../meeting-process/protocol.js';
import type { JournalContent } from '../meeting-process/read-journal.js';
import type { ChildExit, ChildHandle } from './child-handle.js';
import { Liveness } from './liveness.js';
import { type AnswerQuestion, OpenQuestions } from './open-questions.js';
import { PendingCommands, restarting } from './pending-commands.js';
import { afterCrash } from './restart-policy.js';

const WATCH_MS = 1_000;
/** We ourselves stood still: what did not come meanwhile is not held against anybody. */
const OWN_GAP_MS = 3_000;
/** A claim that cannot be asked for is asked for again. */
const CLAIM_RETRY_MS = 1_000;
/** After being asked to leave, beyond what it may drain and say. */
const LEAVE_MS = 15_000;
/** Memory that is worth a line in the log. */
const MUCH_MEMORY_BYTES = 1024 ** 3;

/** Where a meeting stands, for whoever asked for it. `recovering`: it was joined, and is not interpreted at present. */
export type MeetingState = 'starting' | 'staged' | 'joining' | 'active' | 'recovering' | 'leaving';

/** One process of a meeting, when it began and when it ended. */
export type MeetingAttempt = {
  readonly botId: string;
  readonly epoch: number;
  readonly pid: number;
  readonly startedAtMs: number;
} & (
  | { readonly kind: 'started'; readonly adopted: boolean }
  | {
      readonly kind: 'ended';
      readonly endedAtMs: number;
      readonly exit: ChildExit;
      /** Why it was killed by us: it hung, its media stood still, or it took too much memory. */
      readonly killedFor: string | undefined;
      readonly rssBytes: number | undefined;
      /** The last of what it wrote, without keys. */
      readonly log: string;
    }
);

/** What a supervisor tells. */
export type SupervisorEvents = {
  /** Everything that happens in a meeting, each once unless a process was lost: then those after the last acknowledged again. */
  event: [botId: string, epoch: number, event: BotEvent, atMs: number];
  state: [
    botId: string,
    epoch: number,
    state: MeetingState,
    detail: { waitingFor?: WaitingFor; message?: string },
  ];
  attempt: [attempt: MeetingAttempt];
  /** A meeting's words are not kept at present, or are again. */
  journal: [botId: string, failing: boolean, message: string | undefined];
  ended: [botId: string, epoch: number, end: MeetingEnd];
};

/** A meeting as it stands. */
export type SupervisedStatus = {
  readonly botId: string;
  readonly meetingId: string;
  readonly epoch: number;
  readonly state: MeetingState;
  readonly waitingFor: WaitingFor | undefined;
  /** Undefined between two processes. */
  readonly pid: number | undefined;
  /** How often a process crashed or was killed. */
  readonly restarts: number;
  readonly beat: Beat | undefined;
};

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

type EventMessage = ChildMessage & { type: 'event' };
type QuestionMessage = ChildMessage & { type: 'question' };

type Attempt = {
  readonly epoch: number;
  readonly child: ChildHandle;
  readonly startedAtMs: number;
  readonly liveness: Liveness;
  lastSeq: number;
  /** Events were not delivered. */
  hasGap: boolean;
  /** Set while they are read from the journal: later ones wait, since whoever keeps them takes them in their order. */
  recovering: Promise<void> | undefined;
  held: EventMessage[];
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
  #state: MeetingState = 'starting';
  /** Whose state that is. */
  #toldEpoch: number;
  #waitingFor: WaitingFor | undefined;
  #everActive = false;
  #stopping = false;
  #replacing = false;
  #isOver = false;
  readonly #crashesMs: number[] = [];
  readonly #commands: PendingCommands;
  readonly #questions: OpenQuestions;
  #watchTimer: TimerHandle | undefined;
  #restartTimer: TimerHandle | undefined;
  #leaveTimer: TimerHandle | undefined;
  #checkedMs = -Infinity;
  #awakeSinceMs = -Infinity;
  #toldOfMemory = false;
  #settle: () => void = () => undefined;

  constructor(assignment: MeetingAssignment, around: MeetingSurroundings) {
    this.botId = assignment.botId;
    this.#assignment = assignment;
    this.#toldEpoch = assignment.epoch;
    this.#around = around;
    this.#commands = new PendingCommands(around.clock);
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
      state: this.#state,
      waitingFor: this.#waitingFor,
      pid: this.#attempt?.child.pid,
      restarts: this.#crashesMs.length,
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
  adopt(child: ChildHandle, state: ProcessState, lastSeq: number): void {
    const attempt = this.#hold(child, true);
    attempt.lastSeq = lastSeq;
    this.#onState(attempt, state, undefined);
    this.#recover(attempt, 0, lastSeq);
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
    this.#setState('leaving', {});
    attempt.child.channel.send(this.#commands.message(command));
    this.#leaveTimer ??= this.#around.clock.setTimer(() => {
      this.#kill(attempt, 'it did not leave');
    }, drainMs + LEAVE_MS);
    return this.over;
  }

  #hold(child: ChildHandle, adopted: boolean): Attempt {
    const { clock, events } = this.#around;
    const attempt: Attempt = {
      epoch: this.epoch,
      child,
      startedAtMs: clock.epochMs(),
      liveness: new Liveness(clock.nowMs()),
      lastSeq: 0,
      hasGap: false,
      recovering: undefined,
      held: [],
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
    this.#setState(this.#everActive ? 'recovering' : 'starting', {});
    this.#watch();
    return attempt;
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
        this.#onEvent(attempt, message);
        break;
      case 'state':
        this.#onState(attempt, message.state, message.waitingFor);
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

  #onEvent(attempt: Attempt, message: EventMessage): void {
    const { seq, at, event } = message;
    if (attempt.recovering === undefined && seq > attempt.lastSeq + 1)
      this.#recover(attempt, attempt.lastSeq, seq - 1);
    if (attempt.recovering !== undefined) {
      attempt.held.push(message);
      return;
    }
    attempt.lastSeq = Math.max(attempt.lastSeq, seq);
    this.#tell(attempt, { ...event, seq }, at);
  }

  /** Hands an event on; what is to outlive the process is kept for the next one. */
  #tell(attempt: Attempt, event: BotEvent, at: number): void {
    if (event.type === 'note')
      this.#assignment = { ...this.#assignment, notes: withNote(this.#assignment.notes, event) };
    this.#around.events.emit('event', this.botId, attempt.epoch, event, at);
  }

  #onState(attempt: Attempt, state: ProcessState, waitingFor: WaitingFor | undefined): void {
    this.#waitingFor = waitingFor;
    if (state === 'active') {
      attempt.wasActive = true;
      this.#everActive = true;
    }
    const shown = this.#shown(state);
    if (shown !== undefined) this.#setState(shown, waitingFor === undefined ? {} : { waitingFor });
  }

  #shown(state: ProcessState): MeetingState | undefined {
    if (state === 'leaving') return this.#replacing ? 'recovering' : 'leaving';
    if (state === 'active') return 'active';
    if (state === 'reconnecting' || this.#everActive) return 'recovering';
    return state === 'preparing' ? 'starting' : state;
  }

  #setState(state: MeetingState, detail: { waitingFor?: WaitingFor; message?: string }): void {
    // What an epoch said may come too late to be kept: the next one says it again.
    const isKnown = state === this.#state && this.epoch === this.#toldEpoch;
    if (isKnown && detail.message === undefined && detail.waitingFor === undefined) return;
    this.#state = state;
    this.#toldEpoch = this.epoch;
    this.#around.events.emit('state', this.botId, this.epoch, state, detail);
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
    const { people = [] } = this.#assignment;
    const given = (value ?? {}) as Partial<MeetingAssignment>;
    switch (command?.kind) {
      case 'update':
        if (given.settings !== undefined)
          this.#assignment = { ...this.#assignment, settings: given.settings };
        break;
      case 'mute':
        if (given.muted !== undefined) this.#assignment = { ...this.#assignment, muted: given.muted };
        break;
      case 'inform':
        if (given.told !== undefined) this.#assignment = { ...this.#assignment, told: given.told };
        break;
      case 'setPerson': {
        const { participantId, settings } = command;
        this.#assignment = { ...this.#assignment, people: withWord(people, participantId, settings) };
        break;
      }
      case 'say':
      case 'ask':
      case 'approve':
      case 'hush':
      case 'stop':
      case 'status':
      case undefined:
        break;
    }
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

  #watch(): void {
    const { clock } = this.#around;
    this.#watchTimer?.cancel();
    this.#watchTimer = clock.setTimer(() => {
      const attempt = this.#attempt;
      if (attempt === undefined || this.#isOver) return;
      const nowMs = clock.nowMs();
      if (nowMs - this.#checkedMs > OWN_GAP_MS) this.#awakeSinceMs = nowMs;
      this.#checkedMs = nowMs;
      const finding = attempt.liveness.check(nowMs, this.#awakeSinceMs);
      if (finding !== undefined && attempt.killedFor === undefined) this.#kill(attempt, finding);
      this.#watch();
    }, WATCH_MS);
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
    while (attempt.recovering !== undefined) await attempt.recovering;
    if (attempt.ended === undefined || attempt.hasGap)
      await this.#readBack(attempt, attempt.lastSeq, Infinity);
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
      await this.#again(attempt);
    } else if (ended !== undefined && ended.retry !== true) this.#finish(ended);
    else await this.#crashed(ended?.message ?? exitText(attempt, exit), attempt);
  }

  async #crashed(message: string, attempt: Attempt | undefined): Promise<void> {
    const { clock, log } = this.#around;
    const nowMs = clock.nowMs();
    const decision = afterCrash(this.#crashesMs, nowMs);
    this.#crashesMs.push(nowMs);
    log.error({ botId: this.botId, epoch: this.epoch, message, decision }, 'a meeting process ended unasked');
    if (decision.kind === 'give_up') {
      const end = attempt?.ended ?? {
        reason: 'crash_loop',
        exitCode: 70,
        message: `the meeting process ended ${this.#crashesMs.length} times in ten minutes: ${message}`,
      };
      this.#finish(withoutRetry(end));
      return;
    }
    this.#setState(this.#everActive ? 'recovering' : 'starting', { message });
    if (decision.afterMs === 0) await this.#again(attempt);
    else
      this.#restartTimer = clock.setTimer(() => {
        void this.#again(attempt);
      }, decision.afterMs);
  }

  /** The next process, with the next epoch of the claim, as soon as that is to be had. */
  async #again(attempt: Attempt | undefined): Promise<void> {
    const { clock, log, nextEpoch } = this.#around;
    let epoch: number | 'fenced';
    try {
      epoch = await nextEpoch(this.botId);
    } catch (error) {
      log.warn({ botId: this.botId, err: error }, 'the claim cannot be renewed at present');
      if (!this.#isOver)
        this.#restartTimer = clock.setTimer(() => {
          void this.#again(attempt);
        }, CLAIM_RETRY_MS);
      return;
    }
    if (this.#isOver) return;
    if (epoch === 'fenced') {
      this.#finish({ reason: 'fenced', exitCode: EXIT_FENCED, message: 'another process has the meeting' });
      return;
    }
    const again = attempt?.wasActive === true ? 1 : 0;
    this.#assignment = { ...this.#assignment, epoch, incarnation: this.#assignment.incarnation + again };
    this.start();
  }

  /** What a process has kept and not delivered, of these events; then those that came meanwhile. */
  #recover(attempt: Attempt, afterSeq: number, untilSeq: number): void {
    attempt.recovering = this.#readBack(attempt, afterSeq, untilSeq).then(() => {
      attempt.recovering = undefined;
      attempt.lastSeq = Math.max(attempt.lastSeq, untilSeq); // what the journal lacks is lost
      for (const message of attempt.held.splice(0)) this.#onEvent(attempt, message);
    });
  }

  async #readBack(attempt: Attempt, afterSeq: number, untilSeq: number): Promise<void> {
    const { log, readJournal } = this.#around;
    attempt.hasGap = true;
    try {
      const { events: kept } = await readJournal(this.#assignment.journalFolder, attempt.epoch);
      for (const { event, at } of kept) {
        if (event.seq <= afterSeq || event.seq > untilSeq) continue;
        attempt.lastSeq = Math.max(attempt.lastSeq, event.seq);
        this.#tell(attempt, event, at);
      }
    } catch (error) {
      log.error({ botId: this.botId, epoch: attempt.epoch, err: error }, 'a journal cannot be read');
    }
  }

  #finish(end: MeetingEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimers();
    this.#around.events.emit('ended', this.botId, this.epoch, end);
    this.#settle();
  }

  #cancelTimers(): void {
    this.#watchTimer?.cancel();
    this.#restartTimer?.cancel();
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
