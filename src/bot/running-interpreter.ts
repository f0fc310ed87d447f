import type { AgentAnswer } from '../agent/meeting/agent-options.js';
import type { AskBy, MeetingAgent } from '../agent/meeting/meeting-agent.js';
import type { Clock } from '../clock.js';
import type { CostMeter } from '../cost/cost-meter.js';
import { ParleyError } from '../errors.js';
import type { EventSource } from '../events.js';
import { type LanguageTag, parseLanguage } from '../languages/languages.js';
import type { Logger } from '../log.js';
import { MeetingInterpreter } from '../meeting/meeting.js';
import type { PersonSettings } from '../meeting/meeting-change.js';
import type { MeetingOptions } from '../meeting/meeting-options.js';
import type { Said } from '../meeting/speaking/announcer.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import type { Room } from '../room/room.js';
import { plain } from '../text.js';
import { EventFeed, shownCounters, shownPerson } from './event-feed.js';
import { type BotEvent, type BotEventMap, EventLog, type EventsLost } from './event-log.js';
import type { Interpreter, InterpreterStatus } from './interpreter.js';
import type { MeetingRecord } from './meeting-record.js';
import { type MeetingSettings, type MeetingSettingsPatch, patchSettings } from './meeting-settings.js';
import { agentSettings } from './settings/agent.js';
import { agentSettingsOf } from './settings/derived.js';
import { changeOf, outcomeOf, type UpdateReport } from './settings-change.js';
import { type StayEnd, StayWatch } from './stay-watch.js';

/** How long people's own words may take to get into their profiles, once the meeting is left. */
const LEARN_MS = 15_000;

/** What a running interpreter is made of. */
type RunningInterpreterOptions = {
  meetingId: string;
  settings: MeetingSettings;
  /** For people: where the meeting is. */
  place: string;
  room: Room;
  backend: SpeechBackend;
  meeting: MeetingOptions;
  meter: CostMeter;
  /** Undefined where no model can be one. */
  agent: MeetingAgent | undefined;
  record: MeetingRecord | undefined;
  explain: boolean;
  clock: Clock;
  log: Logger;
  signal: AbortSignal | undefined;
};

/** One stay in a meeting, from joining to whatever ends it. */
export class RunningInterpreter implements Interpreter {
  readonly meetingId: string;
  readonly participantId: string;
  readonly #options: RunningInterpreterOptions;
  readonly #meeting: MeetingInterpreter;
  readonly #log: EventLog;
  readonly #feed: EventFeed;
  readonly #watch: StayWatch;
  #settings: MeetingSettings;
  readonly #startMs: number;
  readonly #startedAt: string;
  readonly #joined: Promise<void>;
  #reportJoined: () => void = () => undefined;
  #run: Promise<StayEnd> | undefined;
  #reportEnd: (end: StayEnd) => void = () => undefined;
  #drainMs: number | undefined;
  readonly ended: Promise<StayEnd>;

  constructor(options: RunningInterpreterOptions) {
    const { meetingId, room, settings, clock, log, meter, backend, explain, record } = options;
    this.#options = options;
    this.#settings = settings;
    this.meetingId = meetingId;
    this.participantId = room.participantId;
    this.#startMs = clock.nowMs();
    this.#startedAt = new Date(clock.epochMs()).toISOString();
    this.#joined = new Promise((resolve) => {
      this.#reportJoined = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#reportEnd = resolve;
    });
    this.#log = new EventLog((err, event) => {
      log.error({ err, event }, 'a listener of the interpreter failed');
    });
    if (record !== undefined) {
      this.#log.events.on('event', (event) => {
        record.write(event);
      });
    }
    this.#meeting = new MeetingInterpreter(options.meeting);
    const billed = backend.prices !== undefined;
    this.#feed = new EventFeed({ clock, sink: this.#log, explain, meter, billed });
    this.#watch = new StayWatch(this.#meeting, {
      ...{ room, clock, signal: options.signal },
      leaveWhenEmptyMs: inMs(settings.leaveWhenEmptyS, 1_000),
      maxDurationMs: inMs(settings.maxDurationMin, 60_000),
    });
    options.agent?.onLeave((reason) => {
      this.#drainMs ??= LEAVE_DRAIN_MS;
      this.#watch.ask(reason, 'asked');
    });
  }

  ask(text: string, by?: AskBy): Promise<AgentAnswer> {
    const { agent } = this.#options;
    if (agent === undefined)
      return Promise.reject(new ParleyError('usage', 'this meeting has no agent: no model answers'));
    return agent.ask(text, by);
  }

  inform(text: string): readonly string[] {
    const { agent } = this.#options;
    if (agent === undefined) throw new ParleyError('usage', 'this meeting has no agent: no model answers');
    return agent.inform(text);
  }

  approve(callId: string, yes: boolean, by?: string, remember?: boolean): boolean {
    return this.#options.agent?.approve(callId, yes, by, remember) ?? false;
  }

  hush(): void {
    this.#options.agent?.hush();
  }

  get events(): EventSource<BotEventMap> {
    return this.#log.events;
  }

  /** Joins. Rejects with a ParleyError when that fails; everything is closed then. */
  async start(): Promise<void> {
    const run = (this.#run ??= this.#stay());
    const end = await Promise.race([run, this.#joined]);
    if (end?.error !== undefined) throw end.error;
  }

  status(): InterpreterStatus {
    const { clock, room } = this.#options;
    return {
      meetingId: this.meetingId,
      participantId: this.participantId,
      state: room.state.kind,
      startedAt: this.#startedAt,
      atMs: Math.round(clock.nowMs() - this.#startMs),
      muted: this.#meeting.muted,
      settings: this.#settings,
      people: this.#meeting.people.map(shownPerson),
      routes: this.#meeting.routes(),
      cost: this.#feed.cost,
      latency: this.#feed.latency,
      spans: this.#feed.spans,
      counters: this.#feed.counters ?? shownCounters(this.#meeting),
      metrics: [...this.#meeting.metrics(), ...this.#log.metrics],
    };
  }

  eventsAfter(seq: number): AsyncIterableIterator<BotEvent | EventsLost> {
    return this.#log.after(seq);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<BotEvent | EventsLost> {
    return this.#log.after(0);
  }

  say(text: string, languages?: readonly LanguageTag[]): Promise<readonly Said[]> {
    return this.#meeting.say(text, languages);
  }

  update(patch: MeetingSettingsPatch): UpdateReport {
    const patched = patchSettings(this.#settings, patch);
    if (isAgentChanged(patched.report)) this.#options.agent?.configure(agentSettingsOf(patched.settings));
    const changed = this.#meeting.update(changeOf(patched.settings, patched.report));
    const { settings, report } = outcomeOf(this.#settings, patched, changed);
    this.#settings = settings;
    return report;
  }

  setPerson(participantId: string, settings: PersonSettings): void {
    this.#meeting.setPerson(participantId, settings);
  }

  mute(muted: boolean, language?: LanguageTag): void {
    const tag = language === undefined ? undefined : parseLanguage(language);
    if (language !== undefined && tag === undefined)
      throw new ParleyError('usage', `${plain(language).slice(0, 40)} is no language: give a tag such as es`);
    this.#meeting.mute(muted, tag);
  }

  async stop({ drainMs = 0 }: { drainMs?: number } = {}): Promise<void> {
    this.#drainMs ??= drainMs;
    this.#watch.ask('asked to leave', 'asked');
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stay(): Promise<StayEnd> {
    const { settings, place, backend, room, record, log } = this.#options;
    this.#feed.started({
      meetingId: this.meetingId,
      participantId: this.participantId,
      name: settings.name,
      place,
      interpreter: backend.description,
      ...(record === undefined ? {} : { recorded: true }),
    });
    this.#feed.follow(this.#meeting);
    let end: StayEnd;
    try {
      await Promise.race([this.#meeting.start(), this.#watch.ended]);
      this.#watch.joined();
      this.#reportJoined();
      end = await this.#watch.ended;
    } catch (cause) {
      const error =
        cause instanceof ParleyError
          ? cause
          : new ParleyError('internal', 'joining failed by a bug of Parley', { cause });
      const { state } = room;
      const reason = state.kind === 'left' ? state.reason : undefined;
      end = { reason: reason ?? { kind: 'lost', message: error.message }, error };
    }
    this.#watch.close();
    const close = async (what: string, closing: Promise<void> | undefined): Promise<void> => {
      await closing?.catch((err: unknown) => {
        log.error({ err }, `${what} did not close in good order`);
      });
    };
    await close('the meeting', this.#meeting.stop(this.#drainMs));
    await this.#meeting.learn(LEARN_MS);
    this.#feed.ended(end.reason, end.error);
    this.#log.end();
    await close('the record', record?.close());
    await close('the backend', backend.release?.());
    this.#reportEnd(end);
    return end;
  }
}

/** How long what is being said may take, where the agent is asked to leave. */
const LEAVE_DRAIN_MS = 10_000;

function isAgentChanged(report: UpdateReport): boolean {
  return Object.entries(report).some(([name, outcome]) => name in agentSettings && outcome === 'applied');
}

function inMs(value: number | undefined, unitMs: number): number | undefined {
  return value === undefined ? undefined : value * unitMs;
}
