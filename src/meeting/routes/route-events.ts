import { EventEmitter, type EventSource, type OnListenerError } from '../../events.js';
import type { EngineDecision, EngineNeed } from '../../interpreter/plan/engine.js';
import { ENGINES } from '../../realtime/engines.js';
import type { GuardFinding } from '../../interpreter/guard/guard.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { ParleyError } from '../../errors.js';
import type { SessionNotice } from '../../realtime/session.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import type { Briefing } from '../briefing/briefing.js';
import type { LiveRoute, LiveRouteHandlers } from './live-route.js';
import type { MeetingEvents, MeetingNotice, RouteState, TurnPlayback, TurnSpan } from '../meeting-events.js';
import {
  failedNotice,
  guardNotice,
  otherEngineNotice,
  reconnectingNotice,
  sessionNotice,
  unusedNeedsNotice,
} from '../meeting-notices.js';
import type { RouteSessionView, SaidSpeech } from '../meeting-part.js';
import type { PartHost } from '../part-host.js';
import type { Roster } from '../people/roster.js';
import type { EngineSettings } from './route-engine.js';

/** Tells that are noise to whoever runs a meeting. */
const QUIET_NOTICES: ReadonlySet<SessionNotice['kind']> = new Set(['benign_error', 'unknown_event']);

/** Who is told, and who is asked. */
type RouteEventsOptions = {
  meetingEvents: EventEmitter<MeetingEvents>;
  parts: PartHost;
  briefing: Pick<Briefing, 'needsOf'>;
  engines: EngineSettings | undefined;
  roster: Pick<Roster, 'nameOf' | 'hear'>;
  onListenerError?: OnListenerError | undefined;
};

/** What follows from routes for their set. */
type RoutePlanEvents = {
  /** A route has no session although it needs one: another of the speaker's may have to transcribe. */
  failed: [];
};

/**
 * What the routes of one meeting tell, on its way to whoever wants to know: the host, the meeting's parts, and those that plan.
 */
export class RouteEvents implements LiveRouteHandlers {
  readonly #options: RouteEventsOptions;
  /** Routes that another engine interprets than was meant for them. */
  readonly #replaced = new WeakSet<LiveRoute>();
  /** What the host was told is not used. */
  readonly #unusedNeeds = new Set<EngineNeed>();
  readonly #planEvents: EventEmitter<RoutePlanEvents>;
  #captionsOnly = 0;

  constructor(options: RouteEventsOptions) {
    this.#options = options;
    this.#planEvents = new EventEmitter(options.onListenerError);
  }

  get events(): EventSource<RoutePlanEvents> {
    return this.#planEvents;
  }

  /** Translations that were left to captions, since too much was waiting. */
  get captionsOnly(): number {
    return this.#captionsOnly;
  }

  state(route: LiveRoute, state: 'opening' | 'open' | 'closed'): void {
    this.#emitState(route, state);
  }

  reconnecting(route: LiveRoute, error: ParleyError): void {
    this.#emitState(route, 'reconnecting');
    this.#notice(reconnectingNotice(route.spec, this.#speakerOf(route), error));
  }

  failed(route: LiveRoute, error: ParleyError, retryInMs: number): void {
    this.#emitState(route, 'failed');
    this.#notice(failedNotice(route.spec, this.#speakerOf(route), error, retryInMs));
    this.#planEvents.emit('failed');
  }

  session(_route: LiveRoute, session: RouteSessionView): void {
    this.#options.parts.call('session', session);
  }

  doubted(route: LiveRoute, turnId: string, finding: GuardFinding): void {
    this.#options.parts.call('doubted', turnId, finding);
    this.#notice(guardNotice(route.spec, this.#speakerOf(route), finding));
  }

  dropped(_route: LiveRoute, turnId: string): void {
    this.#options.parts.call('dropped', turnId);
  }

  engine(route: LiveRoute, decision: EngineDecision): void {
    const { spec } = route;
    const { meetingEvents, engines, roster } = this.#options;
    const { speakerId, to, transcribes } = spec;
    const { engine, reason, insteadOf } = decision;
    const usdPerHour = engines?.usdPerHour?.(engine, transcribes);
    meetingEvents.emit('engine', { speakerId, to, engine, reason, usdPerHour });
    if (insteadOf !== undefined || this.#replaced.has(route))
      this.#notice(otherEngineNotice(spec, roster.nameOf(speakerId), decision));
    if (insteadOf === undefined) this.#replaced.delete(route);
    else this.#replaced.add(route);
    if (!ENGINES[engine].instructions) this.#notifyUnused(spec);
  }

  instructed({ spec: { speakerId, to } }: LiveRoute, text: string): void {
    if (to !== undefined) this.#options.meetingEvents.emit('instructions', { speakerId, to, text });
  }

  said(_route: LiveRoute, said: SaidSpeech): void {
    this.#options.parts.call('said', said);
  }

  languageHeard({ spec }: LiveRoute, language: string): void {
    this.#options.roster.hear(spec.speakerId, language);
  }

  notice(route: LiveRoute, notice: SessionNotice): void {
    if (!QUIET_NOTICES.has(notice.kind))
      this.#notice(sessionNotice(route.spec, this.#speakerOf(route), notice));
  }

  span(span: TurnSpan): void {
    this.#options.meetingEvents.emit('span', span);
  }

  playback(_route: LiveRoute, playback: TurnPlayback, turn: TurnRecord): void {
    const { what } = playback;
    if (what === 'captions_only') this.#captionsOnly++;
    if (what === 'heard' || what === 'cut' || what === 'captions_only')
      this.#options.parts.call('played', turn, what);
    this.#options.meetingEvents.emit('playback', playback);
  }

  #notifyUnused(spec: RouteSpec): void {
    const unused = this.#options.briefing.needsOf(spec).filter((need) => !this.#unusedNeeds.has(need));
    for (const need of unused) this.#unusedNeeds.add(need);
    if (unused.length > 0) this.#notice(unusedNeedsNotice(unused));
  }

  #emitState(route: LiveRoute, state: RouteState['state']): void {
    const { speakerId, to } = route.spec;
    this.#options.meetingEvents.emit('route', { speakerId, to, state });
    this.#options.parts.call('route', route.snapshot(state));
  }

  #speakerOf({ spec }: LiveRoute): string {
    return this.#options.roster.nameOf(spec.speakerId);
  }

  #notice(notice: MeetingNotice): void {
    this.#options.meetingEvents.emit('notice', notice);
  }
}
