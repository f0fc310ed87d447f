/** Everything that a session of either engine tells. */
import type { InterpretingSession, SessionEvents } from '../../src/realtime/session.js';

/** What was told, by event name. */
export type Emitted = { [Name in keyof SessionEvents]: SessionEvents[Name][0][] };

export type Recorded = {
  emitted: Emitted;
  /** Names and turn ids of all that was told but usage, in order. */
  order: string[];
};

/** Records from now on. */
export function record(session: InterpretingSession): Recorded {
  const emitted: Emitted = {
    state: [],
    speechStarted: [],
    speechStopped: [],
    turnCommitted: [],
    sourceTranscript: [],
    audio: [],
    audioEnded: [],
    translationTranscript: [],
    toolCalls: [],
    turnDone: [],
    usage: [],
    notice: [],
  };
  const order: string[] = [];
  for (const name of Object.keys(emitted) as (keyof Emitted)[]) {
    session.events.on(name, (payload: object) => {
      (emitted[name] as object[]).push(payload);
      if (name !== 'usage') order.push('turnId' in payload ? `${name} ${String(payload.turnId)}` : name);
    });
  }
  return { emitted, order };
}
