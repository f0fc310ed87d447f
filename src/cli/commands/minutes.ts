import { type Command, Option } from 'commander';
import { makeMinutes } from '../../agent/minutes/make-minutes.js';
import { minutesMarkdown } from '../../agent/minutes/minutes-markdown.js';
import { MinutesCost } from '../../agent/minutes/minutes-cost.js';
import { languagesOf } from '../../agent/minutes/minutes-material.js';
import { openAiTextModel } from '../../agent/minutes/text-model.js';
import { LIST_PRICES } from '../../cost/prices.js';
import { ParleyError } from '../../errors.js';
import { readRecord } from '../../records/read-record.js';
import { replaceFile } from '../../replay/output/safe-file.js';
import { plain } from '../../text.js';
import type { CommandContext } from '../io.js';
import { openAiAccessOf } from '../options/openai-access.js';
import { languageOption } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';

const EXAMPLES = `
Examples:
  parley minutes minutes/2026-11-30-weekly
  parley minutes minutes/2026-11-30-weekly --language es --format json
  OPENAI_API_KEY=... parley minutes minutes/2026-11-30-weekly --live

Without --live they are put together without a model: from notes, from the words by which people decide and promise, and from
questions that nobody answered. With it a text model of OpenAI writes them: what was said is sent there. Words of people who
said that theirs are not for the agent (metaData.parleyAgent: false) are in neither.`;

type Flags = { language?: string; format: 'md' | 'json'; live?: boolean; model?: string; out?: string };

/** `parley minutes`: what a recorded meeting came to. */
export function addMinutes(program: Command, context: CommandContext): void {
  const { io } = context;
  program
    .command('minutes')
    .summary('write the minutes of a recorded meeting')
    .description(
      'Writes what was decided, who is to do what, and what was left open, each with where it was said.',
    )
    .argument('<record>', 'what parley join --record wrote')
    .option('--language <language>', 'of the minutes (default: the one that most was translated into)')
    .addOption(new Option('--format <format>', 'Markdown or JSON').choices(['md', 'json']).default('md'))
    .option('--live', 'have a text model of OpenAI write them, with OPENAI_API_KEY')
    .option('--model <model>', 'of the text model')
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: Flags) => {
      const { record, notes, readers, withheld, unreadableLines } = await readRecord(path);
      if (unreadableLines > 0)
        io.err(`parley: ${plain(path)}: left out ${unreadableLines} lines that are no event\n`);
      const material = { ...record, notes, readers, withheld };
      const language =
        flags.language === undefined
          ? (languagesOf(material)[0] ?? 'en')
          : languageOption(flags.language, '--language');
      const model = flags.live === true ? modelOf(flags, context) : undefined;
      const cost = model && new MinutesCost({ model: model.name, prices: LIST_PRICES });
      const [minutes] = await makeMinutes(material, [language], {
        ...{ model, cost, signal: io.signal },
        onProblem: (message) => {
          io.err(`parley: ${plain(message)}\n`);
        },
      });
      if (cost !== undefined) io.err(`parley: ${costLine(cost)}\n`);
      const text =
        flags.format === 'md' ? minutesMarkdown(minutes!) : `${JSON.stringify(minutes, null, 2)}\n`;
      if (flags.out === undefined) {
        io.out(text);
        return;
      }
      replaceFile(flags.out, text);
      io.out(`${plain(flags.out)}: minutes in ${language}\n`);
    });
}

function costLine({ model, tokens, usd, unpriced }: MinutesCost): string {
  const price = unpriced > 0 ? 'of no known price' : `about $${usd.toFixed(4)}`;
  return `${plain(model)}: ${tokens} tokens, ${price}`;
}

function modelOf({ model }: Flags, context: CommandContext) {
  const reach = { realtime: true, videoSdk: false, fastino: false, meeting: 'none' } as const;
  const access = openAiAccessOf(loadSettings({}, context, reach).process);
  if (access === undefined)
    throw new ParleyError('key_refused', '--live needs a key: set OPENAI_API_KEY in the environment');
  return openAiTextModel(access, model === undefined ? {} : { model });
}
