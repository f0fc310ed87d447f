import type { Database } from '../../database/database.js';
import { abandonRequest, beginRequest, keepAnswer } from '../../records/store/workspaces.js';
import type { IdempotencyStore } from './idempotent-answers.js';

/** Keeps answers to repeated requests in the database, for a day. */
export function databaseAnswers({ orm }: Database): IdempotencyStore {
  return {
    begin: (entry) => beginRequest(orm, entry),
    keep: ({ status, response, ...entry }) => keepAnswer(orm, entry, { status, response }),
    forget: (entry) => abandonRequest(orm, entry),
  };
}
