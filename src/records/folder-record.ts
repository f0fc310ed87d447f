import type { BotEvent } from '../bot/event-log.js';
import type { JoinEvent } from '../bot/events.js';
import type { MeetingRecord, StartRecord } from '../bot/meeting-record.js';
import { RecordFile } from './record-file.js';

/** Events of the moment, and what a session is told about people, are not kept. */
const KEPT: ReadonlySet<JoinEvent['type']> = new Set([
  'started',
  'state',
  'joined',
  'changed',
  'left',
  'caption',
  'playback',
  'notice',
  'agent',
  'tool',
  'span',
  'note',
  'ended',
]);

/** A record of a meeting in a folder of its own. */
export interface FolderRecord extends MeetingRecord {
  /** The folder. */
  readonly path: string;
  /** Events that were never written. */
  readonly lost: number;
}

/** What a record keeps of a meeting's events, as lines of JSON: of captions the final ones. */
export function lineOf(event: JoinEvent): string | undefined {
  return KEPT.has(event.type) && !(event.type === 'caption' && !event.final)
    ? JSON.stringify(event)
    : undefined;
}

/**
 * Keeps a meeting in a new folder of `directory`, which is made where there is none: one file of JSON lines, readable by its
 * owner alone, which `parley export` turns into a transcript. Rejects with ParleyError `usage` when it cannot be begun.
 */
export function recordIn(directory: string): (about: Parameters<StartRecord>[0]) => Promise<FolderRecord> {
  return async ({ meetingId, epochMs, onProblem }) => {
    const file = await RecordFile.create(directory, { meetingId, epochMs }, onProblem);
    return {
      path: file.path,
      get lost() {
        return file.lost;
      },
      write: (event: BotEvent) => {
        const line = lineOf(event);
        if (line !== undefined) file.write(line);
      },
      close: () => file.close(),
    };
  };
}
