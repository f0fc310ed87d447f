import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Logger } from '../../log.js';
import { readJournal } from '../../meeting-process/read-journal.js';
import type { MeetingSupervisor } from './meeting-supervisor.js';
import type { Recorder } from './recorder.js';

/** Processes that the service before this one had are found again within this time. */
const ADOPTION_MS = 15_000;

type Leftovers = { runFolder: string; supervisor: MeetingSupervisor; recorder: Recorder; log: Logger };

/** {@link keepLeftoverJournals}, once processes that live have been found. */
export function planLeftoverJournals(options: Leftovers & { clock: Clock }): TimerHandle {
  return options.clock.setTimer(() => void keepLeftoverJournals(options), ADOPTION_MS);
}

/**
 * Brings into the database what processes kept that nobody has read: of a machine that lost its power, say. A meeting that runs
 * here again has another process by now; its supervisor reads the journal of that one. Resolves to how many meetings there were.
 */
export async function keepLeftoverJournals({
  runFolder,
  supervisor,
  recorder,
  log,
}: Leftovers): Promise<number> {
  const botIds = await readdir(join(runFolder, 'journals')).catch(() => []);
  let count = 0;
  for (const botId of botIds) {
    try {
      const { events, unreadableLines } = await readJournal(join(runFolder, 'journals', botId));
      const runsAs = supervisor.status(botId)?.epoch ?? Infinity;
      const left = events.filter(({ epoch }) => epoch < runsAs);
      for (const { epoch, event } of left) recorder.take(botId, epoch, event);
      await recorder.flush(botId);
      if (unreadableLines > 0) log.warn({ botId, unreadableLines }, 'a journal had lines that say nothing');
      if (left.length > 0) count++;
      if (supervisor.status(botId) !== undefined) continue;
      await recorder.finish(botId);
      await supervisor.forgetJournal(botId);
    } catch (err) {
      log.error({ err, botId }, 'a journal that was left over cannot be kept');
    }
  }
  return count;
}
