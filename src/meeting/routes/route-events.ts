import type { EventEmitter } from '../../events.js';
import type { EngineDecision, EngineNeed } from '../../interpreter/plan/engine.js';
import { ENGINES } from '../../realtime/engines.js';
import type { GuardFinding } from '../../interpreter/guard/guard.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { ParleyError } from '../../errors.js';
import type { SessionNotice } from '../../realtime/session.js';
import type { Briefing } from '../briefing/briefing.js';
import type { InterruptedRoute, InterruptionCaptions } from '../captions/interruption-captions.js';
import type { LiveRoute, LiveRouteHandlers } from './live-route.js';
import type { MeetingEvents, MeetingNotice, RouteState, TurnPlayback } from '../meeting-events.js';
import {
  failedNotice,
  guardNotice,
  otherEngineNotice,
  reconnectingNotice,
  sessionNotice,
  unusedNeedsNotice,
} from '../meeting-notices.js';
import type { EngineSettings } from './route-engine.js';

/** Tells that are noise to whoever runs a meeting. */
const QUIET_NOTICES: ReadonlySet<SessionNotice['kind']> = new Set(['benign_error', 'unknown_event']);

/** Who is told. */
export type RouteEventsOptions = {
  events: EventEmitter<MeetingEvents>;
  interruptions: InterruptionCaptions;
  briefing: Briefing;
  engines: EngineSettings | undefined;
  nameOf: (participantId: string) => string;
  /** A route has no session although it needs one. */
  onFailed: () => void;
  /** What a speaker speaks was heard. */
  onLanguage: (speakerId: string, language: string) => void;
};

/**
 * What the routes of one meeting tell, on its way to whoever wants to know: the host, readers, and those that plan.
 */
export class RouteEvents implements LiveRouteHandlers {
  readonly #options: RouteEventsOptions;
  /** Routes that another engine interprets than was meant for them. */
  readonly #replaced = new WeakSet<LiveRoute>();
  /** What the host was told is not used. */
  readonly #unusedNeeds = new Set<EngineNeed>();
  #captionsOnly = 0;

  constructor(options: RouteEventsOptions) {
    this.#options = options;
  }

  /** Translations that were left to captions, since too much was waiting. */
  get captionsOnly(): number {
    return this.#captionsOnly;
  }

  state(route: LiveRoute, state: 'opening' | 'open' | 'closed'): void {
    this.#emitState(route, state);
    const { interruptions } = this.#options;
    if (state === 'open') interruptions.resumed(this.#shown(route));
    if (state === 'closed') interruptions.over(route.spec);
  }

  reconnecting(route: LiveRoute, error: ParleyError): void {
    this.#emitState(route, 'reconnecting');
    this.#notice(reconnectingNotice(route.spec, this.#speakerOf(route), error));
    this.#options.interruptions.reconnecting(this.#shown(route));
  }

  failed(route: LiveRoute, error: ParleyError, retryInMs: number): void {
    this.#emitState(route, 'failed');
    this.#options.interruptions.stopped(this.#shown(route));
    this.#notice(failedNotice(route.spec, this.#speakerOf(route), error, retryInMs));
    this.#options.onFailed();
  }

  doubted(route: LiveRoute, finding: GuardFinding): void {
    this.#notice(guardNotice(route.spec, this.#speakerOf(route), finding));
  }

  engine(route: LiveRoute, decision: EngineDecision): void {
    const { spec } = route;
    const { events, engines, nameOf } = this.#options;
    const { speakerId, to, transcribes } = spec;
    const { engine, reason, insteadOf } = decision;
    const usdPerHour = engines?.usdPerHour?.(engine, transcribes);
    events.emit('engine', { speakerId, to, engine, reason, usdPerHour });
    if (insteadOf !== undefined || this.#replaced.has(route))
      this.#notice(otherEngineNotice(spec, nameOf(speakerId), decision));
    if (insteadOf === undefined) this.#replaced.delete(route);
    else this.#replaced.add(route);
    if (!ENGINES[engine].instructions) this.#notifyUnused(spec);
  }

  instructed({ spec: { speakerId, to } }: LiveRoute, text: string): void {
    if (to !== undefined) this.#options.events.emit('instructions', { speakerId, to, text });
  }

  said({ spec }: LiveRoute, text: string): void {
    this.#options.briefing.said(spec.speakerId, text);
  }

  languageHeard({ spec }: LiveRoute, language: string): void {
    this.#options.onLanguage(spec.speakerId, language);
  }

  notice(route: LiveRoute, notice: SessionNotice): void {
    if (!QUIET_NOTICES.has(notice.kind))
      this.#notice(sessionNotice(route.spec, this.#speakerOf(route), notice));
  }

  playback(_route: LiveRoute, playback: TurnPlayback): void {
    if (playback.what === 'captions_only') this.#captionsOnly++;
    this.#options.events.emit('playback', playback);
  }

  #notifyUnused(spec: RouteSpec): void {
    const unused = this.#options.briefing.needsOf(spec).filter((need) => !this.#unusedNeeds.has(need));
    for (const need of unused) this.#unusedNeeds.add(need);
    if (unused.length > 0) this.#notice(unusedNeedsNotice(unused));
  }

  #emitState({ spec: { speakerId, to } }: LiveRoute, state: RouteState['state']): void {
    this.#options.events.emit('route', { speakerId, to, state });
  }

  #shown(route: LiveRoute): InterruptedRoute {
    const { key, to } = route.spec;
    return { key, to, speakerName: this.#speakerOf(route) };
  }

  #speakerOf({ spec }: LiveRoute): string {
    return this.#options.nameOf(spec.speakerId);
  }

  #notice(notice: MeetingNotice): void {
    this.#options.events.emit('notice', notice);
  }
}
