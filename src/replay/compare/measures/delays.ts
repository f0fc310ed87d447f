/** How late translations are. Pure; times are milliseconds of the meeting. */
import { medianOf } from '../../median.js';

/** What a translation's delay is measured on: when it was said, and when its translation was heard. */
export type HeardSpan = {
  readonly saidFromMs: number;
  readonly saidToMs: number;
  readonly heardFromMs: number;
  readonly heardToMs: number;
  /** Its playback was cut: when its last word would have been heard is not known. */
  readonly cut: boolean;
};

/** Delays of one kind, in milliseconds. */
export type DelayFigures = { count: number; medianMs: number; p95Ms: number; longestMs: number };

/** A speaker who pauses for less goes on with the same speech, and speech from that length on is a monologue. */
const MONOLOGUE_PAUSE_MS = 2_000;
const MONOLOGUE_MS = 30_000;

/** From the first word said to the first word heard. */
export function firstWordMs({ saidFromMs, heardFromMs }: HeardSpan): number {
  return heardFromMs - saidFromMs;
}

/** From the last word said to the last word heard; undefined where that was cut. */
export function lastWordMs({ saidToMs, heardToMs, cut }: HeardSpan): number | undefined {
  return cut ? undefined : heardToMs - saidToMs;
}

/** How far the interpretation is behind the speaker in the middle of a phrase: what word times would tell is not known. */
export function earVoiceSpanMs({ saidFromMs, saidToMs, heardFromMs, heardToMs }: HeardSpan): number {
  return (heardFromMs + heardToMs - saidFromMs - saidToMs) / 2;
}

/** Median, 95th percentile (nearest rank) and longest of these; null without any. */
export function delayFigures(delaysMs: readonly number[]): DelayFigures | null {
  const median = medianOf(delaysMs);
  if (median === null) return null;
  const sorted = [...delaysMs].sort((a, b) => a - b);
  const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1]!;
  return {
    count: sorted.length,
    medianMs: tidyMs(median),
    p95Ms: tidyMs(p95),
    longestMs: tidyMs(sorted.at(-1)!),
  };
}

/**
 * From the end of a monologue, which is one person's speech of half a minute or more, to the last word heard of it: the longest
 * of all monologues in all languages; null without one. `spans` are one person's translations into one language.
 */
export function catchUpMs(spansByRoute: readonly (readonly HeardSpan[])[]): number | null {
  const waitsMs = spansByRoute.flatMap((spans) =>
    monologuesOf(spans)
      .map((parts) => parts.at(-1)!)
      .flatMap((last) => lastWordMs(last) ?? []),
  );
  return waitsMs.length === 0 ? null : tidyMs(Math.max(...waitsMs));
}

function monologuesOf(spans: readonly HeardSpan[]): HeardSpan[][] {
  const speeches: HeardSpan[][] = [];
  for (const span of [...spans].sort((a, b) => a.saidFromMs - b.saidFromMs)) {
    const speech = speeches.at(-1);
    const last = speech?.at(-1);
    if (last !== undefined && span.saidFromMs - last.saidToMs <= MONOLOGUE_PAUSE_MS) speech!.push(span);
    else speeches.push([span]);
  }
  return speeches.filter((parts) => parts.at(-1)!.saidToMs - parts[0]!.saidFromMs >= MONOLOGUE_MS);
}

function tidyMs(value: number): number {
  return Math.round(value * 1000) / 1000;
}
