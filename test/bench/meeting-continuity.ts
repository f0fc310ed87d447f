/** Whether what the bot says arrives whole: a known signal, said for a minute while everyone speaks. */
import type { Row } from './measure.js';
import type { BenchParticipant, Bot, Stage } from './meeting-stage.js';

const ASK_TIMEOUT_MS = 15_000;
/** Recording begins before the signal, and ends after it; then it is compared. */
const COMPARE_MARGIN_MS = 60_000;

/** The Realtime server says the signal as one answer; `listener` compares. */
export async function measureContinuity(
  stage: Stage,
  bot: Bot,
  listener: BenchParticipant,
  durationMs: number,
): Promise<Row[]> {
  await bot.ask({ kind: 'watchOutput' }, 'watching', ASK_TIMEOUT_MS);
  const comparing = listener.ask({ kind: 'compare', durationMs }, 'compared', durationMs + COMPARE_MARGIN_MS);
  await stage.realtime.ask(
    { kind: 'answer', answer: { what: 'signal', durationMs } },
    'answering',
    ASK_TIMEOUT_MS,
  );
  const { continuity, jitterBuffer } = await comparing;
  const { output } = await bot.ask({ kind: 'output' }, 'output', ASK_TIMEOUT_MS);
  const group = `bot's voice over ${durationMs / 1000} s, 10 speaking`;
  const row = (name: string, value: number, unit: string, note: string): Row => ({
    group,
    name,
    value,
    unit,
    note,
  });
  const missing = Math.max(0, durationMs / 10 - output.soundingFrames) + output.silentFramesInside;
  return [
    row(
      'frames missing at the audio source',
      missing,
      'frames',
      `wanted: 0; of ${durationMs / 10}, silence inside of sound included`,
    ),
    row(
      'playout re-anchors',
      output.reanchors,
      '',
      `${output.skippedMs.toFixed(0)} ms delayed; ${output.overdueFrames} frames came after their moment, within the 60 ms that are made up for`,
    ),
    row(
      'gaps and repeats heard',
      continuity.gaps + continuity.repeats,
      '',
      `wanted: 0; ${continuity.gaps} gaps (${continuity.gapMs.toFixed(0)} ms), ${continuity.repeats} repeats (${continuity.repeatMs.toFixed(0)} ms) in ${(continuity.comparedMs / 1000).toFixed(0)} s`,
    ),
    row(
      'damaged stretches heard',
      continuity.damagedBlocks,
      '× 40 ms',
      `wanted: 0; the others match by ${continuity.medianMatch.toFixed(2)} (median)`,
    ),
    row(
      "concealed by the receiver's jitter buffer",
      jitterBuffer.concealedMs,
      'ms',
      `${jitterBuffer.packetsLost} packets lost; time stretched by ${jitterBuffer.insertedMs.toFixed(0)} ms, shortened by ${jitterBuffer.removedMs.toFixed(0)} ms`,
    ),
  ];
}
