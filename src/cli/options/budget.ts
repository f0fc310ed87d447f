/** What models cost, by the settings. */
import { readJsonFile } from '../../settings/config-file.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import { LIST_PRICES, type PriceTable, withOwnPrices } from '../../cost/prices.js';
import { plain } from '../../text.js';

/** The list prices, with the user's own in their place. Throws ParleyError where their file is none. */
export function pricesOf({ prices }: ProcessSettings): PriceTable {
  if (prices === undefined) return LIST_PRICES;
  return withOwnPrices(readJsonFile(prices, '--prices'), `--prices ${plain(prices)}`);
}
