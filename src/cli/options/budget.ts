/** What models cost, and what a meeting may cost, by the settings. */
import type { MeetingSettings } from '../../bot/meeting-settings.js';
import { readJsonFile } from '../../settings/config-file.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import { CostMeter } from '../../cost/cost-meter.js';
import { LIST_PRICES, type PriceTable, withOwnPrices } from '../../cost/prices.js';
import type { MeetingBudget } from '../../cost/spending.js';
import { plain } from '../../text.js';

/** The list prices, with the user's own in their place. Throws ParleyError where their file is none. */
export function pricesOf({ prices }: ProcessSettings): PriceTable {
  if (prices === undefined) return LIST_PRICES;
  return withOwnPrices(readJsonFile(prices, '--prices'), `--prices ${plain(prices)}`);
}

/**
 * What meters a meeting; undefined where it is `billed` nothing, unless there is a budget all the same: to try one, with
 * prices for the embedded interpreter.
 */
export function budgetOf(
  { budgetUsd, budgetPolicy }: MeetingSettings,
  prices: PriceTable,
  billed: boolean,
): MeetingBudget | undefined {
  if (!billed && budgetUsd === undefined) return undefined;
  return { meter: new CostMeter({ prices, budgetUsd }), policy: budgetPolicy };
}
