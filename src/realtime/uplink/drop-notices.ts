import type { EventEmitter } from '../../events.js';
import type { SessionCounters, SessionEvents } from '../session.js';

/** Telling that a connection is too slow: at the first loss of audio, and after every further second of it. */
export class DropNotices {
  readonly #events: EventEmitter<SessionEvents>;
  readonly #counters: Readonly<SessionCounters>;
  #nextMs = 0;

  constructor(events: EventEmitter<SessionEvents>, counters: Readonly<SessionCounters>) {
    this.#events = events;
    this.#counters = counters;
  }

  /** Audio was dropped, and is counted. */
  dropped(): void {
    const { audioDroppedMs } = this.#counters;
    if (audioDroppedMs < this.#nextMs) return;
    this.#nextMs = audioDroppedMs + 1_000;
    this.#events.emit('notice', {
      kind: 'audio_dropped',
      message: `the connection is too slow: ${Math.round(audioDroppedMs)} ms of stale audio dropped so far`,
    });
  }
}
