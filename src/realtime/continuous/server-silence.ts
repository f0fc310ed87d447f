import type { Clock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { silentConnection } from '../connection/session-failures.js';

/** Longer than a network's or a server's bad moment; what is said meanwhile can still be sent again. */
const SILENT_MS = 6_000;
/** Sent in that time at least: a server that is sent nothing owes no answer. */
const UNANSWERED_MS = 3_000;
/** Ticks without an event meanwhile: a process that was held up has not ticked, and may have answers waiting. */
const SILENT_TICKS = 20;
/** Deltas of zeros in a row that no pause between words has. */
const PROOF_DELTAS = 10;
const NOT_ZERO = /[^A=]/;

/**
 * Whether a translation server is dead although its connection is open. The engine was seen to send audio without end, zeros
 * while it has nothing to say: a server that did and does not any more is dead, however its socket looks.
 */
export class ServerSilence {
  readonly #clock: Clock;
  #lastEventMs = 0;
  #sentMs = 0;
  #silentTicks = 0;
  #zeroDeltas = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The server was seen to send audio without end. */
  get fillsSilence(): boolean {
    return this.#zeroDeltas >= PROOF_DELTAS;
  }

  /** When the server last sent anything that could be understood, by the clock; 0 before that. */
  get lastEventMs(): number {
    return this.#lastEventMs;
  }

  /** So much audio was sent. */
  sent(durationMs: number): void {
    this.#sentMs += durationMs;
  }

  /** Something came that could be understood, or the connection is ready. */
  event(): void {
    this.#lastEventMs = this.#clock.nowMs();
    this.#sentMs = 0;
    this.#silentTicks = 0;
  }

  /** Translated audio came, PCM16 as base64. */
  audio(base64: string): void {
    if (!this.fillsSilence) this.#zeroDeltas = NOT_ZERO.test(base64) ? 0 : this.#zeroDeltas + 1;
  }

  /** Why a server that fills silence is dead; undefined while it is not. To be called a few times a second. */
  tick(): ParleyError | undefined {
    const silentMs = this.#clock.nowMs() - this.#lastEventMs;
    const isSilent = ++this.#silentTicks >= SILENT_TICKS && silentMs >= SILENT_MS;
    return isSilent && this.#sentMs >= UNANSWERED_MS ? silentConnection(silentMs) : undefined;
  }
}
