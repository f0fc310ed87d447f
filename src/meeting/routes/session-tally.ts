import { newSessionCounters } from '../../realtime/session-counters.js';
import type { InterpretingSession, SessionCounters } from '../../realtime/session.js';
import type { OpenSession } from '../open-session.js';

/** What all sessions of a meeting have counted, those that are over included. */
export class SessionTally {
  readonly #over = newSessionCounters();
  readonly #open = new Set<InterpretingSession>();

  /** The same sessions, counted. */
  counted(openSession: OpenSession): OpenSession {
    return (request) => {
      const session = openSession(request);
      this.#open.add(session);
      session.events.on('state', ({ kind }) => {
        if (kind === 'ended' && this.#open.delete(session)) addTo(this.#over, session.counters);
      });
      return session;
    };
  }

  /** Until now. */
  get total(): SessionCounters {
    const total = { ...this.#over };
    for (const { counters } of this.#open) addTo(total, counters);
    return total;
  }
}

function addTo(total: SessionCounters, counters: Readonly<SessionCounters>): void {
  for (const name of Object.keys(total) as (keyof SessionCounters)[]) total[name] += counters[name];
}
