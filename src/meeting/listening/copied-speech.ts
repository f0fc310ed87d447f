import type { SpeechSpan } from './interjections.js';

/** Spans that are remembered of each microphone. */
const MAX_SPANS = 32;

/** When a microphone heard nothing but another person's voice, in milliseconds of the meeting's clock. */
export class CopiedSpeech {
  readonly #spans = new Map<string, { startMs: number; endMs: number; open: boolean }[]>();
  #copiedMs = 0;

  /** Of all microphones so far. */
  get copiedMs(): number {
    return this.#copiedMs;
  }

  /** From `startMs` to `endMs`. */
  add(participantId: string, startMs: number, endMs: number): void {
    this.began(participantId, startMs);
    this.reach(participantId, endMs);
    this.ended(participantId, endMs);
  }

  /** From `startMs` on. Where that was known of later speech already, it began no later than this. */
  began(participantId: string, startMs: number): void {
    const spans = this.#spans.get(participantId) ?? [];
    this.#spans.set(participantId, spans);
    const last = spans.at(-1);
    if (last !== undefined && (last.open || startMs <= last.endMs)) {
      last.startMs = Math.min(last.startMs, startMs);
      last.open = true;
      return;
    }
    spans.push({ startMs, endMs: startMs, open: true });
    if (spans.length > MAX_SPANS) spans.shift();
  }

  /** It goes on until `endMs` at least. */
  reach(participantId: string, endMs: number): void {
    const last = this.#spans.get(participantId)?.at(-1);
    if (last?.open !== true || endMs <= last.endMs) return;
    this.#copiedMs += endMs - last.endMs;
    last.endMs = endMs;
  }

  /** A voice of its own is heard from here on. */
  ended(participantId: string, endMs: number): void {
    const last = this.#spans.get(participantId)?.at(-1);
    if (last === undefined) return;
    last.endMs = Math.min(last.endMs, endMs);
    last.open = false;
  }

  /** Which share of a stretch of speech was copied, 0 to 1. */
  shareOf(participantId: string, { startMs, endMs }: SpeechSpan): number {
    if (endMs <= startMs) return 0;
    let copiedMs = 0;
    for (const span of this.#spans.get(participantId) ?? [])
      copiedMs += Math.max(0, Math.min(endMs, span.endMs) - Math.max(startMs, span.startMs));
    return Math.min(1, copiedMs / (endMs - startMs));
  }

  /** Somebody is gone. */
  forget(participantId: string): void {
    this.#spans.delete(participantId);
  }
}
