/** What happens to a meeting that nears its budget, and one that has spent it. */
import type { BudgetState, Cost, CostMeter } from './cost-meter.js';
import { EventEmitter, type EventSource, type OnListenerError } from '../events.js';
import type { MeetingNotice } from '../meeting/meeting-events.js';

/**
 * Of a meeting whose budget is spent: `captions` goes on with translations that are written, not spoken, which cost less;
 * `stop` ends it.
 */
export type BudgetPolicy = 'captions' | 'stop';

/** A meeting's budget: what it is metered by, which has the limit, and what follows. */
export type MeetingBudget = { readonly meter: CostMeter; readonly policy: BudgetPolicy };

/** What follows from what a meeting spends. */
type SpendingEvents = {
  notice: [notice: MeetingNotice];
  /** True: from now on translations are written only. False: they are spoken again. */
  writesOnly: [writesOnly: boolean];
  /** Nothing is to be interpreted any more; `why` in one line. */
  stop: [why: string];
};

/** Follows what a meeting spends, and says what is to be done about it. */
export class Spending {
  readonly meter: CostMeter;
  readonly #events: EventEmitter<SpendingEvents>;
  #policy: BudgetPolicy;
  #writesOnly = false;

  constructor({ meter, policy }: MeetingBudget, onListenerError?: OnListenerError) {
    this.#events = new EventEmitter(onListenerError);
    this.meter = meter;
    this.#policy = policy;
    meter.events.on('budget', (state, total) => {
      if (state !== 'within') this.#events.emit('notice', budgetNotice(state, total, meter, this.#policy));
      this.#follow();
    });
  }

  get events(): EventSource<SpendingEvents> {
    return this.#events;
  }

  get policy(): BudgetPolicy {
    return this.#policy;
  }

  /** What follows when the budget is spent, or follows now where it is. */
  setPolicy(policy: BudgetPolicy): void {
    this.#policy = policy;
    this.#follow();
  }

  #follow(): void {
    const spent = this.meter.budgetState === 'spent';
    if (spent && this.#policy === 'stop') {
      this.#events.emit('stop', `the budget of ${dollars(this.meter.budgetUsd ?? 0)} is spent`);
      return;
    }
    if (spent === this.#writesOnly) return;
    this.#writesOnly = spent;
    this.#events.emit('writesOnly', spent);
  }
}

/** What the host is told. */
export function budgetNotice(
  state: Exclude<BudgetState, 'within'>,
  { usd, unpriced }: Pick<Cost, 'usd' | 'unpriced'>,
  { budgetUsd = 0, pricesDate }: Pick<CostMeter, 'budgetUsd' | 'pricesDate'>,
  policy: BudgetPolicy,
): MeetingNotice {
  const spent = `${dollars(usd)} of the budget of ${dollars(budgetUsd)} are spent, by the prices of ${pricesDate}`;
  const missing = unpriced === 0 ? '' : ` (${unpriced} uses of models without a known price are not in it)`;
  const next =
    policy === 'captions' ? 'translations continue as captions only, at reduced cost' : 'interpreting ends';
  const message =
    state === 'near' ? `${spent}${missing}: when all of it is, ${next}` : `${spent}${missing}: ${next}`;
  return { kind: 'budget', message };
}

function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`;
}
