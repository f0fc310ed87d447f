import { ParleyError } from '../../errors.js';
import type { EngineChoice } from '../../interpreter/plan/engine.js';
import type { RealtimeServer } from '../../embedded/realtime-server/index.js';
import type { RoomServer } from '../../embedded/room-server/index.js';
import type { MeetingPlatform } from '../../room/meeting-platform.js';
import type { JoinEvent, JoinEventOf, JoinView } from '../../bot/events.js';
import { ANSWER, type AskEvidence, QUESTION } from './agent-demo.js';
import type { Conversation, Remark } from './conversation.js';
import type { ParticipantReport } from './messages.js';
import { InterpreterProcess, ParticipantProcess } from './processes.js';
import type { DemoProfiles } from './profiles.js';
import type { Actor, Evidence, Line } from './proof.js';

const ENTER_TIMEOUT_MS = 30_000;
/** A phrase lasts up to four seconds. */
const SAY_TIMEOUT_MS = 10_000;
/** From the end of a phrase to its translation's end, on a busy machine. */
const HEAR_TIMEOUT_MS = 15_000;
const CAPTION_TIMEOUT_MS = 5_000;
/** From the end of a question to the end of its answer in both languages. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Between two phrases, as people have it. */
const PAUSE_MS = 700;
/** Before the first one: what a process does for the first time takes longer. */
const SETTLE_MS = 1_500;
/** Whoever came can hear by then, and the translation of what they said is over. */
const ANSWER_AFTER_MS = 4_000;
/** As long as a demo that is kept may be looked at. */
const TOKEN_SECONDS = 24 * 3_600;

type Seen =
  | { kind: 'interpreter'; event: JoinEvent }
  | { kind: 'participant'; participantId: string; report: ParticipantReport };

type DemoMeetingOptions = {
  room: RoomServer;
  /** The same room, as the service that makes tokens for it. */
  platform: MeetingPlatform;
  realtime: RealtimeServer;
  meetingId: string;
  actors: readonly Actor[];
  profiles: DemoProfiles;
  engine: EngineChoice;
  /** The file of the agent's tools; undefined where there is no agent. */
  toolsFile: string | undefined;
  /** Shows what the model is told. */
  explain: boolean;
  env: Readonly<Record<string, string | undefined>>;
  /** Where everyone's processes run: a folder without a configuration file. */
  folder: string;
  view: JoinView;
  signal: AbortSignal;
};

/** A meeting of the demo: the embedded servers in this process, everyone in it in processes of their own. */
export class DemoMeeting {
  readonly #options: DemoMeetingOptions;
  readonly #seen: Seen[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #participants = new Map<string, ParticipantProcess>();
  #interpreter: InterpreterProcess | undefined;
  #conversation: Conversation | undefined;
  #isTalking = false;
  #failure: ParleyError | undefined;
  #ending = false;

  constructor(options: DemoMeetingOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Parley is invited by meeting id, the others join; resolves when it knows them all. */
  async begin(): Promise<void> {
    const { room, realtime, meetingId, actors, profiles, engine, explain, env, folder, view } = this.#options;
    const { toolsFile } = this.#options;
    this.#interpreter = new InterpreterProcess({
      args: [
        meetingId,
        '--no-announcement', // it would be heard among what is to be shown
        '--languages',
        actors.map(({ language }) => language).join(','),
        '--url',
        realtime.url,
        '--engine',
        engine,
        ...(engine === 'translate' ? [] : ['--profiles', 'fastino']),
        ...(toolsFile === undefined ? [] : ['--agent', '--tools', toolsFile]),
        '--explain',
      ],
      ...{ env, folder },
      // The embedded server takes any key, as long as there is one.
      settings: {
        VIDEOSDK_SIGNALING_BASE_URL: room.signalingBaseUrl,
        PARLEY_REALTIME_KEY: 'embedded',
        ...profiles.settings,
      },
      onEvent: (event) => {
        if (explain || !isExplained(event, engine)) view.show(asShown(event));
        if (event.type === 'status')
          for (const [id, level] of Object.entries(event.levelsDbfs)) view.level(id, level);
        this.#see({ kind: 'interpreter', event });
      },
      onFailed: (error) => {
        this.#fail(error);
      },
    });
    await Promise.all(actors.map((actor) => this.#enter(actor)));
    for (const { participantId, name } of actors) {
      await this.#until(`${name} to come in`, ENTER_TIMEOUT_MS, () =>
        this.#reports(participantId).some(({ kind }) => kind === 'joined'),
      );
      await this.#until(`Parley to see ${name}`, ENTER_TIMEOUT_MS, () =>
        this.#events('joined').some(({ person }) => person.id === participantId),
      );
    }
    await this.#wait(SETTLE_MS, () => undefined);
  }

  /** Nobody is left to go on for: somebody failed, or the run is to end. */
  get over(): boolean {
    return this.#failure !== undefined || this.#options.signal.aborted;
  }

  /** What the model was told so far. */
  get instructed(): readonly JoinEventOf<'instructions'>[] {
    return this.#events('instructions');
  }

  /** One phrase is said; resolves with what was seen of it, when its translation was heard or is not to be expected. */
  async perform(line: Line): Promise<Evidence> {
    const from = this.#seen.length;
    const orderedAtMs = Date.now();
    this.#participants.get(line.speakerId)?.order({ kind: 'say', phraseId: line.phraseId });
    const said = await this.#wait(SAY_TIMEOUT_MS, () => ofKind(this.#reports(line.speakerId, from), 'said'));
    // What began to sound before this was said belongs to an earlier phrase, or to an earlier attempt.
    const isLater = (report: ParticipantReport): boolean =>
      report.kind !== 'heard' || report.startedAtMs >= orderedAtMs;
    const heard = await this.#wait(HEAR_TIMEOUT_MS, () =>
      ofKind(this.#reports(line.listenerId, from).filter(isLater), 'heard'),
    );
    const caption = await this.#wait(CAPTION_TIMEOUT_MS, () =>
      this.#events('caption', from).find(({ final, speakerId }) => final && speakerId === line.speakerId),
    );
    await this.#wait(PAUSE_MS, () => undefined);
    return { line, said, heard, caption, attempts: 1 };
  }

  /** Somebody asks the agent; resolves with what was seen of it, when everybody heard the answer or it is not to be expected. */
  async ask(asker: Actor, listener: Actor): Promise<AskEvidence> {
    const from = this.#seen.length;
    this.#participants.get(asker.participantId)?.order({ kind: 'say', phraseId: QUESTION });
    const said = await this.#wait(SAY_TIMEOUT_MS, () =>
      ofKind(this.#reports(asker.participantId, from), 'said'),
    );
    const heardBy = ({ participantId }: Actor) =>
      this.#reports(participantId, from).filter((report) => report.kind === 'heard');
    const isAnswered = (who: Actor): boolean =>
      heardBy(who).some(({ phrases }) =>
        phrases.some(({ phraseId, language }) => phraseId === ANSWER && language === who.language),
      );
    await this.#wait(ANSWER_TIMEOUT_MS, () => (isAnswered(asker) && isAnswered(listener)) || undefined);
    await this.#wait(PAUSE_MS, () => undefined);
    return {
      ...{ asker, listener, said },
      heard: new Map([asker, listener].map((who) => [who.participantId, heardBy(who)])),
      captions: this.#events('caption', from),
      calls: this.#events('tool', from),
    };
  }

  /** The actors stay and talk to whoever comes. Resolves when somebody is gone, or the run is to end. */
  async converse(conversation: Conversation): Promise<void> {
    this.#conversation = conversation;
    this.#seen.length = 0; // nobody looks back any more
    await this.#wait(Infinity, () => undefined);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Everyone leaves. */
  async end(): Promise<void> {
    this.#ending = true;
    await Promise.all([...this.#participants.values()].map((participant) => participant.end()));
    this.#participants.clear();
    await this.#interpreter?.end();
  }

  async #enter({ participantId, name, language }: Actor): Promise<void> {
    const { room, platform, meetingId, profiles, env, folder } = this.#options;
    const { signalingBaseUrl, ca } = room;
    const token = await platform.createToken({ meetingId, participantId, expiresInSeconds: TOKEN_SECONDS });
    const participant = new ParticipantProcess({
      ...{ name, env, folder },
      onReport: (report) => {
        this.#see({ kind: 'participant', participantId, report });
      },
      onFailed: (error) => {
        this.#fail(error);
      },
    });
    this.#participants.set(participantId, participant);
    participant.order({
      kind: 'join',
      meetingId,
      token,
      participantId,
      name,
      language,
      fastinoUserId: profiles.userIds.get(participantId),
      signalingBaseUrl,
      ca,
    });
  }

  #see(seen: Seen): void {
    if (this.#conversation === undefined) this.#seen.push(seen);
    else if (seen.kind === 'interpreter') this.#talk(this.#conversation.remarkTo(seen.event));
    else if (seen.report.kind === 'said') this.#isTalking = false;
    this.#wake();
  }

  /** One remark at a time: what comes meanwhile is not answered. */
  #talk(remark: Remark | undefined): void {
    if (remark === undefined || this.#isTalking) return;
    this.#isTalking = true;
    setTimeout(() => {
      this.#participants.get(remark.speakerId)?.order({ kind: 'say', phraseId: remark.phraseId });
    }, ANSWER_AFTER_MS).unref();
  }

  #fail(error: ParleyError): void {
    if (this.#ending) return;
    this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    for (const tick of [...this.#waiting]) tick();
  }

  #reports(participantId: string, from = 0): ParticipantReport[] {
    return this.#seen
      .slice(from)
      .flatMap((seen) =>
        seen.kind === 'participant' && seen.participantId === participantId ? [seen.report] : [],
      );
  }

  #events<Type extends JoinEvent['type']>(type: Type, from = 0): Extract<JoinEvent, { type: Type }>[] {
    return this.#seen
      .slice(from)
      .flatMap((seen) => (seen.kind === 'interpreter' && seen.event.type === type ? [seen.event] : []))
      .map((event) => event as Extract<JoinEvent, { type: Type }>);
  }

  /** Throws ParleyError when it does not come about in time. */
  async #until(what: string, timeoutMs: number, condition: () => boolean): Promise<void> {
    const came = await this.#wait(timeoutMs, () => condition() || undefined);
    if (this.#failure !== undefined) throw this.#failure;
    if (came === undefined && !this.#options.signal.aborted)
      throw new ParleyError('service_unavailable', `waited ${timeoutMs / 1000} s for ${what}`);
  }

  /** The first value that `tick` finds; undefined after `timeoutMs`, when somebody failed, or when the run is to end. */
  #wait<Value>(timeoutMs: number, tick: () => Value | undefined): Promise<Value | undefined> {
    return new Promise((resolve) => {
      const check = (): void => {
        const value = tick();
        if (value === undefined && !this.over) return;
        done(value);
      };
      const done = (value: Value | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(value);
      };
      const timer = timeoutMs === Infinity ? undefined : setTimeout(() => done(undefined), timeoutMs);
      this.#waiting.add(check);
      check();
    });
  }
}

/** Nothing is paid, and whoever interprets needs no key: prices and addresses would only puzzle. */
function asShown(event: JoinEvent): JoinEvent {
  switch (event.type) {
    case 'started':
      return { ...event, interpreter: 'a stand-in that knows the phrases of a phrasebook' };
    case 'status':
    case 'ended':
      return { ...event, cost: undefined };
    case 'engine':
      return { ...event, usdPerHour: undefined };
    default:
      return event;
  }
}

/** Whether this is shown only where it is asked for. */
function isExplained({ type }: JoinEvent, engine: EngineChoice): boolean {
  return type === 'instructions' || (type === 'engine' && engine === 'conversation');
}

function ofKind<Kind extends ParticipantReport['kind']>(
  reports: readonly ParticipantReport[],
  kind: Kind,
): Extract<ParticipantReport, { kind: Kind }> | undefined {
  return reports.find((report): report is Extract<ParticipantReport, { kind: Kind }> => report.kind === kind);
}
