import { type Command, Option } from 'commander';
import {
  type MeetingRecord,
  TRANSCRIPT_FORMATS,
  type TranscriptFormat,
  writeTranscript,
} from '../../captions/transcript-formats.js';
import { replaceFile } from '../../replay/output/safe-file.js';
import { languageOption } from '../options/options.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { readRecord } from '../../records/read-record.js';
import { ParleyError } from '../../errors.js';
import {
  type DatabaseFlags,
  databaseOptions,
  databasePlaceOf,
  openExisting,
} from '../options/database-place.js';

const EXAMPLES = `
Examples:
  parley join abcd-efgh-ijkl --record minutes
  parley export minutes --format md
  parley export minutes --format vtt --language es --out meeting.es.vtt
  parley export bot_019b0a5e3f7c7d0f9a52c1f08e6d3b17 --format md

The last one is a meeting of the service (parley serve), by the id of its bot: out of its database, which is --data or --database.
Without --language everything stands as it was said; Markdown and JSON have the translations beside it.`;

/** The id of a bot of the service. */
const BOT_ID = /^bot_[0-9a-f]{32}$/;

type ExportFlags = DatabaseFlags & { format: TranscriptFormat; language?: string; out?: string };

/** `parley export`: the transcript of a recorded meeting as a file of a common format. */
export function addExport(program: Command, { io }: CommandContext): void {
  const command = program
    .command('export')
    .summary('write the transcript of a recorded meeting')
    .description('Writes what was said in a meeting, and its translations, as subtitles, JSON or Markdown.')
    .argument('<record>', 'what parley join --record or --json wrote, or the id of a bot of the service')
    .addOption(
      new Option('--format <format>', 'format of the transcript')
        .choices(TRANSCRIPT_FORMATS)
        .makeOptionMandatory(),
    )
    .option('--language <language>', 'what a reader of this language reads')
    .option('--out <file>', 'file to write (default: standard output)');
  for (const option of databaseOptions()) command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (path: string, options: ExportFlags) => {
    const language =
      options.language === undefined ? undefined : languageOption(options.language, '--language');
    const { record, unreadableLines } = BOT_ID.test(path)
      ? await readFromDatabase(path, databasePlaceOf(options, io))
      : await readRecord(path);
    if (unreadableLines > 0) {
      const lines = unreadableLines === 1 ? '1 line that is' : `${unreadableLines} lines that are`;
      io.err(`parley: ${plain(path)}: left out ${lines} cut off or no event\n`);
    }
    const text = writeTranscript(record, options.format, language);
    if (options.out === undefined) {
      io.out(text);
      return;
    }
    replaceFile(options.out, text);
    io.out(`${plain(options.out)}: ${options.format}, ${record.people.length} people\n`);
  });
}

async function readFromDatabase(
  botId: string,
  place: string,
): Promise<{ record: MeetingRecord; unreadableLines: number }> {
  // What only this needs.
  const { findBotById } = await import('../../records/store/bots.js');
  const { readMeetingRecord } = await import('../../records/store/transcript.js');
  const database = await openExisting(place);
  try {
    const bot = await findBotById(database.orm, botId);
    if (bot === undefined)
      throw new ParleyError(
        'input_missing',
        `the database has no ${botId}: parley bots list shows those it has`,
      );
    if (bot.erasedAt !== null)
      throw new ParleyError('input_missing', `${botId} was erased at ${bot.erasedAt.toISOString()}`);
    return { record: await readMeetingRecord(database.orm, bot), unreadableLines: 0 };
  } finally {
    await database.close();
  }
}
