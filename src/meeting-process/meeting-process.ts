/** The child's side: takes one assignment, is in its meeting, and tells its supervisor everything. */
import { interpret } from '../bot/interpret.js';
import type { Interpreter } from '../bot/interpreter.js';
import type { BotEvent } from '../bot/event-log.js';
import { parseMeetingSettings } from '../bot/meeting-settings.js';
import type { StayEnd } from '../bot/stay-watch.js';
import { type Clock, systemClock } from '../clock.js';
import { messageOf, ParleyError } from '../errors.js';
import { createLogger, type Logger } from '../log.js';
import { redactText } from '../redaction.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import type { MeetingPlatform } from '../room/meeting-platform.js';
import type { LeaveReason } from '../room/room.js';
import { settledWithin } from '../settled-within.js';
import { plain } from '../text.js';
import { secretsOf } from './assignment-secrets.js';
import { startBeat } from './beat.js';
import { endOf } from './end-reasons.js';
import { EpochFence } from './epoch-fence.js';
import { gatedPlatform, newMediaCounts } from './gated-platform.js';
import { Journal } from './journal.js';
import { type CommandedMeeting, resultOf } from './obey.js';
import { present } from './present.js';
import {
  type BackendSpec,
  type ChildMessage,
  EXIT_FENCED,
  type MeetingAssignment,
  type MeetingEnd,
  type ParentMessage,
  type PlatformSpec,
  type ProcessState,
} from './protocol.js';
import { notesOf, withNote } from './kept-notes.js';
import { ResumedNotice } from './resumed-notice.js';
import { type ParentChannel, SupervisorLink } from './supervisor-link.js';
import { SupervisorQuestions } from './supervisor-questions.js';

/** A farewell may take so long to be said. */
const FAREWELL_MS = 10_000;
/** The last messages may take so long to be taken. */
const LAST_WORDS_MS = 1_000;

/** What a meeting process runs on. */
export type MeetingProcessOptions = {
  channel: ParentChannel;
  /** Of the package. */
  version: string;
  openPlatform: (spec: PlatformSpec) => MeetingPlatform;
  openBackend: (spec: BackendSpec, log: Logger) => SpeechBackend;
  /** Connects to the supervisor that listens at this socket; undefined where none does. */
  findSupervisor: (socket: string) => Promise<ParentChannel | undefined>;
  /** Ends the process. */
  exit: (code: number) => void;
};

/** One meeting in a process of its own, from the assignment to the exit. */
export class MeetingProcess {
  readonly #options: MeetingProcessOptions;
  readonly #clock: Clock = systemClock;
  readonly #counts = newMediaCounts();
  readonly #fence: EpochFence;
  readonly #abort = new AbortController();
  readonly #questions: SupervisorQuestions;
  readonly #supervisor: SupervisorLink;
  #assignment: MeetingAssignment | undefined;
  #journal: Journal | undefined;
  #interpreter: Interpreter | undefined;
  #state: ProcessState = 'preparing';
  #lastSeq = 0;
  #lastReason: LeaveReason | undefined;
  #wasActive = false;
  #anybodyCame = false;
  #isEnding = false;
  #join: () => void = () => undefined;
  #ended: Promise<void> | undefined;

  constructor(options: MeetingProcessOptions) {
    this.#options = options;
    this.#fence = new EpochFence({
      onGap: (gapMs) => {
        this.#send({ v: 1, type: 'confirmRequest', gapMs });
      },
      onExpired: () => {
        void this.#end(fenced('nobody confirmed the claim after a standstill'));
      },
    });
    this.#questions = new SupervisorQuestions(this.#clock, (id, question) => {
      const epoch = this.#assignment?.epoch;
      if (epoch === undefined) return false;
      return this.#supervisor.send({ v: 1, type: 'question', id, epoch, question });
    });
    this.#supervisor = new SupervisorLink(options.channel, {
      clock: this.#clock,
      findSupervisor: options.findSupervisor,
      onMessage: (message) => {
        this.#onMessage(message);
      },
      onLost: () => {
        this.#questions.supervisorIsGone();
        void this.#seekSupervisor();
      },
    });
  }

  /** Told to the supervisor: an assignment can be taken. */
  ready(): void {
    this.#send({ v: 1, type: 'ready', pid: process.pid, version: this.#options.version });
  }

  /** Asked to end by somebody who is not the supervisor: counts where there is none. */
  terminate(): void {
    if (!this.#supervisor.isOpen) void this.#stop(0);
  }

  #send(message: ChildMessage): void {
    this.#supervisor.send(message);
  }

  #onMessage(message: ParentMessage): void {
    switch (message.type) {
      case 'assign':
        if (this.#assignment === undefined) void this.#run(message.assignment);
        break;
      case 'command':
        void resultOf(message.id, message.command, this.#commanded()).then((result) => {
          this.#send(result);
        });
        break;
      case 'ack':
        this.#journal?.acknowledge(message.seq);
        break;
      case 'confirm':
        if (message.epoch !== this.#assignment?.epoch) break;
        if (message.isValid) this.#fence.open();
        else void this.#end(fenced('another process has the meeting'));
        break;
      case 'join':
        this.#join();
        break;
      case 'answer':
        this.#questions.answered(message.id, message.answer);
        break;
    }
  }

  async #run(assignment: MeetingAssignment): Promise<void> {
    this.#assignment = assignment;
    const { journalFolder, epoch } = assignment;
    this.#journal = new Journal({
      ...{ folder: journalFolder, epoch, clock: this.#clock },
      onState: (failing, message) => {
        this.#send({ v: 1, type: 'journal', failing, ...(message === undefined ? {} : { message }) });
      },
    });
    startBeat({
      counts: this.#counts,
      isFenced: () => !this.#mayBeHeard(),
      journalLost: () => this.#journal?.lost ?? 0,
      send: (beat) => {
        this.#send({ v: 1, type: 'beat', beat });
      },
    });
    this.#setState('preparing');
    let stay: StayEnd | { readonly error: unknown };
    try {
      parseMeetingSettings(assignment.settings); // before anybody waits for it
      if (!(await this.#waitStaged(assignment))) return;
      this.#setState('joining');
      const interpreter = await this.#interpret();
      this.#wasActive = true;
      if (!this.#isEnding) this.#setState('active');
      stay = await interpreter.ended;
    } catch (error) {
      stay = { error };
    }
    const error: unknown = stay.error;
    if (error !== undefined && (!(error instanceof ParleyError) || error.code === 'internal'))
      throw new Error('a bug of Parley ends this process', { cause: error });
    await this.#end(
      endOf({
        reason: 'reason' in stay ? stay.reason : this.#lastReason,
        askedBy: 'askedBy' in stay ? stay.askedBy : undefined,
        ...{ error, wasActive: this.#wasActive, anybodyCame: this.#anybodyCame },
      }),
    );
  }

  /** Resolves when it is time to join; false when that is not to be. */
  async #waitStaged({ prepareOnly = false, joinAtMs }: MeetingAssignment): Promise<boolean> {
    const waitMs = joinAtMs === undefined ? 0 : joinAtMs - this.#clock.epochMs();
    if (!prepareOnly && waitMs <= 0) return !this.#isEnding;
    this.#setState('staged');
    await new Promise<void>((resolve) => {
      this.#join = resolve;
      if (!prepareOnly) this.#clock.setTimer(resolve, waitMs);
      this.#abort.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return !this.#isEnding;
  }

  async #interpret(): Promise<Interpreter> {
    const assignment = this.#assignment!;
    const { meetingId, participantId, incarnation, settings, platform, backend } = assignment;
    const { recorded = false, logLevel = 'warn', agent } = assignment;
    const log = createLogger({ level: logLevel, secrets: secretsOf(assignment) });
    const again = incarnation > 1;
    const gated = gatedPlatform(this.#options.openPlatform(platform), () => this.#mayBeHeard(), this.#counts);
    return interpret({
      ...{ platform: gated, meetingId, participantId, incarnation, log },
      backend: this.#options.openBackend(backend, log),
      settings: again ? { ...settings, announcement: false } : settings,
      parts: again ? [new ResumedNotice(this.#clock)] : [],
      agent: {
        extensions: this.#questions.extensions,
        notes: notesOf(assignment),
        ...present({ told: assignment.told }),
        secretOf: (secret) => Object.entries(agent?.secrets ?? {}).find(([each]) => each === secret)?.[1],
        toolsAtPrivateAddresses: agent?.toolsAtPrivateAddresses ?? false,
      },
      ...(recorded ? { record: () => Promise.resolve(NO_FILE) } : {}),
      signal: this.#abort.signal,
      beforeJoin: (interpreter) => {
        this.#follow(interpreter, assignment);
      },
    });
  }

  #follow(interpreter: Interpreter, { people = [], muted = [] }: MeetingAssignment): void {
    this.#interpreter = interpreter;
    for (const { participantId, settings } of people) {
      try {
        interpreter.setPerson(participantId, present(settings));
      } catch (error) {
        process.stderr.write(`what the host says of ${plain(participantId)}: ${messageOf(error)}\n`);
      }
    }
    if (muted === 'all') interpreter.mute(true);
    else for (const language of muted) interpreter.mute(true, language);
    interpreter.events.on('event', (event) => {
      this.#onEvent(event);
    });
  }

  #onEvent(event: BotEvent): void {
    const at = this.#clock.epochMs();
    this.#lastSeq = event.seq;
    this.#journal?.append(event, at);
    const { seq } = event;
    this.#send({ v: 1, type: 'event', seq, at, event });
    if (event.type === 'joined' && !event.person.isBot) this.#anybodyCame = true;
    if (event.type === 'note') this.#change({ notes: withNote(this.#assignment?.notes, event) });
    if (event.type === 'ended') this.#lastReason = event.reason as LeaveReason;
    if (event.type !== 'state' || !this.#wasActive || this.#isEnding) return;
    if (event.state === 'reconnecting') this.#setState('reconnecting');
    if (event.state === 'connected') this.#setState('active');
  }

  #setState(state: ProcessState): void {
    this.#state = state;
    this.#send({ v: 1, type: 'state', state });
  }

  #mayBeHeard(): boolean {
    return this.#fence.passes({ monotonicMs: this.#clock.nowMs(), wallMs: this.#clock.epochMs() });
  }

  /** As it is now. */
  #commanded(): CommandedMeeting {
    return {
      state: this.#state,
      assignment: this.#assignment,
      interpreter: this.#interpreter,
      change: (change) => {
        this.#change(change);
      },
      stop: (drainMs, say) => {
        void this.#stop(drainMs, say);
      },
    };
  }

  #change(change: Partial<MeetingAssignment>): void {
    if (this.#assignment !== undefined) this.#assignment = { ...this.#assignment, ...change };
  }

  async #stop(drainMs: number, say?: string): Promise<void> {
    if (this.#isEnding) return;
    const isJoining = this.#state === 'joining';
    this.#isEnding = true;
    this.#setState('leaving');
    const interpreter = this.#interpreter;
    if (interpreter === undefined) {
      this.#abort.abort();
      if (!isJoining) await this.#end({ reason: 'asked', exitCode: 0 });
      return;
    }
    if (say !== undefined)
      await settledWithin(
        interpreter.say(say).catch(() => undefined),
        FAREWELL_MS,
        this.#clock,
      );
    await interpreter.stop({ drainMs });
  }

  /** Leaves if that is still to be done, tells the end, and exits. */
  #end(end: MeetingEnd): Promise<void> {
    return (this.#ended ??= this.#endOnce(end));
  }

  async #endOnce(end: MeetingEnd): Promise<void> {
    this.#isEnding = true;
    this.#abort.abort();
    if (this.#interpreter !== undefined && end.exitCode === EXIT_FENCED)
      await settledWithin(this.#interpreter.stop(), LAST_WORDS_MS * 2, this.#clock);
    await settledWithin(this.#journal?.close() ?? Promise.resolve(), LAST_WORDS_MS * 2, this.#clock);
    const { message, failure } = end;
    this.#send({
      ...{ v: 1, type: 'ended' },
      ended: {
        ...end,
        ...(message === undefined ? {} : { message: redactText(message) }),
        ...(failure === undefined ? {} : { failure: { ...failure, message: redactText(failure.message) } }),
      },
    });
    await this.#supervisor.flush(LAST_WORDS_MS);
    this.#options.exit(end.exitCode);
  }

  /** The supervisor is gone: the meeting goes on for a while, and whoever supervises next takes it over. */
  async #seekSupervisor(): Promise<void> {
    const assignment = this.#assignment;
    const socket = assignment?.adoptionSocket;
    if (assignment === undefined || socket === undefined) {
      // A spare, or one that nobody is to find.
      if (assignment === undefined) this.#options.exit(0);
      else await this.#end(fenced('the supervisor is gone'));
      return;
    }
    const found = await this.#supervisor.seek(
      socket,
      () => this.#ended === undefined,
      () => ({
        ...{ v: 1, type: 'adopt', pid: process.pid, version: this.#options.version },
        ...{ assignment: this.#assignment!, state: this.#state, lastSeq: this.#lastSeq },
      }),
    );
    if (!found) await this.#end(fenced('no supervisor came back'));
  }
}

/** What is kept is kept by the journal. */
const NO_FILE = { write: () => undefined, close: () => Promise.resolve() };

function fenced(message: string): MeetingEnd {
  return { reason: 'fenced', exitCode: EXIT_FENCED, message };
}
