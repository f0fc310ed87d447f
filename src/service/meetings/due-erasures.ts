import type { Database } from '../../database/database.js';
import { eraseMeeting, listDueForErasure } from '../../records/store/erasure.js';

const AT_ONCE = 50;

/** Erases meetings whose time is over, each in a transaction of its own. Resolves to how many there were. */
export async function applyDueErasures(
  database: Database,
  forget: (botId: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (;;) {
    const due = await listDueForErasure(database.orm, AT_ONCE);
    for (const botId of due) {
      await database.transaction((tx) => eraseMeeting(tx, botId));
      await forget(botId);
      count++;
    }
    if (due.length < AT_ONCE) return count;
  }
}
