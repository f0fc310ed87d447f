import type { TurnOutcome } from '../../realtime/session.js';
import type { WordTime } from '../span/word-time.js';
import type { CutReason } from '../playback/output-channel.js';

/**
 * All that is known of one turn: the one place of its text. Its route keeps it up to date; captions, the guard and reports
 * read it. Times are milliseconds of the meeting's clock; undefined where something did not happen.
 */
export type TurnRecord = {
  readonly turnId: string;
  /** Bounds of the speech itself. */
  startMs: number;
  endMs: number;
  sourceText: string;
  /** All that was said is in `sourceText`. */
  sourceFinal: boolean;
  /** BCP 47, as the transcription reports it with the final text, where it reports one. */
  sourceLanguage?: string;
  translatedText: string;
  outcome?: TurnOutcome;
  /** From the end of the speech to the first audible frame of its translation; negative where that came before the end. */
  firstAudioDelayMs?: number;
  playedFromMs?: number;
  playedToMs?: number;
  /** When its words were said, and how long after the beginning of its voice those of the translation, where services tell. */
  sourceWords?: WordTime[];
  translationWords?: WordTime[];
  /** Its translation was cut before its end: by clearing its playback, or by the server. */
  interrupted: boolean;
  /** Why its playback was cut; absent where it was not, or by the server. */
  cutReason?: Extract<CutReason, 'barge_in' | 'stalled' | 'gone'>;
  /** It was left to captions, unspoken: too much was waiting. */
  captionsOnly?: true;
  /** It was taken back: see `InterpreterRoute.withhold`. */
  withheld?: true;
  /** It is no contribution, and is interpreted for nobody: see `InterpreterRoute.drop`. */
  dropped?: true;
};

/** Records kept; the oldest are forgotten. */
const MAX_TURNS = 10_000;
/** Turns that may be of the same time as one that has just ended. */
const LATEST = 8;

/** The records of one route's turns, in the order in which they began. */
export class TurnRecords {
  readonly all: TurnRecord[] = [];
  readonly #byTurnId = new Map<string, TurnRecord>();

  /** Undefined where a turn is not known, or forgotten. */
  get(turnId: string): TurnRecord | undefined {
    return this.#byTurnId.get(turnId);
  }

  /** The latest turns' record that shares most time with this speech; undefined without one. */
  over({ startMs, endMs }: Pick<TurnRecord, 'startMs' | 'endMs'>): TurnRecord | undefined {
    let found: TurnRecord | undefined;
    let longestMs = 0;
    for (const record of this.all.slice(-LATEST)) {
      const sharedMs = Math.min(endMs, record.endMs) - Math.max(startMs, record.startMs);
      if (sharedMs > 0 && sharedMs >= longestMs) [found, longestMs] = [record, sharedMs];
    }
    return found;
  }

  /** The record of a turn with these bounds: a new one at its first sign of life. */
  bounded(turnId: string, startMs: number, endMs: number): TurnRecord {
    const known = this.#byTurnId.get(turnId);
    if (known !== undefined) {
      known.startMs = startMs;
      known.endMs = endMs;
      return known;
    }
    const record: TurnRecord = {
      turnId,
      startMs,
      endMs,
      sourceText: '',
      sourceFinal: false,
      translatedText: '',
      interrupted: false,
    };
    this.#byTurnId.set(turnId, record);
    this.all.push(record);
    if (this.all.length > MAX_TURNS) {
      const oldest = this.all.shift();
      if (oldest !== undefined) this.#byTurnId.delete(oldest.turnId);
    }
    return record;
  }
}
