import { measureClicks, meanPower, residualPeaks } from './clicks.js';
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
import { toBands } from './signal.js';
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
} as const;

/** Pauses of at least this may separate two phrases. */
const MIN_PAUSE_MS = 150;
const QUICK_CANDIDATES = 6;
const THOROUGH_CANDIDATES = 3;
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
  alignment: Alignment;
  straight: number;
  pieced: number;
  /** measured when the waveform fits */
  clicks?: number;
  accepted: boolean;
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
        for (const { rendering, accepted } of this.#matchSpan(turn, span)) {
          if (!accepted) continue;
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
      : [...this.#matchSpan(turn, { from: first.from, to: last.to })];
  }

  /** The likeliest renderings of a stretch of speech, best first, each examined when it is asked for. */
  *#matchSpan(turn: Turn, span: Span): Generator<Evidence> {
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
    for (const { reference, alignment } of candidates) yield examine(turn, span, reference, alignment);
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

/** Compares waveforms under one alignment. */
function examine(turn: Turn, span: Span, reference: Reference, alignment: Alignment): Evidence {
  const { speed, startMs } = alignment;
  const fileStartMs = startMs - reference.templateStartMs / speed;
  const match = matchWaveform(turn.narrow, reference.narrow, { ...alignment, startMs: fileStartMs });
  const evidence = { rendering: reference.rendering, alignment, ...match };
  if (match.straight < THRESHOLDS.straight && match.pieced < THRESHOLDS.pieced)
    return { ...evidence, accepted: false };
  const fromMs = Math.max(0, span.from * HOP_MS - 20);
  const clicks = measureClicks({
    pcm24k: turn.pcm24k.subarray(fromMs * 24, (span.to * HOP_MS + 20) * 24),
    referencePeaks: reference.peaks(),
    referencePower: reference.power,
    speed,
    startMs: fileStartMs - fromMs,
  });
  const limit = match.straight >= THRESHOLDS.straight ? THRESHOLDS.clicks : THRESHOLDS.clicksInPieces;
  return { ...evidence, clicks, accepted: clicks < limit };
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
