import type { AudioChunk } from './audio-chunk.js';

/** Of the beginning of speech, so much goes out in short messages: the server hears of it as soon as it can. */
const ONSET_MS = 100;
/** A server ends a turn by its own judgement of silence, which may be so much ahead of ours, or behind it. */
const SOONER_MS = 100;
const LATER_MS = 300;

/**
 * Which chunks go out at once and which may wait for more to be sent with them. Every message costs the same, whatever its
 * length, and most of the time nothing depends on when the server has it: in the middle of speech, and in a silence that no
 * turn can end in any more. Where somebody begins to speak, or a pause is about to be long enough to end the turn, waiting
 * would be heard as delay.
 */
export class MessagePacing {
  readonly #silenceDurationMs: number;
  readonly #turnOpen: () => boolean;
  /** So long ago there was voice; at first nobody has spoken for long. */
  #pauseMs = Infinity;
  #onsetLeftMs = 0;
  /** The server was seen to be in a turn since there was voice. */
  #wasOpen = false;

  /**
   * @param silenceDurationMs silence that ends a turn on the server's side
   * @param turnOpen whether the server has told of speech and not of its end; never, where that is not known
   */
  constructor(silenceDurationMs: number, turnOpen: () => boolean = () => false) {
    this.#silenceDurationMs = silenceDurationMs;
    this.#turnOpen = turnOpen;
  }

  /** Takes the speaker's next chunk, and says whether it is to go out at once. */
  isUrgent({ voiced, pauseMs, durationMs }: AudioChunk): boolean {
    const mayEndFromMs = this.#silenceDurationMs - SOONER_MS;
    if (voiced && this.#pauseMs >= mayEndFromMs) this.#onsetLeftMs = ONSET_MS;
    this.#pauseMs = voiced ? 0 : pauseMs;
    const open = this.#turnOpen();
    const ended = !voiced && this.#wasOpen && !open;
    this.#wasOpen = open || ended;
    if (this.#onsetLeftMs > 0) {
      this.#onsetLeftMs -= durationMs;
      return true;
    }
    return !voiced && !ended && pauseMs >= mayEndFromMs && pauseMs <= this.#silenceDurationMs + LATER_MS;
  }
}
