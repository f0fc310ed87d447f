/** Everything that a session of either engine tells. */
import type { InterpretingSession, SessionEvents } from '../../src/realtime/session.js';

/** What was told, by event name. */
export type Told = { [Name in keyof SessionEvents]: SessionEvents[Name][0][] };

export type Recorded = {
  told: Told;
  /** Names and turn ids of all that was told but usage, in order. */
  order: string[];
};

/** Records from now on. */
export function record(session: InterpretingSession): Recorded {
  const told: Told = {
    state: [],
    speechStarted: [],
    speechStopped: [],
    turnCommitted: [],
    sourceTranscript: [],
    audio: [],
    audioEnded: [],
    translationTranscript: [],
    turnDone: [],
    usage: [],
    notice: [],
  };
  const order: string[] = [];
  for (const name of Object.keys(told) as (keyof Told)[]) {
    session.events.on(name, (payload: object) => {
      (told[name] as object[]).push(payload);
      if (name !== 'usage') order.push('turnId' in payload ? `${name} ${String(payload.turnId)}` : name);
    });
  }
  return { told, order };
}
