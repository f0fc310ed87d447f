import { BoundedMap } from '../../bounded-map.js';

/** Spans kept for the median; the oldest are forgotten. */
const MAX_SPANS = 200;
/** The last of them tell whether it grows. */
const RECENT = 5;
/** What is compared with needs so many. */
const MIN_BEFORE = 5;
/** Less is no reason to worry anybody. */
const WORRYING_MS = 6_000;
const GROWTH = 1.5;
/** A worry is over below this share of it. */
const OVER = 0.8;

/** How far behind one route is, in whole milliseconds. */
export type SpanSummary = {
  readonly turns: number;
  readonly lastMs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  /** It has grown far beyond what it was, and has not come down again. */
  readonly isGrowing?: true;
};

/** The ear-voice spans of one route and one engine, added up. */
export class SpanMeter {
  readonly #spansMs = new BoundedMap<number>(MAX_SPANS);
  #turns = 0;
  #worriedAtMs: number | undefined;

  /**
   * A turn counts once; a later span of it replaces the first. Returns from what to what it has grown, once, where the last few are
   * worrying and far above those before.
   */
  add(turnId: string, spanMs: number): { readonly fromMs: number; readonly toMs: number } | undefined {
    if (!this.#spansMs.has(turnId)) this.#turns++;
    this.#spansMs.set(turnId, spanMs);
    return this.#judge();
  }

  /** What was heard of this turn was no translation. */
  remove(turnId: string): void {
    if (this.#spansMs.delete(turnId)) this.#turns--;
  }

  /** Undefined before anything was heard. */
  get summary(): SpanSummary | undefined {
    const spansMs = [...this.#spansMs.values()];
    const lastMs = spansMs.at(-1);
    if (lastMs === undefined) return undefined;
    const sorted = spansMs.sort((a, b) => a - b);
    return {
      turns: this.#turns,
      lastMs: Math.round(lastMs),
      medianMs: Math.round(median(sorted)),
      p95Ms: Math.round(sorted[Math.ceil(sorted.length * 0.95) - 1]!),
      ...(this.#worriedAtMs === undefined ? {} : { isGrowing: true }),
    };
  }

  #judge(): { fromMs: number; toMs: number } | undefined {
    const spansMs = [...this.#spansMs.values()];
    const recentMs = median(spansMs.slice(-RECENT).sort((a, b) => a - b));
    if (this.#worriedAtMs !== undefined && recentMs < this.#worriedAtMs * OVER) this.#worriedAtMs = undefined;
    const before = spansMs.slice(0, -RECENT);
    if (this.#worriedAtMs !== undefined || before.length < MIN_BEFORE || recentMs < WORRYING_MS)
      return undefined;
    const beforeMs = median(before.sort((a, b) => a - b));
    if (recentMs < beforeMs * GROWTH) return undefined;
    this.#worriedAtMs = recentMs;
    return { fromMs: beforeMs, toMs: recentMs };
  }
}

/** @param sorted one at least */
function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
