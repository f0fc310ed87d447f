import type { EventSource } from '../events.js';
import type { MeetingEvents } from '../meeting/meeting-events.js';
import type { LanguageTag } from '../languages/languages.js';
import type { RouteStatus } from './interpreter.js';

/** The routes of a meeting as they are now, by what happens to them. */
export class RouteStates {
  readonly #routes = new Map<string, RouteStatus>();

  get all(): readonly RouteStatus[] {
    return [...this.#routes.values()];
  }

  follow(events: EventSource<MeetingEvents>): void {
    events.on('route', ({ speakerId, to, state }) => {
      if (state === 'closed') this.#routes.delete(keyOf(speakerId, to));
      else this.#change({ engine: undefined, ...this.#get(speakerId, to), speakerId, to, state });
    });
    events.on('engine', ({ speakerId, to, engine }) => {
      this.#change({ state: 'opening', ...this.#get(speakerId, to), speakerId, to, engine });
    });
  }

  #get(speakerId: string, to: LanguageTag | undefined): RouteStatus | undefined {
    return this.#routes.get(keyOf(speakerId, to));
  }

  #change(route: RouteStatus): void {
    this.#routes.set(keyOf(route.speakerId, route.to), route);
  }
}

function keyOf(speakerId: string, to: LanguageTag | undefined): string {
  return `${to ?? ''} ${speakerId}`;
}
