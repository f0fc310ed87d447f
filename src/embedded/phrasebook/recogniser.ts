import { type Click, measureClicks, meanPower, residualPeaks } from './clicks.js';
import {
  CONTEXT_FRAMES,
  MAX_SPEED,
  MIN_SPEED,
  alignCoarsely,
  makeTemplate,
  type Alignment,
  type Template,
} from './coarse-match.js';
import { HOP_MS, computeSpectra, findSpeech, type Span, type Spectra } from './features.js';
import type { Phrasebook, Rendering } from './phrasebook.js';
import { placeStraight, placeWarped, type Placement } from './placement.js';
import { toBands } from './signal.js';
import { alignWarped, type Warp } from './warped-match.js';
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
  /** the same where time was bent: a concealment may click */
  clicksInBends: 4.4,
  /** and of these, clicks in the midst of what fits well: a concealment does not fit */
  clicksInGoodFits: 1.8,
  /** the longest stretch of the phrase that may be lost, in ms: a concealment of 60 ms, seen through windows of 25 ms */
  lossMs: 160,
  /** the longest stretch that may be put in: a concealment behind which the sound goes on */
  insertMs: 140,
  /** the same where it fades away by 10 dB, as the concealment of a long stall does */
  fadingInsertMs: 400,
} as const;

/** Pauses of at least this may separate two phrases. */
const MIN_PAUSE_MS = 150;
const QUICK_CANDIDATES = 6;
const THOROUGH_CANDIDATES = 3;
/** Clicks this close are one; a concealment repeats its click with every pitch period. */
const ONE_CLICK_MS = 3;
const ONE_CONCEALMENT_MS = 16;
/** Correlation from which a window fits well. */
const GOOD_FIT = 0.8;
/** Pitch steps that features are computed for. */
const PITCH_STEP = 0.02;

type Reference = {
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
  /** of these, those in the midst of what fits well; where time was bent */
  clicksInGoodFits?: number;
  /** How far within its thresholds the least favourable measure is: accepted above 1. 0 when not measured to its end. */
  margin: number;
};

/** Made once for all recognisers. */
const references = new WeakMap<Rendering, Reference>();

/** Names the phrases of a phrasebook that a turn consists of. Holds features of every rendering. */
export class Recogniser {
  readonly #references: readonly Reference[];
  readonly #shortestMs: number;
  readonly #longestMs: number;

  constructor(book: Phrasebook) {
    this.#references = [...book.values()].flatMap((renderings) => [...renderings.values()].map(referenceOf));
    const durations = this.#references.map(({ speechMs }) => speechMs);
    this.#shortestMs = Math.min(...durations) / MAX_SPEED;
    this.#longestMs = Math.max(...durations) / MIN_SPEED;
  }

  /**
   * The phrases said in a turn, in order, or `undefined` when any stretch of its speech is not a phrase as recorded: cut,
   * too fast or slow (beyond 10 %), with samples lost, repeated or mixed, or never heard before.
   * @param pcm24k 24 kHz mono PCM16, with any silence around the speech
   */
  recognise(pcm24k: Int16Array): readonly Rendering[] | undefined {
    const turn = new Turn(pcm24k);
    const { speech } = turn;
    const said: Rendering[] = [];
    let next = 0;
    while (next < speech.length) {
      // The longest stretch first, so that a pause inside a phrase does not end it.
      let found: { rendering: Rendering; end: number } | undefined;
      for (let end = speech.length; end > next && found === undefined; end--) {
        const span = { from: speech[next]!.from, to: speech[end - 1]!.to };
        for (const { rendering, margin } of this.#matchSpan(turn, span, false)) {
          if (!(margin > 1)) continue;
          found = { rendering, end };
          break;
        }
      }
      if (found === undefined) return undefined;
      said.push(found.rendering);
      next = found.end;
    }
    return said.length > 0 ? said : undefined;
  }

  /** What speaks for and against each of the likeliest renderings, were the whole turn one phrase. For tables of margins. */
  explain(pcm24k: Int16Array): readonly Evidence[] {
    const turn = new Turn(pcm24k);
    const first = turn.speech[0];
    const last = turn.speech.at(-1);
    return first === undefined || last === undefined
      ? []
      : [...this.#matchSpan(turn, { from: first.from, to: last.to }, true)];
  }

  /** The likeliest renderings of a stretch of speech, best first, each examined when it is asked for. */
  *#matchSpan(turn: Turn, span: Span, wholly: boolean): Generator<Evidence> {
    const spanMs = (span.to - span.from) * HOP_MS;
    if (spanMs < this.#shortestMs * 0.9 || spanMs > this.#longestMs * 1.1) return;
    const templates = new Map<number, Template>();
    const templateAt = (pitch: number): Template => {
      const step = Math.round(pitch / PITCH_STEP);
      let template = templates.get(step);
      if (template === undefined)
        templates.set(step, (template = makeTemplate(turn.spectra, span, step * PITCH_STEP)));
      return template;
    };
    const startMs = (span.from - CONTEXT_FRAMES) * HOP_MS;
    const quick = this.#references.flatMap((reference) =>
      [false, true].map((keepsPitch) => ({
        reference,
        keepsPitch,
        score: alignCoarsely(templateAt, startMs, reference.template, keepsPitch, false).score,
      })),
    );
    const likely = quick.sort((a, b) => b.score - a.score).slice(0, QUICK_CANDIDATES);
    const candidates = likely
      .filter(({ score }) => score > 0)
      .map(({ reference, keepsPitch }) => ({
        reference,
        alignment: alignCoarsely(templateAt, startMs, reference.template, keepsPitch, true),
      }))
      .filter(({ alignment }) => alignment.score >= THRESHOLDS.spectral)
      .sort((a, b) => b.alignment.score - a.alignment.score)
      .slice(0, THOROUGH_CANDIDATES);
    for (const { reference, alignment } of candidates)
      yield examineStraight(turn, span, reference, alignment, wholly);
    const warped = [...new Set(likely.map(({ reference }) => reference))]
      .flatMap((reference) => {
        const warp = alignWarped(templateAt(1), reference.template);
        return warp === undefined || warp.score < THRESHOLDS.spectral ? [] : [{ reference, warp }];
      })
      .sort((a, b) => b.warp.score - a.warp.score)
      .slice(0, THOROUGH_CANDIDATES);
    for (const { reference, warp } of warped) yield examineWarped(turn, span, reference, warp, wholly);
  }
}

/** The turn as every comparison needs it. */
class Turn {
  readonly pcm24k: Int16Array;
  readonly narrow: Float32Array;
  readonly spectra: Spectra;
  readonly speech: readonly Span[];

  constructor(pcm24k: Int16Array) {
    this.pcm24k = pcm24k;
    const { wide, narrow } = toBands(pcm24k);
    this.narrow = narrow;
    this.spectra = computeSpectra(wide);
    this.speech = findSpeech(this.spectra.level, MIN_PAUSE_MS);
  }
}

/** Compares waveforms under one straight alignment. `wholly`: measures clicks even where the waveform does not fit. */
function examineStraight(
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
function examineWarped(turn: Turn, span: Span, reference: Reference, warp: Warp, wholly: boolean): Evidence {
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
  const found = clicksIn(turn, span, reference, placement, ONE_CONCEALMENT_MS);
  const clicks = clickRate(found, span);
  const clicksInGoodFits = clickRate(
    found.filter(({ atMs }) => match.fitAt(atMs) >= GOOD_FIT),
    span,
  );
  const margin = Math.min(
    warp.score / THRESHOLDS.spectral,
    waveform,
    THRESHOLDS.clicksInBends / clicks,
    THRESHOLDS.clicksInGoodFits / clicksInGoodFits,
  );
  return { ...evidence, clicks, clicksInGoodFits, margin };
}

/** Whether the second half of a stretch is at least 10 dB below what came before it. */
function fadesAway({ spectra: { level } }: Turn, fromMs: number, toMs: number): boolean {
  const from = Math.round(fromMs / HOP_MS);
  const before = level.subarray(Math.max(0, from - 3), from);
  const half = level.subarray(Math.round((fromMs + toMs) / 2 / HOP_MS), Math.round(toMs / HOP_MS));
  const mean = half.reduce((sum, power) => sum + power, 0) / Math.max(1, half.length);
  return mean < 0.1 * before.reduce((most, power) => Math.max(most, power), 0);
}

/** Clicks in a stretch of speech; times are the turn's. */
function clicksIn(
  turn: Turn,
  span: Span,
  reference: Reference,
  { referenceMsAt }: Placement,
  togetherMs: number,
): Click[] {
  const fromMs = Math.max(0, span.from * HOP_MS - 20);
  const clicks = measureClicks({
    pcm24k: turn.pcm24k.subarray(fromMs * 24, (span.to * HOP_MS + 20) * 24),
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

function referenceOf(rendering: Rendering): Reference {
  const known = references.get(rendering) ?? makeReference(rendering);
  references.set(rendering, known);
  return known;
}

function makeReference(rendering: Rendering): Reference {
  const { wide, narrow } = toBands(rendering.pcm24k);
  const spectra = computeSpectra(wide);
  const spans = findSpeech(spectra.level, Infinity);
  const span = { from: spans[0]?.from ?? 0, to: spans.at(-1)?.to ?? spectra.frameCount };
  let peaks: Float32Array | undefined;
  return {
    rendering,
    template: makeTemplate(spectra, span, 1),
    templateStartMs: (span.from - CONTEXT_FRAMES) * HOP_MS,
    speechMs: (span.to - span.from) * HOP_MS,
    narrow,
    power: meanPower(rendering.pcm24k.subarray(span.from * HOP_MS * 24, span.to * HOP_MS * 24)),
    peaks: () => (peaks ??= residualPeaks(rendering.pcm24k)),
  };
}
