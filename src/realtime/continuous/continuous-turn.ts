import { JoinedText } from './joined-text.js';
import type { TurnOutcome } from '../session.js';

/**
 * One turn of a continuous session: what was said between two pauses, and what the engine said to it.
 * Times are the meeting's, those of commits and output the clock's.
 */
export type ContinuousTurn = {
  readonly turnId: string;
  readonly startMs: number;
  endMs: number;
  /** When it was committed, or its wait began anew; undefined while it is being said. */
  committedAtMs: number | undefined;
  readonly source: JoinedText;
  sourceFinal: boolean;
  translation: JoinedText;
  /** Text that comes now is of a later turn: it runs ahead of the voice. */
  textPast: boolean;
  /** The voice of its translation is being heard, or was until a pause. */
  voice: 'saying' | 'said' | undefined;
  /** The engine is through with saying it: what is said next is of a later turn, while its last words are still to come. */
  voicePast: boolean;
  /** When something of its translation last came, text or voice; undefined: nothing has. */
  outputAtMs: number | undefined;
  /** Its translation was cut: by whoever barged in. */
  cut: boolean;
  /** It is not wanted: nothing of its translation is said any more. */
  unwanted: boolean;
};

/** A turn in which nothing has been said yet. */
export function newContinuousTurn(turnId: string, startMs: number): ContinuousTurn {
  return {
    turnId,
    startMs,
    endMs: startMs,
    committedAtMs: undefined,
    source: new JoinedText(),
    sourceFinal: false,
    translation: new JoinedText(),
    textPast: false,
    voice: undefined,
    voicePast: false,
    outputAtMs: undefined,
    cut: false,
    unwanted: false,
  };
}

/** How a turn of which no more comes has ended. */
export function outcomeOf({ cut, unwanted, outputAtMs }: ContinuousTurn): TurnOutcome {
  if (cut || unwanted) return 'cancelled';
  return outputAtMs === undefined ? 'empty' : 'completed';
}

/** The engine is through with it, as far as one can tell: it paused, and not within a sentence. */
export function isWhole({ voice, translation }: ContinuousTurn): boolean {
  return voice === 'said' && (translation.text === '' || translation.endsSentence);
}

/** What came of its translation before it could be heard is forgotten: it is translated again. */
export function translateAgain(turn: ContinuousTurn): void {
  turn.translation = new JoinedText();
  turn.textPast = false;
  turn.outputAtMs = undefined;
}
