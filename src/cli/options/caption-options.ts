/** What becomes of captions, as the command line says it: who gets them, and whether they are kept. */
import type { Command } from 'commander';
import type { Clock } from '../../clock.js';
import type { Logger } from '../../log.js';
import type { CaptionSettings } from '../../meeting/captions/meeting-captions.js';
import { plain } from '../io.js';
import { RecordFile } from '../../records/record-file.js';

/** The flags of {@link addCaptionOptions}. */
export type CaptionFlags = { persistCaptions?: boolean; chatCaptions?: boolean; record?: string };

/** Adds the options of captions. */
export function addCaptionOptions(command: Command): void {
  command
    .option('--persist-captions', 'let the meeting keep final captions for those who come later')
    .option('--chat-captions', 'post final captions to the meeting’s chat too, to each in their language')
    .option('--record <folder>', 'keep what is said, in a new folder in this one; everyone is told so');
}

/** What the flags say of a meeting's captions. */
export function captionSettingsOf(flags: CaptionFlags): CaptionSettings {
  return {
    persist: flags.persistCaptions === true,
    chat: flags.chatCaptions === true,
    recorded: flags.record !== undefined,
  };
}

/** Begins the record that the flags ask for. Throws ParleyError `usage` when it cannot be begun. */
export async function openRecord(
  { record }: CaptionFlags,
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
