import { EventEmitter, type EventSource } from '../events.js';
import type { SessionUsage, TokenUsage } from '../realtime/usage.js';
import { priceOf, type PriceTable } from './prices.js';

/** What was used and what it costs. Dollars are an estimate by the table; what has no price there counts as `unpriced`. */
export type Cost = {
  readonly usd: number;
  readonly responses: number;
  readonly tokens: TokenUsage;
  /** Billed by its length: transcribed, or translated continuously. */
  readonly audioMs: number;
  /** Things used of models that the table has no price for. */
  readonly unpriced: number;
  /** Something was billed that nobody was told of: it cost this at least. */
  readonly isLowerBound?: true;
};

/** `near` from 80 % of the budget on, `spent` from all of it on. */
export type BudgetState = 'within' | 'near' | 'spent';

const NEAR_SHARE = 0.8;
/** Routes that are told apart; what further ones use counts for the meeting alone. */
const MAX_ROUTES = 10_000;

const NO_TOKENS: TokenUsage = {
  textIn: 0,
  cachedTextIn: 0,
  audioIn: 0,
  cachedAudioIn: 0,
  textOut: 0,
  audioOut: 0,
};
const NOTHING: Cost = { usd: 0, responses: 0, tokens: NO_TOKENS, audioMs: 0, unpriced: 0 };

/** What a meter is made of. */
type CostMeterOptions = {
  prices: PriceTable;
  /** In US dollars; undefined: no budget. */
  budgetUsd: number | undefined;
};

/** What a meter tells. */
type CostMeterEvents = {
  /** The budget is nearly spent, or all of it, or neither any more: once for each. */
  budget: [state: BudgetState, total: Cost];
};

/** What a meeting has cost until now, by route, and when it comes near its budget. */
export class CostMeter {
  readonly #prices: PriceTable;
  readonly #events = new EventEmitter<CostMeterEvents>();
  #budgetUsd: number | undefined;
  readonly #routes = new Map<string, Cost>();
  #total = NOTHING;
  #state: BudgetState = 'within';

  constructor({ prices, budgetUsd }: CostMeterOptions) {
    this.#prices = prices;
    this.#budgetUsd = budgetUsd;
  }

  get events(): EventSource<CostMeterEvents> {
    return this.#events;
  }

  /** Of the whole meeting. */
  get total(): Cost {
    return this.#total;
  }

  /** In US dollars; undefined where there is none. */
  get budgetUsd(): number | undefined {
    return this.#budgetUsd;
  }

  /** The day of the table of prices, such as `2026-11-20`. */
  get pricesDate(): string {
    return this.#prices.date;
  }

  get budgetState(): BudgetState {
    return this.#state;
  }

  /** By route, in the order of their first use. */
  get routes(): ReadonlyMap<string, Cost> {
    return this.#routes;
  }

  /** Another budget from now on, in US dollars, what was spent already included; undefined: none. */
  setBudget(budgetUsd: number | undefined): void {
    this.#budgetUsd = budgetUsd;
    this.#judge();
  }

  /** `route` used something of `model`, which for a transcription is the one that it names. */
  add(route: string, model: string, usage: SessionUsage): void {
    const usd = priceOf(this.#prices, usage.kind === 'transcription' ? usage.model : model, usage);
    this.#total = added(this.#total, usage, usd);
    const before = this.#routes.get(route);
    if (before !== undefined || this.#routes.size < MAX_ROUTES) {
      this.#routes.set(route, added(before ?? NOTHING, usage, usd));
    }
    this.#judge();
  }

  #judge(): void {
    const state = stateOf(this.#total.usd, this.#budgetUsd ?? Infinity);
    if (state === this.#state) return;
    this.#state = state;
    this.#events.emit('budget', state, this.#total);
  }
}

function stateOf(usd: number, budgetUsd: number): BudgetState {
  if (usd >= budgetUsd) return 'spent';
  return usd >= budgetUsd * NEAR_SHARE ? 'near' : 'within';
}

function added(cost: Cost, usage: SessionUsage, usd: number | undefined): Cost {
  const { tokens } = cost;
  const used = 'tokens' in usage ? usage.tokens : NO_TOKENS;
  const endUntold = 'endUntold' in usage;
  return {
    usd: cost.usd + (usd ?? 0),
    responses: cost.responses + (usage.kind === 'response' ? 1 : 0),
    tokens: {
      textIn: tokens.textIn + used.textIn,
      cachedTextIn: tokens.cachedTextIn + used.cachedTextIn,
      audioIn: tokens.audioIn + used.audioIn,
      cachedAudioIn: tokens.cachedAudioIn + used.cachedAudioIn,
      textOut: tokens.textOut + used.textOut,
      audioOut: tokens.audioOut + used.audioOut,
    },
    audioMs: cost.audioMs + ('audioMs' in usage ? usage.audioMs : 0),
    unpriced: cost.unpriced + (usd === undefined && !endUntold ? 1 : 0),
    ...(cost.isLowerBound === true || endUntold ? { isLowerBound: true } : {}),
  };
}
