/** From its first voiced sample to its last so far, in milliseconds of the meeting's clock. */
export type SpeechSpan = { readonly startMs: number; readonly endMs: number };

/** One person's sound, from silence to silence. */
type Sound = { startMs: number; endMs: number; going: boolean; readonly over: boolean };

/** Sounds that are remembered of each person. */
const MAX_SOUNDS = 16;
/** Two ears do not agree on where a sound begins and ends. */
const TOLERANCE_MS = 300;

/** What people said while others had the word, as our own speech detector hears it. */
export class Interjections {
  readonly #sounds = new Map<string, Sound[]>();

  /** Somebody begins to speak; `over`: somebody else speaks already, or the interpreter does for somebody else. */
  began(participantId: string, { startMs, endMs }: SpeechSpan, over: boolean): void {
    const sounds = this.#sounds.get(participantId) ?? [];
    this.#sounds.set(participantId, sounds);
    sounds.push({ startMs, endMs, going: true, over });
    if (sounds.length > MAX_SOUNDS) sounds.shift();
  }

  /** They are silent again. */
  ended(participantId: string, { endMs }: SpeechSpan): void {
    const last = this.#sounds.get(participantId)?.at(-1);
    if (last === undefined) return;
    last.endMs = endMs;
    last.going = false;
  }

  /** Whether somebody makes a sound that began while others had the word. */
  isAside(participantId: string): boolean {
    const last = this.#sounds.get(participantId)?.at(-1);
    return last?.going === true && last.over;
  }

  /** Somebody is gone. */
  forget(participantId: string): void {
    this.#sounds.delete(participantId);
  }

  /**
   * Whether all that somebody said in this time was a sound of at most `maxMs` that began while others had the word: what it
   * may be, words tell.
   */
  isShortAside(participantId: string, { startMs, endMs }: SpeechSpan, maxMs: number): boolean {
    const heard = (this.#sounds.get(participantId) ?? []).filter(
      (sound) => sound.endMs > startMs - TOLERANCE_MS && sound.startMs < endMs + TOLERANCE_MS,
    );
    const [first, last] = [heard[0], heard.at(-1)];
    if (first === undefined || last === undefined) return false;
    return first.over && !last.going && last.endMs - first.startMs <= maxMs;
  }
}
