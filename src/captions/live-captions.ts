import type { Clock, TimerHandle } from '../clock.js';
import { parseLanguage, sameLanguage } from '../languages/languages.js';
import { type Caption, type CaptionMark, captionText } from './caption.js';
import { type Segment, segmentsOf } from './segments.js';

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
  /** Whose sentences make its segments: the side that was known first. */
  leader: 'source' | 'translation' | undefined;
  mark: CaptionMark | undefined;
  done: boolean;
  final: boolean;
  timer: TimerHandle | undefined;
  /** What was told last of each segment, as text to compare. */
  told: string[];
};

const NOTHING: Segment = { sourceText: '', translatedText: '', startMs: 0, endMs: 0 };

/**
 * Captions as they come about: pieces of transcripts on both sides in, the present state of each segment's caption out. Every
 * turn with any text ends in final captions, also where the end of a transcript never comes.
 */
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
      leader: undefined,
      mark: undefined,
      done: false,
      final: false,
      timer: undefined,
      told: [],
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

  /** What was said: all of it so far, and in which language where the transcription tells. */
  source(turnId: string, text: string, final: boolean, language?: string): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return;
    turn.sourceText = captionText(text);
    turn.sourceFinal ||= final;
    turn.sourceLanguage = refined(turn.sourceLanguage, language);
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

  /** Its readers should know this of its translation; one that is doubtful stays so. */
  mark(turnId: string, mark: CaptionMark): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined || turn.mark === 'doubtful') return;
    turn.mark = mark;
    this.#changed(turn);
  }

  /** The translation is over, with a mark where it did not end well. */
  done(turnId: string, mark?: CaptionMark): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return;
    turn.done = true;
    turn.mark ??= mark;
    this.#changed(turn);
  }

  /** What was said in a turn, as far as it is known: by its own session, or the one that transcribes its speaker. */
  sourceOf(turnId: string): string {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return '';
    return turn.sourceText || (this.#transcribedOf(turn)?.sourceText ?? '');
  }

  /** Every caption is final now. */
  close(): void {
    for (const turn of this.#turns.values()) this.#finish(turn);
    this.#turns.clear();
  }

  #changed(turn: Turn): void {
    if (turn.final) {
      this.#notify(turn);
      return;
    }
    const from = turn.transcribed ? turn : this.#transcribedOf(turn);
    if (turn.done && (from === undefined || from.sourceFinal)) {
      this.#finish(turn);
      return;
    }
    this.#notify(turn);
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
    this.#notify(turn);
  }

  #notify(turn: Turn): void {
    const { translatedText, targetLanguage, final } = turn;
    const from = turn.transcribed ? turn : this.#transcribedOf(turn);
    const sourceText = turn.sourceText || (from?.sourceText ?? '');
    const sourceLanguage = from?.sourceLanguage ?? turn.sourceLanguage;
    if (sourceText === '' && translatedText === '') return;
    turn.leader ??= sourceText === '' ? 'translation' : 'source';
    const startMs = Math.round(turn.startMs);
    const endMs = Math.round(Math.max(turn.startMs, turn.endMs));
    const segments = segmentsOf({
      ...{ sourceText, translatedText, sourceLanguage, targetLanguage },
      ...{ startMs, endMs, leader: turn.leader, whole: final },
    });
    for (let part = 0; part < Math.max(segments.length, turn.told.length); part++) {
      this.#emitPart(turn, sourceLanguage, part, segments[part]);
    }
    turn.told.length = segments.length;
  }

  /** `segment` is undefined when the turn has fewer segments than it had. */
  #emitPart(turn: Turn, sourceLanguage: string, part: number, segment: Segment | undefined): void {
    const { turnId, speakerId, speakerName, targetLanguage, transcribed, mark } = turn;
    const final = turn.final || segment === undefined;
    const { sourceText, translatedText, startMs, endMs } = segment ?? NOTHING;
    const told = JSON.stringify([sourceText, translatedText, sourceLanguage, mark, final]);
    if (told === turn.told[part]) return;
    turn.told[part] = told;
    this.#onCaption({
      v: 2,
      kind: 'speech',
      segmentId: `${turnId}#${part}`,
      turnId,
      part,
      speakerId,
      speakerName,
      sourceLanguage,
      targetLanguage,
      sourceText,
      translatedText,
      original: transcribed,
      final,
      ...(mark === undefined ? {} : { mark }),
      startMs: segment === undefined ? Math.round(turn.startMs) : startMs,
      endMs: segment === undefined ? Math.round(turn.startMs) : endMs,
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

/** The language that is known by now; what is known already may say more than what is reported. */
function refined(known: string, reported: string | undefined): string {
  const language = reported === undefined ? undefined : parseLanguage(reported);
  return language === undefined || (known !== '' && sameLanguage(language, known)) ? known : language;
}
