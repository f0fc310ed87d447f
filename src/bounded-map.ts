/** A map that remembers only its newest entries. */
export class BoundedMap<Value, Key = string> {
  readonly #limit: number;
  readonly #entries = new Map<Key, Value>();

  /** @param limit entries remembered; a further one pushes out the oldest */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** An entry that is known keeps its age. Returns the value that was pushed out, where one was. */
  set(key: Key, value: Value): Value | undefined {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return undefined;
    const [oldest] = this.#entries;
    if (oldest === undefined) return undefined;
    this.#entries.delete(oldest[0]);
    return oldest[1];
  }

  delete(key: Key): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Oldest first. */
  keys(): IterableIterator<Key> {
    return this.#entries.keys();
  }

  /** Oldest first. */
  values(): IterableIterator<Value> {
    return this.#entries.values();
  }
}
