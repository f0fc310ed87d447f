import type { CaptionMark } from '../../captions/caption.js';
import type { LiveCaptions } from '../../captions/live-captions.js';
import type { EventSource } from '../../events.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { SessionEvents, TurnOutcome } from '../../realtime/session.js';
import type { Attributions } from './attributions.js';

/** What readers are told of a translation that did not end well. */
const MARK_OF: Readonly<Record<TurnOutcome, CaptionMark | undefined>> = {
  completed: undefined,
  empty: undefined,
  cancelled: 'cut',
  incomplete: 'failed',
  failed: 'failed',
};

/** A route as its captions see it, at present. */
export interface CaptionedRoute {
  readonly spec: RouteSpec;
  readonly speakerName: string;
}

/** What captions are made with. */
export type SessionCaptionsOptions = {
  captions: LiveCaptions;
  attributions: Attributions;
  /** The time of captions, from the clock's. */
  toMeetingMs: (atMs: number) => number;
};

/**
 * What a session of a route tells becomes captions: whose words, what was said and translated, and how that ended.
 * ; from now on.
 */
export function captionSession(
  events: EventSource<SessionEvents>,
  route: CaptionedRoute,
  { captions, attributions, toMeetingMs }: SessionCaptionsOptions,
): void {
  events.on('speechStarted', ({ turnId, startMs }) => {
    const { spec, speakerName } = route;
    captions.started({
      turnId,
      ...attributions.started(turnId, spec, speakerName),
      transcribed: spec.transcribes,
      startMs: toMeetingMs(startMs),
    });
  });
  for (const name of ['speechStopped', 'turnCommitted'] as const) {
    events.on(name, ({ turnId, startMs, endMs }) => {
      captions.bounds(turnId, toMeetingMs(startMs), toMeetingMs(endMs));
    });
  }
  events.on('sourceTranscript', ({ turnId, text, final, language }) => {
    captions.source(turnId, text, final, foundLanguage(route.spec, language));
  });
  events.on('translationTranscript', ({ turnId, text }) => {
    captions.translation(turnId, text);
  });
  events.on('turnDone', ({ turnId, outcome }) => {
    captions.done(turnId, MARK_OF[outcome]);
  });
}

/** The language that a transcription found by itself; undefined where it was told which to expect. */
export function foundLanguage(
  { transcriptionLanguage }: RouteSpec,
  reported: string | undefined,
): string | undefined {
  return transcriptionLanguage === undefined ? reported : undefined;
}
