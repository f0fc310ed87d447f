import { z } from 'zod';
import { ENGINE_NAMES } from '../../realtime/engines.js';
import { isPlayedBack } from '../../realtime/stand-in-text.js';
import { medianOf } from '../median.js';

/** Milliseconds on the recording's clock. */
const ms = z.number().nonnegative();

/** One turn of a recording. Null stands where a value does not exist: nothing was spoken, or nothing was heard of it. */
export const replayTurnSchema = z.strictObject({
  /** Who spoke: with `--channels split` each channel is a speaker of its own. */
  speaker: z.string(),
  /** Bounds of the speech itself, padding and trailing silence removed. Long speech is several turns. */
  startMs: ms,
  endMs: ms,
  sourceText: z.string(),
  translatedText: z.string(),
  /** From `endMs` to the first audible output frame; negative when the answer began before the turn had ended. */
  firstAudioDelayMs: z.number().nullable(),
  playedFromMs: ms.nullable(),
  playedToMs: ms.nullable(),
  /** Someone spoke over the translation, and the rest of it was not played, or not made. */
  interrupted: z.boolean(),
});

/** One recording that went through. Paths are as they were given. */
export const replayedFileSchema = z.strictObject({
  input: z.strictObject({
    path: z.string(),
    sampleRateHz: z.number().positive(),
    channels: z.number().int().positive(),
    durationMs: ms,
    /** Largest sample of what was heard, 0 for full scale; null for digital silence. */
    peakDbfs: z.number().nullable(),
  }),
  /** What interpreted it. */
  engine: z.enum(ENGINE_NAMES),
  turns: z.array(replayTurnSchema),
  /** The translated recording: 48 kHz mono PCM16 on the input's timeline. */
  output: z.strictObject({ path: z.string(), durationMs: ms }),
  warnings: z.array(z.string()),
});

/** What `parley replay --json` prints. A file that failed is missing from `files` and counted in `totals`. */
export const replayDocumentSchema = z.strictObject({
  files: z.array(replayedFileSchema),
  totals: z.strictObject({
    files: z.number().int().nonnegative(),
    failedFiles: z.number().int().nonnegative(),
    turns: z.number().int().nonnegative(),
    translatedTurns: z.number().int().nonnegative(),
    /** Turns that the embedded server does not know and played back: no translations. */
    playedBackTurns: z.number().int().nonnegative(),
    interruptedTurns: z.number().int().nonnegative(),
    inputDurationMs: ms,
    outputDurationMs: ms,
    /** Median over all turns that were heard; null without one. */
    medianFirstAudioDelayMs: z.number().nullable(),
  }),
});

/** See {@link replayTurnSchema}. */
export type ReplayTurn = z.infer<typeof replayTurnSchema>;
/** See {@link replayedFileSchema}. */
export type ReplayedFile = z.infer<typeof replayedFileSchema>;
/** See {@link replayDocumentSchema}. */
export type ReplayDocument = z.infer<typeof replayDocumentSchema>;

/** The document of a run: its files and what they add up to. */
export function replayDocument(files: readonly ReplayedFile[], failedFiles: number): ReplayDocument {
  const turns = files.flatMap((file) => file.turns);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    files: [...files],
    totals: {
      files: files.length,
      failedFiles,
      turns: turns.length,
      translatedTurns: turns.filter(
        (turn) => turn.translatedText !== '' && !isPlayedBack(turn.translatedText),
      ).length,
      playedBackTurns: turns.filter((turn) => isPlayedBack(turn.translatedText)).length,
      interruptedTurns: turns.filter((turn) => turn.interrupted).length,
      inputDurationMs: sum(files.map((file) => file.input.durationMs)),
      outputDurationMs: sum(files.map((file) => file.output.durationMs)),
      medianFirstAudioDelayMs: medianFirstAudioDelayMs(turns),
    },
  };
}

/** The median wait of the turns that were heard, in milliseconds; null without one. */
export function medianFirstAudioDelayMs(turns: readonly ReplayTurn[]): number | null {
  return medianOf(turns.flatMap((turn) => turn.firstAudioDelayMs ?? []));
}
