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

/** Makes captions of what a session emits from now on: whose words, what was said and translated, and how that ended. */
export function captionSession(session: RouteSessionView, captions: LiveCaptions): void {
  const { events } = session;
  events.on('speechStarted', ({ turnId }) => {
    const turn = session.turn(turnId);
    const attribution = session.attributionOf(turnId);
    if (turn === undefined || attribution === undefined) return;
    captions.started({ turn, ...attribution, transcribed: session.spec.transcribes });
  });
  events.on('sourceTranscript', ({ turnId, language }) => {
    captions.sourceChanged(turnId, foundLanguage(session.spec, language));
  });
  events.on('translationTranscript', ({ turnId }) => {
    captions.translationChanged(turnId);
  });
  events.on('turnDone', ({ turnId, outcome }) => {
    const stalled = outcome === 'cancelled' && session.turn(turnId)?.cutReason === 'stalled';
    captions.done(turnId, stalled ? 'failed' : MARK_OF[outcome]);
  });
}
