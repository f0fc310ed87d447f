import type { Database, Orm } from '../database/database.js';
import { type BotRow, claim, holdsClaim, takeBot } from '../records/store/bots.js';
import type { Claims } from './fleet-runner.js';

/**
 * Claims in the database. `begin` brings a bot that waits into a state in which it can be claimed, in the same transaction;
 * false: it is over.
 */
export function storeClaims(
  database: Database,
  workerId: string,
  begin: (tx: Orm, bot: BotRow) => Promise<boolean>,
): Claims {
  return {
    take: (botId) =>
      database.transaction(async (tx) => {
        const bot = await takeBot(tx, botId);
        if (bot === undefined || !(await begin(tx, bot))) return undefined;
        return claim(tx, botId, workerId);
      }),
    renew: (botId, epoch) =>
      database.transaction(async (tx) => {
        const bot = await takeBot(tx, botId);
        return bot?.epoch === epoch ? claim(tx, botId, workerId) : undefined;
      }),
    holds: (botId, epoch) => holdsClaim(database.orm, botId, epoch),
  };
}
