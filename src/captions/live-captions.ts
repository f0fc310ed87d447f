import type { Clock, TimerHandle } from '../clock.js';
import { parseLanguage, sameLanguage } from '../languages/languages.js';
import { type Caption, type CaptionCut, type CaptionMark, captionText } from './caption.js';
import { type Segment, segmentsOf } from './segments.js';

/** A transcript may come this long after its turn was done. */
const LATE_TRANSCRIPT_MS = 2_000;
/** A turn of which nothing more is heard for this long is final as it is. */
const SILENT_TURN_MS = 30_000;
/** Turns that corrections may still come for; the oldest are forgotten. */
const MAX_TURNS = 256;

/** What is known of a turn, kept up to date by whoever owns it. Times are the clock's. */
export type CaptionedTurn = {
  readonly turnId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly sourceText: string;
  /** All that was said is in `sourceText`. */
  readonly sourceFinal: boolean;
  readonly translatedText: string;
};

/** Whose turn it is. */
export type TurnStart = {
  turn: CaptionedTurn;
  speakerId: string;
  speakerName: string;
  sourceLanguage: string;
  targetLanguage: string;
  /** Its own session transcribes what is said; otherwise the text comes from the speaker's turn that does. */
  transcribed: boolean;
};

/** A turn's captions: its text is the turn's own. */
type Captioned = TurnStart & {
  /** Whose sentences make its segments: the side that was known first. */
  leader: 'source' | 'translation' | undefined;
  mark: CaptionMark | undefined;
  cutReason: CaptionCut | undefined;
  done: boolean;
  final: boolean;
  /** It was no contribution: its captions are empty. */
  withdrawn: boolean;
  timer: TimerHandle | undefined;
  /** What was emitted last of each segment, as text to compare. */
  emitted: string[];
};

const NOTHING: Segment = { sourceText: '', translatedText: '', startMs: 0, endMs: 0 };

/**
 * Captions as they come about: turns that grow in, the present state of each segment's caption out. Every turn with any text
 * ends in final captions, also where the end of a transcript never comes.
 */
export class LiveCaptions {
  readonly #clock: Clock;
  readonly #toMeetingMs: (atMs: number) => number;
  readonly #onCaption: (caption: Caption) => void;
  readonly #turns = new Map<string, Captioned>(); // oldest first

  /** @param options.toMeetingMs the time of captions, from a time of the turns */
  constructor(options: {
    clock: Clock;
    toMeetingMs: (atMs: number) => number;
    onCaption: (caption: Caption) => void;
  }) {
    this.#clock = options.clock;
    this.#toMeetingMs = options.toMeetingMs;
    this.#onCaption = options.onCaption;
  }

  /** Someone began to speak. */
  started(start: TurnStart): void {
    if (this.#turns.has(start.turn.turnId)) return;
    this.#turns.set(start.turn.turnId, {
      ...start,
      leader: undefined,
      mark: undefined,
      cutReason: undefined,
      done: false,
      final: false,
      withdrawn: false,
      timer: undefined,
      emitted: [],
    });
    for (const [turnId, oldest] of this.#turns) {
      if (this.#turns.size <= MAX_TURNS) break;
      this.#finish(oldest);
      this.#turns.delete(turnId);
    }
  }

  /** More is known of what was said in a turn; `language` where the transcription found one. */
  sourceChanged(turnId: string, language?: string): void {
    const captioned = this.#turns.get(turnId);
    if (captioned === undefined) return;
    captioned.sourceLanguage = refined(captioned.sourceLanguage, language);
    this.#changed(captioned);
    for (const other of this.#turns.values()) {
      if (!other.transcribed && this.#transcribedOf(other) === captioned) this.#changed(other);
    }
  }

  /** More is known of a turn's translation. */
  translationChanged(turnId: string): void {
    const captioned = this.#turns.get(turnId);
    if (captioned !== undefined) this.#changed(captioned);
  }

  /** Its readers should know this of its translation; one that is doubtful stays so. */
  mark(turnId: string, mark: CaptionMark, cutReason?: CaptionCut): void {
    const captioned = this.#turns.get(turnId);
    if (captioned === undefined || captioned.mark === 'doubtful') return;
    captioned.mark = mark;
    captioned.cutReason = cutReason;
    this.#changed(captioned);
  }

  /** The translation is over, with a mark where it did not end well. */
  done(turnId: string, mark?: CaptionMark): void {
    const captioned = this.#turns.get(turnId);
    if (captioned === undefined) return;
    captioned.done = true;
    captioned.mark ??= mark;
    this.#changed(captioned);
  }

  /** It was no contribution to the meeting: captions that were shown of it are taken back, and none follow. */
  withdraw(turnId: string): void {
    const captioned = this.#turns.get(turnId);
    if (captioned === undefined) return;
    captioned.withdrawn = true;
    this.#finish(captioned);
  }

  /** Every caption is final now. */
  close(): void {
    for (const captioned of this.#turns.values()) this.#finish(captioned);
    this.#turns.clear();
  }

  #changed(captioned: Captioned): void {
    if (captioned.final) {
      this.#emit(captioned);
      return;
    }
    const from = captioned.transcribed ? captioned : this.#transcribedOf(captioned);
    if (captioned.done && (from === undefined || from.turn.sourceFinal)) {
      this.#finish(captioned);
      return;
    }
    this.#emit(captioned);
    captioned.timer?.cancel();
    captioned.timer = this.#clock.setTimer(
      () => {
        this.#finish(captioned);
      },
      captioned.done ? LATE_TRANSCRIPT_MS : SILENT_TURN_MS,
    );
  }

  #finish(captioned: Captioned): void {
    captioned.timer?.cancel();
    captioned.timer = undefined;
    captioned.final = true;
    this.#emit(captioned);
  }

  #emit(captioned: Captioned): void {
    const { turn, targetLanguage, final } = captioned;
    const from = captioned.transcribed ? captioned : this.#transcribedOf(captioned);
    const sourceText = captionText(turn.sourceText) || captionText(from?.turn.sourceText ?? '');
    const translatedText = captionText(turn.translatedText);
    const sourceLanguage = from?.sourceLanguage ?? captioned.sourceLanguage;
    if (captioned.withdrawn || (sourceText === '' && translatedText === '')) {
      if (captioned.withdrawn) this.#takeBack(captioned, sourceLanguage);
      return;
    }
    captioned.leader ??= sourceText === '' ? 'translation' : 'source';
    const startMs = Math.round(this.#toMeetingMs(turn.startMs));
    const endMs = Math.round(this.#toMeetingMs(Math.max(turn.startMs, turn.endMs)));
    const segments = segmentsOf({
      ...{ sourceText, translatedText, sourceLanguage, targetLanguage },
      ...{ startMs, endMs, leader: captioned.leader, whole: final },
    });
    for (let part = 0; part < Math.max(segments.length, captioned.emitted.length); part++) {
      const segment = segments[part] ?? { ...NOTHING, startMs, endMs: startMs };
      this.#emitPart(captioned, sourceLanguage, part, segment, final || part >= segments.length);
    }
    captioned.emitted.length = segments.length;
  }

  #takeBack(captioned: Captioned, sourceLanguage: string): void {
    const startMs = Math.round(this.#toMeetingMs(captioned.turn.startMs));
    for (let part = 0; part < captioned.emitted.length; part++)
      this.#emitPart(captioned, sourceLanguage, part, { ...NOTHING, startMs, endMs: startMs }, true);
    captioned.emitted.length = 0;
  }

  #emitPart(
    captioned: Captioned,
    sourceLanguage: string,
    part: number,
    segment: Segment,
    final: boolean,
  ): void {
    const { turn, speakerId, speakerName, targetLanguage, transcribed, mark, cutReason } = captioned;
    const { sourceText, translatedText, startMs, endMs } = segment;
    const emitted = JSON.stringify([sourceText, translatedText, sourceLanguage, mark, final]);
    if (emitted === captioned.emitted[part]) return;
    captioned.emitted[part] = emitted;
    this.#onCaption({
      v: 2,
      kind: 'speech',
      segmentId: `${turn.turnId}#${part}`,
      turnId: turn.turnId,
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
      ...(cutReason === undefined ? {} : { cutReason }),
      startMs,
      endMs,
    });
  }

  /** The same speech as another session of this speaker heard it, the one that transcribes. */
  #transcribedOf({ transcribed, speakerId, turn }: Captioned): Captioned | undefined {
    if (transcribed) return undefined;
    let best: Captioned | undefined;
    let longestMs = 0;
    for (const other of this.#turns.values()) {
      if (!other.transcribed || other.speakerId !== speakerId) continue;
      const overlapMs = Math.min(turn.endMs, other.turn.endMs) - Math.max(turn.startMs, other.turn.startMs);
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
