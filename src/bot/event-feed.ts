import { BoundedMap } from '../bounded-map.js';
import type { Clock, TimerHandle } from '../clock.js';
import type { Cost, CostMeter } from '../cost/cost-meter.js';
import type { ParleyError } from '../errors.js';
import type { MeetingInterpreter } from '../meeting/meeting.js';
import type { MeetingPerson } from '../meeting/meeting-events.js';
import type { LeaveReason } from '../room/room.js';
import type { JoinCounters, JoinEvent, JoinEventOf, JoinPerson, Latency, RouteSpans } from './events.js';
import { isPlayedBack } from '../realtime/stand-in-text.js';
import { LatencyMeter } from './latency-meter.js';
import { type GrownSpan, RouteSpanMeters } from './route-spans.js';
import { languageName } from '../languages/languages.js';

const STATUS_INTERVAL_MS = 5_000;
/** Routes whose cost is told at the end. */
const MAX_ROUTES = 50;

/** Turns that are remembered as played back; the oldest are forgotten. */
const MAX_PLAYED_BACK = 256;

/** Takes the events of a meeting as they come. */
export interface EventSink {
  show(event: JoinEvent): void;
  /** A participant's level, four times a second. */
  level(participantId: string, levelDbfs: number): void;
}

/** An event without what every one has. */
type BareEvent = { [Type in JoinEvent['type']]: Omit<JoinEventOf<Type>, 'v' | 'atMs'> }[JoinEvent['type']];

/** Makes one stream of events out of what happens in a meeting, with levels and delays added up. */
export class EventFeed {
  readonly #clock: Clock;
  readonly #sink: EventSink;
  readonly #startMs: number;
  readonly #latency = new LatencyMeter();
  readonly #spans = new RouteSpanMeters();
  readonly #playedBack = new BoundedMap<true>(MAX_PLAYED_BACK);
  #playedBackCount = 0;
  readonly #explain: boolean;
  readonly #meter: CostMeter | undefined;
  readonly #billed: boolean;
  readonly #loudestDbfs = new Map<string, number>();
  #statusTimer: TimerHandle | undefined;
  #meeting: MeetingInterpreter | undefined;

  /**
   * `explain`: with what each session is told, which holds what is private to people. `meter`: what the meeting costs; it is
   * part of events where something is `billed`, as by default, or there is a budget.
   */
  constructor(options: {
    clock: Clock;
    sink: EventSink;
    explain?: boolean;
    meter?: CostMeter;
    billed?: boolean;
  }) {
    this.#meter = options.meter;
    this.#billed = options.billed ?? true;
    this.#explain = options.explain ?? false;
    this.#clock = options.clock;
    this.#sink = options.sink;
    this.#startMs = options.clock.nowMs();
  }

  get latency(): Latency {
    return this.#latency.latency;
  }

  /** How far translations are behind their speakers, by route and engine. */
  get spans(): RouteSpans {
    return this.#spans.summary;
  }

  /** What the meeting has cost until now; undefined where nothing is billed. */
  get cost(): JoinEventOf<'status'>['cost'] {
    const meter = this.#shownMeter;
    if (meter === undefined) return undefined;
    const { total, budgetUsd } = meter;
    return {
      ...shownCost(total),
      unpriced: total.unpriced,
      ...(total.isLowerBound === true ? { isLowerBound: true } : {}),
      ...(budgetUsd === undefined ? {} : { budgetUsd }),
    };
  }

  /** What the meeting has counted until now; undefined before it is followed. */
  get counters(): JoinCounters | undefined {
    if (this.#meeting === undefined) return undefined;
    const playedBack = this.#playedBackCount;
    return { ...shownCounters(this.#meeting), ...(playedBack === 0 ? {} : { playedBack }) };
  }

  started(about: Omit<JoinEventOf<'started'>, 'v' | 'atMs' | 'type' | 'time'>): void {
    this.#show({ type: 'started', time: new Date(this.#clock.epochMs()).toISOString(), ...about });
  }

  /** Tells of everything that happens in `meeting`, until the end. */
  follow(meeting: MeetingInterpreter): void {
    this.#meeting = meeting;
    const { events } = meeting;
    events.on('state', (state) => {
      const reason = state.kind === 'left' ? { reason: state.reason } : {};
      this.#show({ type: 'state', state: state.kind, ...reason });
    });
    events.on('joined', (person) => {
      this.#show({ type: 'joined', person: shownPerson(person) });
    });
    events.on('changed', (person) => {
      this.#show({ type: 'changed', person: shownPerson(person) });
    });
    events.on('left', (person, reason) => {
      this.#show({ type: 'left', person: shownPerson(person), ...(reason === undefined ? {} : { reason }) });
    });
    events.on('speaking', (speech) => {
      this.#show({ type: 'speaking', ...speech });
    });
    events.on('caption', (caption) => {
      if (caption.final && isPlayedBack(caption.translatedText)) this.#followPlayedBack(caption.turnId);
      this.#show({ type: 'caption', ...caption });
    });
    events.on('playback', ({ firstAudioDelayMs, silentAtMs, ...playback }) => {
      const delay =
        firstAudioDelayMs === undefined ? {} : { firstAudioDelayMs: Math.round(firstAudioDelayMs) };
      if (playback.what === 'heard' && firstAudioDelayMs !== undefined)
        this.#heard(playback.turnId, firstAudioDelayMs);
      const silent = silentAtMs === undefined ? {} : { silentAtMs: Math.round(silentAtMs - this.#startMs) };
      this.#show({ type: 'playback', ...playback, ...delay, ...silent });
    });
    events.on('span', (span) => {
      if (this.#playedBack.has(span.turnId)) return;
      this.#show({ type: 'span', ...span, spanMs: Math.round(span.spanMs) });
      const grown = this.#spans.add(span);
      if (grown !== undefined) this.#warn(meeting, grown);
    });
    events.on('route', ({ to, ...route }) => {
      this.#show({ type: 'route', ...route, ...(to === undefined ? {} : { to }) });
    });
    events.on('engine', ({ to, usdPerHour, ...choice }) => {
      if (!this.#explain) return;
      const cost = usdPerHour === undefined ? {} : { usdPerHour: Math.round(usdPerHour * 100) / 100 };
      this.#show({ type: 'engine', ...choice, ...(to === undefined ? {} : { to }), ...cost });
    });
    events.on('instructions', (instructions) => {
      if (this.#explain) this.#show({ type: 'instructions', ...instructions });
    });
    events.on('notice', (notice) => {
      this.#show({ type: 'notice', ...notice });
    });
    events.on('agent', (news) => {
      this.#show({ type: 'agent', ...news });
    });
    events.on('tool', (news) => {
      this.#show({ type: 'tool', ...news });
    });
    events.on('note', (news) => {
      this.#show({ type: 'note', ...news });
    });
    events.on('level', ({ participantId, levelDbfs }) => {
      const level = Math.max(levelDbfs, -100); // JSON has no infinity
      this.#loudestDbfs.set(participantId, Math.max(level, this.#loudestDbfs.get(participantId) ?? -100));
      this.#sink.level(participantId, level);
    });
    this.#emitStatus();
  }

  /** A stand-in's playing back is counted apart from translations, whether its text or its sound comes first. */
  #followPlayedBack(turnId: string): void {
    if (this.#playedBack.has(turnId)) return;
    this.#playedBackCount++;
    this.#playedBack.set(turnId, true);
    this.#latency.remove(turnId);
    this.#spans.remove(turnId);
  }

  #warn(meeting: MeetingInterpreter, { speakerId, to, fromMs, toMs }: GrownSpan): void {
    const name = meeting.people.find(({ id }) => id === speakerId)?.name ?? speakerId;
    const [before, now] = [fromMs, toMs].map((spanMs) => (spanMs / 1_000).toFixed(1));
    const message = `${name} into ${languageName(to)}: the interpretation falls behind: ${now!} s of late, ${before!} s before`;
    this.#show({ type: 'notice', kind: 'span', message, participantId: speakerId });
  }

  #heard(turnId: string, delayMs: number): void {
    if (!this.#playedBack.has(turnId)) this.#latency.add(turnId, delayMs);
  }

  ended(reason: LeaveReason, error: ParleyError | undefined): void {
    this.#statusTimer?.cancel();
    const failure = error === undefined ? {} : { error: { code: error.code, message: error.message } };
    const { latency } = this;
    this.#show({
      ...{ type: 'ended', reason, latency, ...this.#shownSpans() },
      ...{ ...this.#cost(), ...this.#costByRoute(), ...failure },
      ...(this.#meeting === undefined ? {} : { counters: this.counters }),
    });
  }

  #emitStatus(): void {
    this.#statusTimer = this.#clock.setTimer(() => {
      const levelsDbfs = Object.fromEntries(
        [...this.#loudestDbfs].map(([id, level]) => [id, Math.round(level)]),
      );
      this.#loudestDbfs.clear();
      this.#show({
        ...{ type: 'status', levelsDbfs, latency: this.latency, ...this.#shownSpans(), ...this.#cost() },
      });
      this.#emitStatus();
    }, STATUS_INTERVAL_MS);
  }

  get #shownMeter(): CostMeter | undefined {
    const meter = this.#meter;
    return this.#billed || meter?.budgetUsd !== undefined ? meter : undefined;
  }

  #shownSpans(): Pick<JoinEventOf<'status'>, 'spans'> {
    const { spans } = this;
    return spans.length === 0 ? {} : { spans };
  }

  #cost(): Pick<JoinEventOf<'status'>, 'cost'> {
    const { cost } = this;
    return cost === undefined ? {} : { cost };
  }

  #costByRoute(): Pick<JoinEventOf<'ended'>, 'costByRoute'> {
    const meter = this.#shownMeter;
    if (meter === undefined) return {};
    const dearest = [...meter.routes].sort(([, a], [, b]) => b.usd - a.usd).slice(0, MAX_ROUTES);
    return { costByRoute: dearest.map(([route, cost]) => ({ route, ...shownCost(cost) })) };
  }

  #show(bare: BareEvent): void {
    const atMs = Math.round(this.#clock.nowMs() - this.#startMs);
    this.#sink.show({ ...bare, v: 1, atMs });
  }
}

/** Somebody as events show them. */
export function shownPerson({ prefers, speaks, heard, ...person }: MeetingPerson): JoinPerson {
  return {
    ...person,
    speaks: [...speaks],
    ...(prefers === undefined ? {} : { prefers }),
    ...(heard ? { heard } : {}),
  };
}

function shownCost({ usd, responses, audioMs }: Cost): { usd: number; responses: number; audioMs: number } {
  return { usd: Math.round(usd * 1e4) / 1e4, responses, audioMs: Math.round(audioMs) };
}

/** What a meeting has counted, as events show it. */
export function shownCounters({ counters }: MeetingInterpreter): JoinCounters {
  const { sessions, captions, guard, captionsOnly } = counters;
  const { audioDroppedMs, staleAudioDroppedMs, reconnects, rotations, responsesRetried } = sessions;
  return {
    audioDroppedMs: Math.round(audioDroppedMs),
    staleAudioDroppedMs: Math.round(staleAudioDroppedMs),
    captionsDropped: captions.dropped,
    captionsOnly,
    ...guard,
    ...{ reconnects, rotations, responsesRetried },
  };
}
