/** Typed events with a safe emit: a listener that throws never stops audio. */

/** Event names mapped to labelled tuples of arguments. */
export type EventMap = Record<string, readonly unknown[]>;

type Listener<Args extends readonly unknown[]> = (...args: Args) => void;

/** Told when a listener throws, and of which event it listened to. */
export type OnListenerError = (error: unknown, eventName: string) => void;

/** The listening half of {@link EventEmitter}, for ports that hand out events. */
export interface EventSource<Events extends EventMap> {
  /** Calls `listener` on every `name`; returns a function that stops it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void;
}

/**
 * Emits synchronously, in the order of subscription. A listener's exception is counted and handed to
 * `onListenerError`, then the next listener runs.
 */
export class EventEmitter<Events extends EventMap> implements EventSource<Events> {
  readonly #listeners = new Map<keyof Events, readonly Listener<readonly unknown[]>[]>();
  readonly #onListenerError: OnListenerError;
  #listenerErrors = 0;

  constructor(onListenerError: OnListenerError = () => undefined) {
    this.#onListenerError = onListenerError;
  }

  /** How many times a listener has thrown. */
  get listenerErrors(): number {
    return this.#listenerErrors;
  }

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const entry = listener as unknown as Listener<readonly unknown[]>;
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), entry]);
    return () => {
      const rest = (this.#listeners.get(name) ?? []).filter((other) => other !== entry);
      this.#listeners.set(name, rest);
    };
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        listener(...args);
      } catch (error) {
        this.#listenerErrors++;
        try {
          this.#onListenerError(error, String(name));
        } catch {
          // An error handler that throws must not stop audio either.
        }
      }
    }
  }
}
