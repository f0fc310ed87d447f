import type { CaptionMark } from '../../captions/caption.js';
import type { LiveCaptions } from '../../captions/live-captions.js';
import { foundLanguage } from '../../interpreter/plan/recognised-languages.js';
import type { TurnOutcome } from '../../realtime/session.js';
import type { RouteSessionView } from '../meeting-part.js';

/** What readers are told of a translation that did not end well. */
const MARK_OF: Readonly<Record<TurnOutcome, CaptionMark | undefined>> = {
  completed: undefined,
  empty: undefined,
  cancelled: 'cut',
  incomplete: 'failed',
  failed: 'failed',
};

/**
 * Makes captions of what a session tells from now on: whose words, what was said and translated, and how that ended.
 * @param toMeetingMs the time of captions, from the clock's
 */
export function captionSession(
  session: RouteSessionView,
  captions: LiveCaptions,
  toMeetingMs: (atMs: number) => number,
): void {
  const { events } = session;
  events.on('speechStarted', ({ turnId, startMs }) => {
    const attribution = session.attributionOf(turnId);
    if (attribution === undefined) return;
    captions.started({
      turnId,
      ...attribution,
      transcribed: session.spec.transcribes,
      startMs: toMeetingMs(startMs),
    });
  });
  for (const name of ['speechStopped', 'turnCommitted'] as const) {
    events.on(name, ({ turnId, startMs, endMs }) => {
      captions.bounds(turnId, toMeetingMs(startMs), toMeetingMs(endMs));
    });
  }
  events.on('sourceTranscript', ({ turnId, text, final, language }) => {
    captions.source(turnId, text, final, foundLanguage(session.spec, language));
  });
  events.on('translationTranscript', ({ turnId, text }) => {
    captions.translation(turnId, text);
  });
  events.on('turnDone', ({ turnId, outcome }) => {
    captions.done(turnId, MARK_OF[outcome]);
  });
}
