/** What speaks for and against a turn being one rendering of a phrase. */
import { type Click, measureClicks, residualPeaks } from './clicks.js';
import { CONTEXT_FRAMES, type Alignment, type Template } from './coarse-match.js';
import { HOP_MS, computeSpectra, findSpeech, type Span, type Spectra } from './features.js';
import type { Rendering } from './phrasebook.js';
import { placeStraight, placeWarped, type Placement } from './placement.js';
import { toBands } from './signal.js';
import type { Warp } from './warped-match.js';
import { matchWaveform } from './waveform-match.js';

/**
 * Thresholds. Measured over 40 renderings (espeak-ng, 4 voices): PHRASEBOOK_MARGINS=1 makes recogniser.test.ts print the margins.
 */
export const THRESHOLDS = {
  /** correlation of the log spectra under one linear warp */
  spectral: 0.8,
  /** waveform on one straight line */
  straight: 0.75,
  /** waveform in pieces */
  pieced: 0.7,
  /** clicks, dB per second, on one straight line: silence or foreign samples in between */
  clicks: 4.3,
  /** clicks, dB per second, in pieces: all that tells lost or doubled frames from a changed tempo */
  clicksInPieces: 2.1,
  /** the same where time was bent and hardly shorter or longer on the whole, as by the loss of every tenth frame: a concealment may click */
  clicksInBends: 5.4,
  /** how much shorter or longer it may be for that */
  drift: 0.075,
  /** the longest stretch of the phrase that may be lost, in ms: a concealment of 60 ms, seen through windows of 25 ms */
  lossMs: 145,
  /** the longest stretch that may be put in: a concealment behind which the sound goes on */
  insertMs: 140,
  /** the same where it fades away by 10 dB, as the concealment of a long stall does */
  fadingInsertMs: 400,
} as const;

/** Pauses of at least this may separate two phrases. */
const MIN_PAUSE_MS = 150;
/** Clicks this close are one; a concealment repeats its click with every pitch period. */
const ONE_CLICK_MS = 3;
const ONE_CONCEALMENT_MS = 16;

/** A rendering as every comparison needs it. */
export type Reference = {
  rendering: Rendering;
  template: Template;
  /** what `template` begins at, in the rendering */
  templateStartMs: number;
  speechMs: number;
  narrow: Float32Array;
  power: number;
  /** computed when first needed */
  peaks: () => Float32Array;
};

/** What the recogniser measured for one rendering; only as far as it had to. */
export type Evidence = {
  rendering: Rendering;
  /** correlation of the log spectra */
  score: number;
  /** whether time was bent to fit */
  warped: boolean;
  straight: number;
  pieced: number;
  longestLossMs: number;
  longestInsert: { fromMs: number; toMs: number };
  /** dB per second, measured when the waveform fits */
  clicks?: number;
  /** how much longer the turn says it, 0.1 for 10 %; where time was bent */
  drift?: number;
  /** How far within its thresholds the least favourable measure is: accepted above 1. 0 when not measured to its end. */
  margin: number;
};

/** A stretch of a turn and its residual peaks, of `residualPeaks`. */
type Stretch = { fromMs: number; toMs: number; pcm24k: Int16Array; peaks: Float32Array };

/** The turn as every comparison needs it. */
export class Turn {
  readonly pcm24k: Int16Array;
  readonly narrow: Float32Array;
  readonly spectra: Spectra;
  readonly speech: readonly Span[];
  #stretch: Stretch | undefined;

  constructor(pcm24k: Int16Array) {
    this.pcm24k = pcm24k;
    const { wide, narrow } = toBands(pcm24k);
    this.narrow = narrow;
    this.spectra = computeSpectra(wide);
    this.speech = findSpeech(this.spectra.level, MIN_PAUSE_MS);
  }

  /** What clicks are looked for in, were this all that was said: kept, since several renderings are held against it. */
  stretchOf({ from, to }: Span): Stretch {
    const fromMs = Math.max(0, from * HOP_MS - 20);
    const toMs = to * HOP_MS + 20;
    if (this.#stretch?.fromMs !== fromMs || this.#stretch.toMs !== toMs) {
      const pcm24k = this.pcm24k.subarray(fromMs * 24, toMs * 24);
      this.#stretch = { fromMs, toMs, pcm24k, peaks: residualPeaks(pcm24k) };
    }
    return this.#stretch;
  }
}

/** Compares waveforms under one straight alignment. `wholly`: measures clicks even where the waveform does not fit. */
export function examineStraight(
  turn: Turn,
  span: Span,
  reference: Reference,
  alignment: Alignment,
  wholly: boolean,
): Evidence {
  const placement = placeStraight(alignment, reference.templateStartMs);
  const match = matchWaveform(turn.narrow, reference.narrow, placement);
  const evidence = { rendering: reference.rendering, score: alignment.score, warped: false, ...match };
  const straight = match.straight / THRESHOLDS.straight;
  const pieced = match.pieced / THRESHOLDS.pieced;
  if (!wholly && Math.max(straight, pieced) < 1) return { ...evidence, margin: 0 };
  const clicks = clickRate(clicksIn(turn, span, reference, placement, ONE_CLICK_MS), span);
  const margin = Math.min(
    alignment.score / THRESHOLDS.spectral,
    Math.max(
      Math.min(straight, THRESHOLDS.clicks / clicks),
      Math.min(pieced, THRESHOLDS.clicksInPieces / clicks),
    ),
  );
  return { ...evidence, clicks, margin };
}

/** Compares waveforms where time was bent, as a jitter buffer bends it. */
export function examineWarped(
  turn: Turn,
  span: Span,
  reference: Reference,
  warp: Warp,
  wholly: boolean,
): Evidence {
  const startMs = (span.from - CONTEXT_FRAMES) * HOP_MS;
  const placement = placeWarped(warp, startMs, reference.templateStartMs);
  const match = matchWaveform(turn.narrow, reference.narrow, placement);
  const evidence = { rendering: reference.rendering, score: warp.score, warped: true, ...match };
  const { fromMs, toMs } = match.longestInsert;
  const maxInsertMs = fadesAway(turn, fromMs, toMs) ? THRESHOLDS.fadingInsertMs : THRESHOLDS.insertMs;
  const waveform = Math.min(
    match.pieced / THRESHOLDS.pieced,
    THRESHOLDS.lossMs / match.longestLossMs,
    maxInsertMs / (toMs - fromMs),
  );
  if (!wholly && waveform < 1) return { ...evidence, margin: 0 };
  const clicks = clickRate(clicksIn(turn, span, reference, placement, ONE_CONCEALMENT_MS), span);
  const drift = driftOf(warp);
  const maxClicks = Math.abs(drift) < THRESHOLDS.drift ? THRESHOLDS.clicksInBends : THRESHOLDS.clicksInPieces;
  const margin = Math.min(warp.score / THRESHOLDS.spectral, waveform, maxClicks / clicks);
  return { ...evidence, clicks, drift, margin };
}

/** How much longer the middle four fifths of the reference are in the turn, 0.1 for 10 %. */
function driftOf({ lags }: Warp): number {
  const from = Math.round(lags.length / 10);
  const to = lags.length - 1 - from;
  return (lags[to]! - lags[from]!) / (to - from);
}

/** Whether a stretch is never louder than what came before it, and its second half at least 10 dB below that. */
function fadesAway({ spectra: { level } }: Turn, fromMs: number, toMs: number): boolean {
  const frames = (fromFrame: number, toFrame: number): number =>
    level.subarray(Math.max(0, fromFrame), toFrame).reduce((most, power) => Math.max(most, power), 0);
  const [from, to] = [Math.round(fromMs / HOP_MS), Math.round(toMs / HOP_MS)];
  const middle = Math.round((from + to) / 2);
  const before = frames(from - 5, from);
  return frames(from, middle) < 1.5 * before && frames(middle, to - 2) < 0.1 * before;
}

/** Clicks in a stretch of speech; times are the turn's. */
function clicksIn(
  turn: Turn,
  span: Span,
  reference: Reference,
  { referenceMsAt }: Placement,
  togetherMs: number,
): Click[] {
  const { fromMs, pcm24k, peaks } = turn.stretchOf(span);
  const clicks = measureClicks({
    ...{ pcm24k, peaks },
    referencePeaks: reference.peaks(),
    referencePower: reference.power,
    referenceMsAt: (ms) => referenceMsAt(ms + fromMs),
    togetherMs,
  });
  return clicks.map(({ atMs, excessDb }) => ({ atMs: atMs + fromMs, excessDb }));
}

/** In dB per second. */
function clickRate(clicks: readonly Click[], span: Span): number {
  const total = clicks.reduce((sum, { excessDb }) => sum + excessDb, 0);
  return (total * 1000) / ((span.to - span.from) * HOP_MS + 40);
}
