/** Who wants to know what. */

/** Listeners of events by name. */
export class Listeners<Events> {
  readonly #listeners = new Map<keyof Events, readonly ((event: never) => void)[]>();

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const entry = (event: Events[Name]): void => listener(event);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), entry]);
    return () => {
      const rest = this.#listeners.get(name)?.filter((other) => other !== entry);
      this.#listeners.set(name, rest ?? []);
    };
  }

  /** Returns whether anybody was told. What a listener throws is reported as the browser would, and the others are told. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): boolean {
    const listeners = (this.#listeners.get(name) ?? []) as readonly ((event: Events[Name]) => void)[];
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        reportError(error);
      }
    }
    return listeners.length > 0;
  }

  close(): void {
    this.#listeners.clear();
  }
}
