/** The child's side: takes one assignment, is in its meeting, and tells its supervisor everything. */
import { interpret } from '../bot/interpret.js';
import type { Interpreter } from '../bot/interpreter.js';
import type { BotEvent } from '../bot/event-log.js';
import { type MeetingSettingsPatch, parseMeetingSettings } from '../bot/meeting-settings.js';
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
import { withWord } from './host-word.js';
import { Journal } from './journal.js';
import type { MessageChannel } from './message-channel.js';
import {
  type BackendSpec,
  type ChildMessage,
  EXIT_FENCED,
  type MeetingAssignment,
  type MeetingCommand,
  type MeetingEnd,
  type ParentMessage,
  type PlatformSpec,
  type ProcessState,
} from './protocol.js';
import { notesOf, withNote } from './kept-notes.js';
import { ResumedNotice } from './resumed-notice.js';
import { SupervisorQuestions } from './supervisor-questions.js';

/** Without a supervisor the meeting goes on for so long. */
const ORPHAN_MS = 60_000;
const ADOPTION_RETRY_MS = 250;
/** A farewell may take so long to be said. */
const FAREWELL_MS = 10_000;
/** The last messages may take so long to be taken. */
const LAST_WORDS_MS = 1_000;

/** A channel to a supervisor. */
export type ParentChannel = MessageChannel<ChildMessage, ParentMessage>;

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
  #channel: ParentChannel | undefined;
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
      return this.#channel?.send({ v: 1, type: 'question', id, epoch, question }) ?? false;
    });
    this.#listenTo(options.channel);
  }

  /** Told to the supervisor: an assignment can be taken. */
  ready(): void {
    this.#send({ v: 1, type: 'ready', pid: process.pid, version: this.#options.version });
  }

  /** Asked to end by somebody who is not the supervisor: counts where there is none. */
  terminate(): void {
    if (this.#channel === undefined) void this.#stop(0);
  }

  #listenTo(channel: ParentChannel): void {
    this.#channel = channel;
    channel.onMessage((message) => {
      this.#onMessage(message);
    });
    channel.onClose(() => {
      if (this.#channel !== channel) return;
      this.#channel = undefined;
      this.#questions.supervisorIsGone();
      void this.#seekSupervisor();
    });
  }

  #send(message: ChildMessage): void {
    this.#channel?.send(message);
  }

  #onMessage(message: ParentMessage): void {
    switch (message.type) {
      case 'assign':
        if (this.#assignment === undefined) void this.#run(message.assignment);
        break;
      case 'command':
        void this.#answer(message.id, message.command);
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

  async #answer(id: number, command: MeetingCommand): Promise<void> {
    try {
      const value = await this.#obey(command);
      const json = value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as ResultValue);
      this.#send({ v: 1, type: 'result', id, ok: true, ...(json === undefined ? {} : { value: json }) });
    } catch (error) {
      const code = error instanceof ParleyError ? error.code : 'internal';
      this.#send({
        ...{ v: 1, type: 'result', id, ok: false },
        error: { code, message: redactText(messageOf(error)) },
      });
    }
  }

  async #obey(command: MeetingCommand): Promise<unknown> {
    const interpreter = this.#interpreter;
    switch (command.kind) {
      case 'stop':
        void this.#stop(command.drainMs ?? 0, command.say);
        return undefined;
      case 'status':
        return interpreter === undefined ? { state: this.#state } : interpreter.status();
      case 'update':
        return this.#update(command.patch);
      case 'setPerson': {
        const { participantId, settings } = command;
        interpreter?.setPerson(participantId, present(settings));
        const { people = [] } = this.#assignment ?? {};
        this.#change({ people: withWord(people, participantId, settings) });
        return undefined;
      }
      case 'mute': {
        const joined = this.#mustBeThere(interpreter);
        joined.mute(command.muted, command.language);
        const { muted } = joined.status();
        this.#change({ muted: muted === 'all' ? 'all' : [...muted] });
        return { muted };
      }
      case 'say':
        return this.#mustBeThere(interpreter).say(command.text, command.languages);
      case 'ask': {
        const { from, language } = command;
        return this.#mustBeThere(interpreter).ask(command.text, present({ from, language }));
      }
      case 'inform': {
        const told = [...this.#mustBeThere(interpreter).inform(command.text)];
        this.#change({ told });
        return { told };
      }
      case 'approve': {
        const { callId, yes, by, remember } = command;
        return { waited: this.#mustBeThere(interpreter).approve(callId, yes, by, remember) };
      }
      case 'hush':
        this.#mustBeThere(interpreter).hush();
        return undefined;
    }
  }

  /** Before the meeting is joined everything can change. */
  #update(patch: MeetingSettingsPatch): unknown {
    const interpreter = this.#interpreter;
    if (interpreter !== undefined) {
      const report = interpreter.update(patch);
      this.#change({ settings: interpreter.status().settings });
      return { report, settings: interpreter.status().settings };
    }
    if (this.#assignment === undefined) throw notThere();
    const { settings: before } = this.#assignment;
    const merged: Record<string, unknown> = { ...before };
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) Reflect.deleteProperty(merged, name);
      else merged[name] = value;
    }
    const settings = parseMeetingSettings(merged);
    this.#change({ settings });
    const applied = Object.keys(patch).map((name) => [name, 'applied'] as const);
    return { report: Object.fromEntries(applied), settings };
  }

  #change(change: Partial<MeetingAssignment>): void {
    if (this.#assignment !== undefined) this.#assignment = { ...this.#assignment, ...change };
  }

  #mustBeThere(interpreter: Interpreter | undefined): Interpreter {
    if (interpreter === undefined) throw notThere();
    return interpreter;
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
    await this.#channel?.flush(LAST_WORDS_MS);
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
    const deadlineMs = this.#clock.nowMs() + ORPHAN_MS;
    while (this.#clock.nowMs() < deadlineMs && this.#ended === undefined) {
      const channel = await this.#options.findSupervisor(socket).catch(() => undefined);
      if (channel !== undefined) {
        this.#listenTo(channel);
        this.#send({
          ...{ v: 1, type: 'adopt', pid: process.pid, version: this.#options.version },
          ...{ assignment: this.#assignment!, state: this.#state, lastSeq: this.#lastSeq },
        });
        return;
      }
      await new Promise<void>((resolve) => this.#clock.setTimer(resolve, ADOPTION_RETRY_MS));
    }
    await this.#end(fenced('no supervisor came back'));
  }
}

type ResultValue = NonNullable<(ChildMessage & { type: 'result' })['value']>;

/** What is kept is kept by the journal. */
const NO_FILE = { write: () => undefined, close: () => Promise.resolve() };

function fenced(message: string): MeetingEnd {
  return { reason: 'fenced', exitCode: EXIT_FENCED, message };
}

function notThere(): ParleyError {
  return new ParleyError('service_unavailable', 'the meeting is not joined yet: try again in a moment', {
    retryable: true,
  });
}

/** Absent, where a message has undefined. */
function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]: Exclude<Fields[Name], undefined>;
  };
}
