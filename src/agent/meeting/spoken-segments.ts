import type { SaidSegment } from '../built-in/agent-meeting.js';

/** Segments that are kept of a meeting; the oldest are forgotten. */
const MAX_SEGMENTS = 2_000;
/** Of one segment; a longer one is cut. */
const MAX_CHARS = 4_000;

/** What was said in a meeting, as far as the agent may read it. */
export class SpokenSegments {
  #segments: SaidSegment[] = [];

  /** Oldest first. */
  get all(): readonly SaidSegment[] {
    return this.#segments;
  }

  /** Adds one, and returns it as it is kept. */
  add(segment: SaidSegment): SaidSegment {
    const kept = { ...segment, text: segment.text.slice(0, MAX_CHARS) };
    this.#segments.push(kept);
    // Now and then, so that not every word moves all of them.
    if (this.#segments.length >= MAX_SEGMENTS * 2) this.#segments = this.#segments.slice(-MAX_SEGMENTS);
    return kept;
  }

  /** The newest ones, oldest first. */
  last(count: number): readonly SaidSegment[] {
    return this.#segments.slice(-count);
  }

  /** Nothing of this person is kept any more. */
  forget(speakerId: string): void {
    this.#segments = this.#segments.filter((segment) => segment.speakerId !== speakerId);
  }

  /** Nothing of this turn is kept: it was no contribution. */
  drop(turnId: string): void {
    const at = this.#segments.findLastIndex((segment) => segment.turnId === turnId);
    if (at >= 0) this.#segments.splice(at, 1);
  }
}
