/** What happens to a meeting that nears its budget, and one that has spent it. */
import type { BudgetState, Cost, CostMeter } from './cost-meter.js';
import type { MeetingNotice } from '../meeting/meeting-events.js';

/**
 * Of a meeting whose budget is spent: `captions` goes on with translations that are written, not spoken, which cost less;
 * `stop` ends it.
 */
export type BudgetPolicy = 'captions' | 'stop';

/** A meeting's budget: what it is metered by, which has the limit, and what follows. */
export type MeetingBudget = { readonly meter: CostMeter; readonly policy: BudgetPolicy };

/** What a meeting does about it. */
export type SpendingHandlers = {
  notice(notice: MeetingNotice): void;
  /** From now on translations are written only. */
  writeOnly(): void;
  /** Nothing is interpreted any more; `why` in one line. */
  stop(why: string): void;
};

/** From now on the meter's budget has its consequences. */
export function followBudget({ meter, policy }: MeetingBudget, handlers: SpendingHandlers): void {
  meter.onBudget = (state, total) => {
    if (state === 'near' && total.usd >= (meter.budgetUsd ?? Infinity)) return; // that is told next
    handlers.notice(budgetNotice(state, total, meter, policy));
    if (state === 'near') return;
    if (policy === 'captions') handlers.writeOnly();
    else handlers.stop(`the budget of ${dollars(meter.budgetUsd ?? 0)} is spent`);
  };
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
