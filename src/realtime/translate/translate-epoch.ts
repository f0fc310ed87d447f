import type { SessionCounters } from '../session.js';
import { TranslateOutput, type TranslateOutputOptions } from './translate-output.js';
import { TranslateTurns, type TranslateTurnsOptions } from './translate-turns.js';

/** Characters of base64 and text that wait at most: two minutes of audio. */
const MAX_WAITING_CHARS = 8_000_000;

type Waiting = { readonly kind: 'text' | 'audio'; readonly payload: string };

/** What an epoch is made of. */
type TranslateEpochOptions = TranslateTurnsOptions & Omit<TranslateOutputOptions, 'turns'>;

/**
 * What is said between two changes of session: the turns of the speaker, and what the engine says to them. Where the epoch
 * before is still being translated, what comes for this one waits, so that everything is heard in the order in which it was
 * said.
 */
export class TranslateEpoch {
  readonly turns: TranslateTurns;
  readonly #output: TranslateOutput;
  readonly #counters: SessionCounters;
  #waiting: Waiting[] | undefined; // oldest first
  #waitingChars = 0;

  constructor(options: TranslateEpochOptions) {
    this.turns = new TranslateTurns(options);
    this.#output = new TranslateOutput({ ...options, turns: this.turns });
    this.#counters = options.counters;
  }

  /** What comes waits until {@link TranslateEpoch.release}. */
  hold(): void {
    this.#waiting ??= [];
  }

  /** It is this epoch's turn to be heard. */
  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#waitingChars = 0;
    this.turns.waitAnew();
    for (const { kind, payload } of waiting) this.#say(kind, payload);
  }

  /** A piece of what the speaker said. */
  sourceText(delta: string): void {
    this.turns.sourceText(delta);
  }

  /** A piece of what the engine says, as text. */
  translationText(delta: string): void {
    this.#take('text', delta);
  }

  /** A piece of what the engine says: PCM16 little-endian, 24 kHz mono, as base64. */
  audio(base64: string): void {
    this.#take('audio', base64);
  }

  /** Ends what is over by now; to be called a few times a second while there is a connection. */
  tick(): void {
    if (this.#waiting !== undefined) return;
    this.#output.tick();
    this.turns.tick();
  }

  /**
   * Its connection was lost, with everything from `answeredToMs` on. What came and was not told yet comes again from the next one.
   * Returns how many translations were cut short.
   */
  connectionLost(answeredToMs: number): number {
    if (this.#waiting !== undefined) this.#waiting = [];
    this.#waitingChars = 0;
    const cutShort = this.turns.connectionLost(answeredToMs);
    this.#output.connectionLost();
    return cutShort;
  }

  #take(kind: Waiting['kind'], payload: string): void {
    if (this.#waiting === undefined) {
      this.#say(kind, payload);
      return;
    }
    this.#waiting.push({ kind, payload });
    this.#waitingChars += payload.length;
    while (this.#waitingChars > MAX_WAITING_CHARS) {
      this.#waitingChars -= this.#waiting.shift()!.payload.length;
      this.#counters.lateDeltas++;
    }
  }

  #say(kind: Waiting['kind'], payload: string): void {
    if (kind === 'text') this.turns.translationText(payload);
    else this.#output.take(payload);
  }
}
