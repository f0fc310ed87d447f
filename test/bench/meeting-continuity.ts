/** Whether what the bot says arrives whole: a known signal, said for a minute while everyone speaks. */
import type { Row } from './measure.js';
import type { BenchParticipant, Bot, DemoMeeting } from './meeting-stage.js';

const ASK_TIMEOUT_MS = 15_000;
/** Recording begins before the signal, and ends after it; then it is compared. */
const COMPARE_MARGIN_MS = 60_000;

/** The Realtime server says the signal as one answer; `listener` compares. */
export async function measureContinuity(
  stage: DemoMeeting,
  bot: Bot,
  listener: BenchParticipant,
  durationMs: number,
): Promise<Row[]> {
  await bot.ask({ kind: 'watchOutput' }, 'watching', ASK_TIMEOUT_MS);
  const [{ continuity, jitterBuffer }, idle] = await Promise.all([
    listener.ask({ kind: 'compare', durationMs }, 'compared', durationMs + COMPARE_MARGIN_MS),
    stage.measureIdlePlayout(durationMs),
    stage.realtime.ask(
      { kind: 'answer', answer: { what: 'signal', durationMs } },
      'answering',
      ASK_TIMEOUT_MS,
    ),
  ]);
  const { output } = await bot.ask({ kind: 'output' }, 'output', ASK_TIMEOUT_MS);
  const group = `bot's voice over ${durationMs / 1000} s, 10 speaking`;
  const row = (name: string, value: number, unit: string, note: string): Row => ({
    group,
    name,
    value,
    unit,
    note,
  });
  const { concealedMs, insertedMs, removedMs, packetsLost } = jitterBuffer;
  const unexplainedMs =
    Math.max(0, continuity.gapMs - removedMs) + Math.max(0, continuity.repeatMs - insertedMs - concealedMs);
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
      `wanted: 0, or what the machine does to an idle process; ${output.skippedMs.toFixed(0)} ms delayed, ${output.overdueFrames} frames handed over after their moment; in an idle process meanwhile: ${idle.reanchors}, latest frame ${idle.latenessMs.max.toFixed(0)} ms late`,
    ),
    row(
      'damaged stretches heard',
      continuity.damagedBlocks,
      '× 40 ms',
      `wanted: 0; ${(continuity.comparedMs / 1000).toFixed(0)} s compared, which match by ${continuity.medianMatch.toFixed(2)} (median)`,
    ),
    row(
      "gaps and repeats heard, less the jitter buffer's own",
      unexplainedMs,
      'ms',
      `wanted: below 1; heard: ${continuity.gaps} gaps (${continuity.gapMs.toFixed(0)} ms), ${continuity.repeats} repeats (${continuity.repeatMs.toFixed(0)} ms)`,
    ),
    row(
      "concealed by the receiver's jitter buffer",
      concealedMs,
      'ms',
      `wanted: 0; ${packetsLost} packets lost`,
    ),
    row(
      "stretched or shortened by the receiver's jitter buffer",
      insertedMs + removedMs,
      'ms',
      `${insertedMs.toFixed(0)} and ${removedMs.toFixed(0)} ms: it finds its length when speech begins after silence`,
    ),
  ];
}
