import type { Heard } from './microphone-pair.js';

/** A voice of its own opens a microphone that was closed after so long. */
const OWN_FRAMES = 6;
/** An own voice may have begun so long before the gate opens for it: levels are compared over 150 ms. */
export const OWN_BEGAN_FRAMES = OWN_FRAMES + 15;
/** The end of what was copied opens it, too. */
const QUIET_FRAMES = 40;
/** Somebody who spoke so lately may be speaking still, at the same time as the other one. */
const LATELY_FRAMES = 50;
/** They are closed only when the other one alone is heard for so long. */
const ALONE_FRAMES = 60;

/**
 * Whether what a microphone hears goes on, frame by frame of 10 ms: closed at once by another person's voice, which is nearer to
 * another microphone, and open again for a voice of its own, or when the other one has ended. Two who talk over each other
 * stay open, both.
 */
export class CopyGate {
  #open = true;
  /** Frames in a row of an own voice, and frames since the last such row. */
  #ownFrames = 0;
  #sinceOwn = Infinity;
  /** Frames of a copy while it is open, since the last own voice. */
  #copyFrames = 0;
  /** Frames without a copy while it is closed. */
  #otherFrames = 0;

  get open(): boolean {
    return this.#open;
  }

  /** Takes what the next frame holds. Returns whether the gate is open now. */
  judge(heard: Heard): boolean {
    this.#ownFrames = heard === 'own' ? this.#ownFrames + 1 : 0;
    this.#sinceOwn = this.#ownFrames >= OWN_FRAMES ? 0 : this.#sinceOwn + 1;
    if (this.#sinceOwn === 0) this.#copyFrames = 0;
    if (heard === 'copy') this.#onCopy();
    else if (heard === 'either') this.#otherFrames = 0;
    else if (!this.#open) this.#open = this.#ownFrames >= OWN_FRAMES || ++this.#otherFrames >= QUIET_FRAMES;
    return this.#open;
  }

  #onCopy(): void {
    this.#otherFrames = 0;
    this.#copyFrames++;
    if (this.#sinceOwn > LATELY_FRAMES || this.#copyFrames >= ALONE_FRAMES) this.#open = false;
  }
}
