/** The record of a meeting, as the command line keeps it. */
import type { Clock } from '../../clock.js';
import type { Logger } from '../../log.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import { plain } from '../io.js';
import { RecordFile } from '../../records/record-file.js';

/** Begins the record that the settings ask for. Throws ParleyError `usage` when it cannot be begun. */
export async function openRecord(
  { record }: ProcessSettings,
  { meetingId, clock, log }: { meetingId: string; clock: Clock; log: Logger },
): Promise<RecordFile | undefined> {
  if (record === undefined) return undefined;
  return RecordFile.create(record, { meetingId, epochMs: clock.epochMs() }, (message) => {
    log.error(message);
  });
}

/** Where the record is, and whether it is whole. */
export function recordWords({ path, lost }: RecordFile): string {
  const holes = lost === 0 ? '' : `; ${lost} of its lines could not be written`;
  return `the record is in ${plain(path)}${holes}`;
}
