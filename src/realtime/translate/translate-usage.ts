import type { EventEmitter } from '../../events.js';
import type { SessionCounters, SessionEvents } from '../session.js';

/** Told in pieces of this length, and the rest at the end. */
const PIECE_MS = 10_000;

/**
 * What a translation session is billed. Audio sent, silence included, is taken for it; whether connected time is, is not
 * documented. Neither is that transcription is billed beside it, at its model's rate.
 */
export class TranslateUsage {
  readonly #events: EventEmitter<SessionEvents>;
  readonly #counters: Readonly<SessionCounters>;
  #notifiedMs = 0;

  constructor(events: EventEmitter<SessionEvents>, counters: Readonly<SessionCounters>) {
    this.#events = events;
    this.#counters = counters;
  }

  /** To be called a few times a second. `model`: the one that transcribes at present. */
  tick(model: string | undefined): void {
    if (this.#counters.audioSentMs - this.#notifiedMs >= PIECE_MS) this.notify(model);
  }

  /** Tells what has not been told; to be called before `model` changes, and at the end. */
  notify(model: string | undefined): void {
    const audioMs = this.#counters.audioSentMs - this.#notifiedMs;
    if (audioMs <= 0) return;
    this.#notifiedMs += audioMs;
    this.#events.emit('usage', { kind: 'translation', audioMs });
    if (model !== undefined) this.#events.emit('usage', { kind: 'transcription', model, audioMs });
  }
}
