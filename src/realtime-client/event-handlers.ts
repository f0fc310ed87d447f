import type { Clock } from '../clock.js';

/** What is called with the payload of an event; a promise that it returns is not waited for. */
export type EventCallback<Event> = (event: Event) => unknown;

type AnyCallback = EventCallback<unknown>;

/**
 * Listeners by the name of their event, as OpenAI's beta client has them: those of `on` are called first, then those of
 * `onNext`, each in the order in which they were added. A listener that throws is reported and counted, and the next one runs.
 */
export class EventHandlers<Events extends object> {
  readonly #clock: Clock;
  readonly #onListenerError: (error: unknown, eventName: string) => void;
  readonly #handlers = new Map<string, readonly AnyCallback[]>();
  readonly #nextHandlers = new Map<string, readonly AnyCallback[]>();
  #listenerErrors = 0;

  constructor(options: { clock: Clock; onListenerError: (error: unknown, eventName: string) => void }) {
    this.#clock = options.clock;
    this.#onListenerError = options.onListenerError;
  }

  /** How many times a listener has thrown. */
  get listenerErrors(): number {
    return this.#listenerErrors;
  }

  /** Calls `callback` on every event of this name. Returns `callback`, by which {@link EventHandlers.off} knows it. */
  on<Name extends keyof Events & string>(
    eventName: Name,
    callback: EventCallback<Events[Name]>,
  ): EventCallback<Events[Name]> {
    add(this.#handlers, eventName, callback as AnyCallback);
    return callback;
  }

  /** Calls `callback` on the next event of this name only. Returns `callback`. */
  onNext<Name extends keyof Events & string>(
    eventName: Name,
    callback: EventCallback<Events[Name]>,
  ): EventCallback<Events[Name]> {
    add(this.#nextHandlers, eventName, callback as AnyCallback);
    return callback;
  }

  /**
   * Takes a listener off; without `callback` all listeners of the event. Returns true. Throws an Error where `callback` does not
   * listen to it.
   */
  off<Name extends keyof Events & string>(eventName: Name, callback?: EventCallback<Events[Name]>): true {
    return remove(this.#handlers, eventName, callback as AnyCallback | undefined, 'event listener');
  }

  /** The same for listeners of {@link EventHandlers.onNext}. */
  offNext<Name extends keyof Events & string>(eventName: Name, callback?: EventCallback<Events[Name]>): true {
    return remove(this.#nextHandlers, eventName, callback as AnyCallback | undefined, 'next event listener');
  }

  /** Resolves with the payload of the next event of this name, or with null after `timeoutMs`; without it, it is waited for for ever. */
  waitForNext<Name extends keyof Events & string>(
    eventName: Name,
    timeoutMs: number | null = null,
  ): Promise<Events[Name] | null> {
    return new Promise((resolve) => {
      const timer =
        timeoutMs === null
          ? undefined
          : this.#clock.setTimer(() => {
              this.offNext(eventName, callback);
              resolve(null);
            }, timeoutMs);
      const callback = this.onNext(eventName, (event) => {
        timer?.cancel();
        resolve(event);
      });
    });
  }

  /** Takes all listeners off. Returns true. */
  clearEventHandlers(): true {
    this.#handlers.clear();
    this.#nextHandlers.clear();
    return true;
  }

  /** Whether anybody listens to this event. */
  hears(eventName: keyof Events & string): boolean {
    return this.#handlers.has(eventName) || this.#nextHandlers.has(eventName);
  }

  /** Calls the listeners of an event. Returns true. */
  dispatch<Name extends keyof Events & string>(eventName: Name, event: Events[Name]): true {
    this.#call(this.#handlers.get(eventName), eventName, event);
    const next = this.#nextHandlers.get(eventName);
    this.#nextHandlers.delete(eventName);
    this.#call(next, eventName, event);
    return true;
  }

  #call(callbacks: readonly AnyCallback[] | undefined, eventName: string, event: unknown): void {
    if (callbacks === undefined) return;
    for (const callback of callbacks) {
      try {
        const returned = callback(event);
        if (returned instanceof Promise) returned.catch((error: unknown) => this.#failed(error, eventName));
      } catch (error) {
        this.#failed(error, eventName);
      }
    }
  }

  #failed(error: unknown, eventName: string): void {
    this.#listenerErrors++;
    this.#onListenerError(error, eventName);
  }
}

function add(handlers: Map<string, readonly AnyCallback[]>, eventName: string, callback: AnyCallback): void {
  handlers.set(eventName, [...(handlers.get(eventName) ?? []), callback]);
}

function remove(
  handlers: Map<string, readonly AnyCallback[]>,
  eventName: string,
  callback: AnyCallback | undefined,
  what: string,
): true {
  const known = handlers.get(eventName) ?? [];
  const index = callback === undefined ? -1 : known.indexOf(callback);
  if (callback !== undefined && index === -1) {
    throw new Error(`Could not turn off specified ${what} for "${eventName}": not found as a listener`);
  }
  const rest = callback === undefined ? [] : known.toSpliced(index, 1);
  if (rest.length === 0) handlers.delete(eventName);
  else handlers.set(eventName, rest);
  return true;
}
