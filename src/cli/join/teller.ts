/** From what a meeting tells to what `parley join` shows: one stream of events, with levels and delays added up. */
import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { Meeting } from '../../meeting/meeting.js';
import type { MeetingPerson } from '../../meeting/meeting-events.js';
import type { LeaveReason } from '../../room/room.js';
import type { JoinEvent, JoinEventOf, JoinPerson, JoinView, Latency } from './events.js';
import { LatencyMeter } from './latency.js';

const STATUS_INTERVAL_MS = 5_000;

/** An event without what every one has. */
type Told = { [Type in JoinEvent['type']]: Omit<JoinEventOf<Type>, 'v' | 'atMs'> }[JoinEvent['type']];

/** See the file's comment. */
export class Teller {
  readonly #clock: Clock;
  readonly #view: JoinView;
  readonly #startMs: number;
  readonly #latency = new LatencyMeter();
  readonly #explain: boolean;
  #loudestDbfs: Record<string, number> = {};
  #statusTimer: TimerHandle | undefined;

  /** `explain`: tells what each session is told, which holds what is private to people. */
  constructor(options: { clock: Clock; view: JoinView; explain?: boolean }) {
    this.#explain = options.explain ?? false;
    this.#clock = options.clock;
    this.#view = options.view;
    this.#startMs = options.clock.nowMs();
  }

  get latency(): Latency {
    return this.#latency.latency;
  }

  started(about: Omit<JoinEventOf<'started'>, 'v' | 'atMs' | 'type' | 'time'>): void {
    this.#show({ type: 'started', time: new Date(this.#clock.epochMs()).toISOString(), ...about });
  }

  /** Tells of everything that happens in `meeting`, until the end. */
  follow({ events }: Meeting): void {
    events.on('state', (state) => {
      const reason = state.kind === 'left' ? { reason: state.reason } : {};
      this.#show({ type: 'state', state: state.kind, ...reason });
    });
    events.on('joined', (person) => {
      this.#show({ type: 'joined', person: shown(person) });
    });
    events.on('changed', (person) => {
      this.#show({ type: 'changed', person: shown(person) });
    });
    events.on('left', (person, reason) => {
      this.#show({ type: 'left', person: shown(person), ...(reason === undefined ? {} : { reason }) });
    });
    events.on('speaking', (speech) => {
      this.#show({ type: 'speaking', ...speech });
    });
    events.on('caption', (caption) => {
      this.#show({ type: 'caption', ...caption });
    });
    events.on('playback', ({ firstAudioDelayMs, ...playback }) => {
      const delay =
        firstAudioDelayMs === undefined ? {} : { firstAudioDelayMs: Math.round(firstAudioDelayMs) };
      if (playback.what === 'heard' && firstAudioDelayMs !== undefined) this.#latency.add(firstAudioDelayMs);
      this.#show({ type: 'playback', ...playback, ...delay });
    });
    events.on('route', ({ to, ...route }) => {
      this.#show({ type: 'route', ...route, ...(to === undefined ? {} : { to }) });
    });
    events.on('instructions', (instructions) => {
      if (this.#explain) this.#show({ type: 'instructions', ...instructions });
    });
    events.on('notice', (notice) => {
      this.#show({ type: 'notice', ...notice });
    });
    events.on('level', ({ participantId, levelDbfs }) => {
      const level = Math.max(levelDbfs, -100); // JSON has no infinity
      this.#loudestDbfs[participantId] = Math.max(level, this.#loudestDbfs[participantId] ?? -100);
      this.#view.level(participantId, level);
    });
    this.#tellStatus();
  }

  ended(reason: LeaveReason, error: ParleyError | undefined): void {
    this.#statusTimer?.cancel();
    const failure = error === undefined ? {} : { error: { code: error.code, message: error.message } };
    this.#show({ type: 'ended', reason, latency: this.latency, ...failure });
  }

  #tellStatus(): void {
    this.#statusTimer = this.#clock.setTimer(() => {
      const levelsDbfs = Object.fromEntries(
        Object.entries(this.#loudestDbfs).map(([id, level]) => [id, Math.round(level)]),
      );
      this.#loudestDbfs = {};
      this.#show({ type: 'status', levelsDbfs, latency: this.latency });
      this.#tellStatus();
    }, STATUS_INTERVAL_MS);
  }

  #show(told: Told): void {
    const atMs = Math.round(this.#clock.nowMs() - this.#startMs);
    this.#view.show({ ...told, v: 1, atMs });
  }
}

function shown({ prefers, speaks, heard, ...person }: MeetingPerson): JoinPerson {
  return {
    ...person,
    speaks: [...speaks],
    ...(prefers === undefined ? {} : { prefers }),
    ...(heard ? { heard } : {}),
  };
}
