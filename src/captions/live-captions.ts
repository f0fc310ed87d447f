/**
 * Captions as they come about: pieces of transcripts on both sides in, the present state of each turn's caption out. Every
 * turn with any text ends in a final caption, also where the end of a transcript never comes.
 */
import type { Clock, TimerHandle } from '../clock.js';
import { type Caption, captionText } from './caption.js';

/** A transcript may come this long after its turn was done. */
export const LATE_TRANSCRIPT_MS = 2_000;
/** A turn of which nothing more is heard for this long is final as it is. */
export const SILENT_TURN_MS = 30_000;
/** Turns that corrections may still come for; the oldest are forgotten. */
const MAX_TURNS = 256;

/** Whose turn it is. */
export type CaptionedTurnStart = {
  turnId: string;
  speakerId: string;
  speakerName: string;
  sourceLanguage: string;
  targetLanguage: string;
  /** Its own session transcribes what is said; otherwise the text comes from the speaker's turn that does. */
  transcribed: boolean;
  startMs: number;
};

type Turn = CaptionedTurnStart & {
  endMs: number;
  sourceText: string;
  sourceFinal: boolean;
  translatedText: string;
  done: boolean;
  final: boolean;
  timer: TimerHandle | undefined;
  /** What was told last, as text to compare. */
  told: string;
};

/** See the file's comment. */
export class LiveCaptions {
  readonly #clock: Clock;
  readonly #onCaption: (caption: Caption) => void;
  readonly #turns = new Map<string, Turn>(); // oldest first

  constructor(options: { clock: Clock; onCaption: (caption: Caption) => void }) {
    this.#clock = options.clock;
    this.#onCaption = options.onCaption;
  }

  /** Someone began to speak. */
  started(start: CaptionedTurnStart): void {
    if (this.#turns.has(start.turnId)) return;
    this.#turns.set(start.turnId, {
      ...start,
      endMs: start.startMs,
      sourceText: '',
      sourceFinal: false,
      translatedText: '',
      done: false,
      final: false,
      timer: undefined,
      told: '',
    });
    for (const oldest of this.#turns.values()) {
      if (this.#turns.size <= MAX_TURNS) break;
      this.#finish(oldest);
      this.#turns.delete(oldest.turnId);
    }
  }

  /** The bounds of the speech, as they are known by now. */
  bounds(turnId: string, startMs: number, endMs: number): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return;
    turn.startMs = startMs;
    turn.endMs = endMs;
  }

  /** What was said: all of it so far. */
  source(turnId: string, text: string, final: boolean): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return;
    turn.sourceText = captionText(text);
    turn.sourceFinal ||= final;
    this.#changed(turn);
    for (const other of this.#turns.values()) {
      if (!other.transcribed && this.#transcribedOf(other) === turn) this.#changed(other);
    }
  }

  /** What is said in the translation: all of it so far. */
  translation(turnId: string, text: string): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return;
    turn.translatedText = captionText(text);
    this.#changed(turn);
  }

  /** The translation is over, however it ended. */
  done(turnId: string): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return;
    turn.done = true;
    this.#changed(turn);
  }

  /** Every caption is final now. */
  close(): void {
    for (const turn of this.#turns.values()) this.#finish(turn);
    this.#turns.clear();
  }

  #changed(turn: Turn): void {
    if (turn.final) {
      this.#tell(turn);
      return;
    }
    const from = turn.transcribed ? turn : this.#transcribedOf(turn);
    if (turn.done && (from === undefined || from.sourceFinal)) {
      this.#finish(turn);
      return;
    }
    this.#tell(turn);
    turn.timer?.cancel();
    turn.timer = this.#clock.setTimer(
      () => {
        this.#finish(turn);
      },
      turn.done ? LATE_TRANSCRIPT_MS : SILENT_TURN_MS,
    );
  }

  #finish(turn: Turn): void {
    turn.timer?.cancel();
    turn.timer = undefined;
    turn.final = true;
    this.#tell(turn);
  }

  #tell(turn: Turn): void {
    const { turnId, speakerId, speakerName, sourceLanguage, targetLanguage, translatedText } = turn;
    const sourceText = turn.sourceText || (this.#transcribedOf(turn)?.sourceText ?? '');
    if (sourceText === '' && translatedText === '') return;
    const { final } = turn;
    const told = JSON.stringify([sourceText, translatedText, final]);
    if (told === turn.told) return;
    turn.told = told;
    this.#onCaption({
      v: 2,
      kind: 'speech',
      segmentId: `${turnId}#0`,
      turnId,
      part: 0,
      speakerId,
      speakerName,
      sourceLanguage,
      targetLanguage,
      sourceText,
      translatedText,
      original: turn.transcribed,
      final,
      startMs: Math.round(turn.startMs),
      endMs: Math.round(Math.max(turn.startMs, turn.endMs)),
    });
  }

  /** The same speech as another session of this speaker heard it, the one that transcribes. */
  #transcribedOf(turn: Turn): Turn | undefined {
    if (turn.transcribed) return undefined;
    let best: Turn | undefined;
    let longestMs = 0;
    for (const other of this.#turns.values()) {
      if (!other.transcribed || other.speakerId !== turn.speakerId) continue;
      const overlapMs = Math.min(turn.endMs, other.endMs) - Math.max(turn.startMs, other.startMs);
      if (overlapMs > longestMs) [best, longestMs] = [other, overlapMs];
    }
    return best;
  }
}
