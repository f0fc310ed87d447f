import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../log.js';
import { readJournal } from '../../meeting-process/read-journal.js';
import type { MeetingSupervisor } from './meeting-supervisor.js';
import type { Recorder } from './recorder.js';

/**
 * Brings into the database what meetings kept that nobody runs any more: of a machine that lost its power, say. Resolves to how
 * many there were.
 */
export async function keepLeftoverJournals(options: {
  runFolder: string;
  supervisor: MeetingSupervisor;
  recorder: Recorder;
  log: Logger;
}): Promise<number> {
  const { runFolder, supervisor, recorder, log } = options;
  const botIds = await readdir(join(runFolder, 'journals')).catch(() => []);
  let count = 0;
  for (const botId of botIds) {
    if (supervisor.status(botId) !== undefined) continue;
    try {
      const { events, unreadableLines } = await readJournal(join(runFolder, 'journals', botId));
      for (const { epoch, event } of events) recorder.take(botId, epoch, event);
      await recorder.finish(botId);
      if (unreadableLines > 0) log.warn({ botId, unreadableLines }, 'a journal had lines that say nothing');
      if (supervisor.status(botId) === undefined) await supervisor.forgetJournal(botId);
      count++;
    } catch (err) {
      log.error({ err, botId }, 'a journal that was left over cannot be kept');
    }
  }
  return count;
}
