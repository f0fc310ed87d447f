import { priceOf, type PriceTable } from '../../cost/prices.js';
import type { TextUsage } from './text-model.js';

/** What a model used for the minutes of one meeting, what that costs by a table of prices, and what may still be spent. */
export class MinutesCost {
  readonly model: string;
  readonly #prices: PriceTable;
  readonly #leftUsd: number;
  #tokens = 0;
  #usd = 0;
  #unpriced = 0;

  /** @param leftUsd of the meeting's budget, in US dollars; absent: no budget */
  constructor({
    model,
    prices,
    leftUsd = Infinity,
  }: {
    model: string;
    prices: PriceTable;
    leftUsd?: number | undefined;
  }) {
    this.model = model;
    this.#prices = prices;
    this.#leftUsd = leftUsd;
  }

  /** All tokens together. */
  get tokens(): number {
    return this.#tokens;
  }

  /** By the table of prices: an estimate. */
  get usd(): number {
    return this.#usd;
  }

  /** Answers of a model that the table has no price for. */
  get unpriced(): number {
    return this.#unpriced;
  }

  /** Nothing more may be asked of a model. */
  get isSpent(): boolean {
    return this.#usd >= this.#leftUsd;
  }

  /** One answer used this. */
  add({ textIn, cachedTextIn, textOut }: TextUsage): void {
    const tokens = { textIn, cachedTextIn, textOut, audioIn: 0, cachedAudioIn: 0, audioOut: 0 };
    const usd = priceOf(this.#prices, this.model, { kind: 'response', tokens });
    this.#tokens += textIn + cachedTextIn + textOut;
    this.#usd += usd ?? 0;
    if (usd === undefined) this.#unpriced++;
  }
}
