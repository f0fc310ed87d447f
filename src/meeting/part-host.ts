import type { Metric } from '../metrics.js';
import type { MeetingContext, MeetingPart } from './meeting-part.js';

type Hooks = Required<Omit<MeetingPart, 'name'>>;
type HookName = keyof Hooks;
type Call<Name extends HookName> = (...args: Parameters<Hooks[Name]>) => unknown;

/**
 * Calls the hooks of a meeting's parts. A part that throws, or rejects, is reported and counted; the others are called all the
 * same.
 */
export class PartHost {
  readonly #onError: (error: unknown, where: string) => void;
  #parts: readonly MeetingPart[] = [];
  #errors = 0;

  /** @param onError told of what a part threw, and where: `captions.joined` */
  constructor(onError: (error: unknown, where: string) => void = () => undefined) {
    this.#onError = onError;
  }

  /** How many times a part has thrown or rejected. */
  get errors(): number {
    return this.#errors;
  }

  /** These parts are called from now on, beside those that were there. */
  attach(parts: readonly MeetingPart[], meeting: MeetingContext): void {
    this.#parts = [...this.#parts, ...parts];
    for (const part of parts) this.#try(part, 'attach', [meeting]);
  }

  /** Calls one hook of every part. */
  call<Name extends HookName>(hook: Name, ...args: Parameters<Hooks[Name]>): void {
    for (const part of this.#parts) this.#try(part, hook, args);
  }

  /** Calls one hook of every part at once. Resolves when all of them are settled; never rejects. */
  async settled<Name extends HookName>(hook: Name, ...args: Parameters<Hooks[Name]>): Promise<void> {
    await Promise.all(this.#parts.map((part) => this.#try(part, hook, args)));
  }

  /** The numbers of all parts. */
  metrics(): Metric[] {
    return this.#parts.flatMap((part) => {
      try {
        return part.metrics?.() ?? [];
      } catch (error) {
        this.#failed(part, 'metrics', error);
        return [];
      }
    });
  }

  #try<Name extends HookName>(part: MeetingPart, hook: Name, args: Parameters<Hooks[Name]>): unknown {
    try {
      const result = (part[hook] as Call<Name> | undefined)?.apply(part, args);
      return result instanceof Promise
        ? result.catch((error: unknown) => {
            this.#failed(part, hook, error);
          })
        : undefined;
    } catch (error) {
      this.#failed(part, hook, error);
      return undefined;
    }
  }

  #failed({ name }: MeetingPart, hook: HookName, error: unknown): void {
    this.#errors++;
    try {
      this.#onError(error, `${name}.${hook}`);
    } catch {
      // A report that throws must not harm the meeting either.
    }
  }
}
