import { type Command, Option } from 'commander';
import {
  TRANSCRIPT_FORMATS,
  type TranscriptFormat,
  writeTranscript,
} from '../../captions/transcript-formats.js';
import { replaceFile } from '../../replay/output/safe-file.js';
import { languageOption } from '../options/options.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { readRecord } from '../../records/read-record.js';

const EXAMPLES = `
Examples:
  parley join abcd-efgh-ijkl --record minutes
  parley export minutes --format md
  parley export minutes --format vtt --language es --out meeting.es.vtt

Without --language everything stands as it was said; Markdown and JSON have the translations beside it.`;

/** `parley export`: the transcript of a recorded meeting as a file of a common format. */
export function addExport(program: Command, { io }: CommandContext): void {
  program
    .command('export')
    .summary('write the transcript of a recorded meeting')
    .description('Writes what was said in a meeting, and its translations, as subtitles, JSON or Markdown.')
    .argument('<record>', 'what parley join --record or --json wrote')
    .addOption(
      new Option('--format <format>', 'format of the transcript')
        .choices(TRANSCRIPT_FORMATS)
        .makeOptionMandatory(),
    )
    .option('--language <language>', 'what a reader of this language reads')
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: { format: TranscriptFormat; language?: string; out?: string }) => {
      const language =
        options.language === undefined ? undefined : languageOption(options.language, '--language');
      const { record, unreadableLines } = await readRecord(path);
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
