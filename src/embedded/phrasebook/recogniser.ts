import { meanPower, residualPeaks } from './clicks.js';
import {
  CONTEXT_FRAMES,
  MAX_SPEED,
  MIN_SPEED,
  alignCoarsely,
  makeTemplate,
  type Template,
} from './coarse-match.js';
import {
  examineStraight,
  examineWarped,
  THRESHOLDS,
  Turn,
  type Evidence,
  type Reference,
} from './evidence.js';
import { HOP_MS, computeSpectra, findSpeech, type Span } from './features.js';
import type { Phrasebook, Rendering } from './phrasebook.js';
import { toBands } from './signal.js';
import { alignWarped } from './warped-match.js';

const QUICK_CANDIDATES = 6;
const THOROUGH_CANDIDATES = 3;
/** Pitch steps that features are computed for. */
const PITCH_STEP = 0.02;

/** Made once for all recognisers. */
const references = new WeakMap<Rendering, Reference>();

/** What a recogniser takes for a phrase. */
export type RecogniserOptions = {
  /** What a jitter buffer makes of one; default true. Where there is no jitter buffer, false finds every lost frame. */
  takesConcealment?: boolean;
};

/** Names the phrases of a phrasebook that a turn consists of. Holds features of every rendering. */
export class Recogniser {
  readonly #references: readonly Reference[];
  readonly #shortestMs: number;
  readonly #longestMs: number;

  readonly #takesConcealment: boolean;

  constructor(book: Phrasebook, { takesConcealment = true }: RecogniserOptions = {}) {
    this.#takesConcealment = takesConcealment;
    this.#references = [...book.values()].flatMap((renderings) => [...renderings.values()].map(referenceOf));
    const durations = this.#references.map(({ speechMs }) => speechMs);
    this.#shortestMs = Math.min(...durations) / MAX_SPEED;
    this.#longestMs = Math.max(...durations) / MIN_SPEED;
  }

  /**
   * The phrases said in a turn, in order, or `undefined` when any stretch of its speech is not a phrase as recorded: cut,
   * too fast or slow (beyond 10 %), with samples lost, repeated or mixed, or never heard before. What a jitter buffer does is
   * taken: up to 5 % concealed in bursts of up to 60 ms, a stall that fades away, and time bent by a pitch period here and there.
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
    if (!this.#takesConcealment) return;
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
