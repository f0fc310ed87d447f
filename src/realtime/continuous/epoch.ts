import type { SessionCounters, TimeWindow } from '../session.js';
import { ContinuousOutput, type ContinuousOutputOptions } from './continuous-output.js';
import { ContinuousTurns, type ContinuousTurnsOptions } from './continuous-turns.js';

/** Characters of base64 and text that wait at most: two minutes of audio. */
const MAX_WAITING_CHARS = 8_000_000;

/** With where it is on the server's clock, if it has one. */
type Waiting = { readonly payload: string } & (
  | { readonly kind: 'text'; readonly window: TimeWindow | undefined }
  | { readonly kind: 'audio'; readonly startMs: number | undefined }
);

/** What an epoch is made of. */
type EpochOptions = Omit<ContinuousTurnsOptions, 'textLateMs'> & Omit<ContinuousOutputOptions, 'turns'>;

/**
 * What is said between two changes of session: the turns of the speaker, and what the engine says to them. Where the epoch
 * before is still being translated, what comes for this one waits, so that everything is heard in the order in which it was
 * said.
 */
export class Epoch {
  readonly turns: ContinuousTurns;
  readonly #output: ContinuousOutput;
  readonly #counters: SessionCounters;
  #waiting: Waiting[] | undefined; // oldest first
  #waitingChars = 0;

  constructor(options: EpochOptions) {
    this.turns = new ContinuousTurns({ ...options, textLateMs: options.output.textLateMs });
    this.#output = new ContinuousOutput({ ...options, turns: this.turns });
    this.#counters = options.counters;
  }

  /** What comes waits until {@link Epoch.release}. */
  hold(): void {
    this.#waiting ??= [];
  }

  /** It is this epoch's turn to be heard. */
  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#waitingChars = 0;
    this.turns.waitAnew();
    for (const each of waiting) this.#say(each);
  }

  /** A piece of what the speaker said. `said`: when, by the meeting's time, where the server tells. */
  sourceText(delta: string, said?: TimeWindow): void {
    this.turns.sourceText(delta, said);
  }

  /** A piece of what the engine says, as text. `window`: where it is on the server's clock, if it has one. */
  translationText(delta: string, window?: TimeWindow): void {
    this.#take({ kind: 'text', payload: delta, window });
  }

  /** A piece of what the engine says: PCM16 little-endian, 24 kHz mono, as base64. `startMs`: where it begins, likewise. */
  audio(base64: string, startMs?: number): void {
    this.#take({ kind: 'audio', payload: base64, startMs });
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

  #take(piece: Waiting): void {
    if (this.#waiting === undefined) {
      this.#say(piece);
      return;
    }
    this.#waiting.push(piece);
    this.#waitingChars += piece.payload.length;
    while (this.#waitingChars > MAX_WAITING_CHARS) {
      this.#waitingChars -= this.#waiting.shift()!.payload.length;
      this.#counters.lateDeltas++;
    }
  }

  #say(piece: Waiting): void {
    if (piece.kind === 'text') this.turns.translationText(piece.payload, piece.window);
    else this.#output.take(piece.payload, piece.startMs);
  }
}
