import type { Database, Orm } from '../../database/database.js';
import { type BotRow, changeState, type StateChange } from '../../records/store/bots.js';
import type { LiveFeeds } from '../events/live-feeds.js';
import { botOf } from '../http/bots/bot-views.js';
import type { ServiceMetrics } from '../service-metrics.js';

/** Changes the states of bots, and tells whoever reads them live. */
export class BotUpdates {
  readonly #options: { database: Database; feeds: LiveFeeds; metrics: ServiceMetrics };

  constructor(options: { database: Database; feeds: LiveFeeds; metrics: ServiceMetrics }) {
    this.#options = options;
  }

  /** Undefined where the change is not allowed any more. `also` is part of its transaction. */
  async changeState(change: StateChange, also?: (tx: Orm) => Promise<void>): Promise<BotRow | undefined> {
    const { database, metrics } = this.#options;
    const result = await database.transaction(async (tx) => {
      const changed = await changeState(tx, change);
      if (changed.ok) await also?.(tx);
      return changed;
    });
    if (!result.ok) return undefined;
    metrics.botState(result.bot.state);
    this.tell(result.bot);
    return result.bot;
  }

  /** Readers are told how a bot is now. */
  tell(bot: BotRow): void {
    this.#options.feeds.find(bot.id)?.tell('bot', botOf(bot));
  }
}
