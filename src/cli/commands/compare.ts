/** `parley compare`: the same recorded meeting through several engines, side by side. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { clockText } from '../../duration-text.js';
import { messageOf, ParleyError } from '../../errors.js';
import { compareMeeting } from '../../replay/compare/compare.js';
import { type Contender, contendersOf, modelSettingOf } from '../../replay/compare/contenders.js';
import type { CompareDocument } from '../../replay/compare/document.js';
import { loadRecordingScenario } from '../../replay/compare/recording-scenario.js';
import { loadReferences } from '../../replay/compare/references.js';
import { backendName } from '../../replay/backend/replay-backend.js';
import type { MeetingReplaySettings } from '../../replay/meeting/replay-meeting.js';
import { isScenarioPath, type LoadedScenario, loadScenario } from '../../replay/meeting/scenario-file.js';
import { fileBase } from '../../replay/output/outputs.js';
import { plain } from '../../text.js';
import type { CommandContext } from '../io.js';
import { loggerOf, secretsOf } from '../logging.js';
import { checkFarEnd, type FarEndFlags, farEndOf, farEndOptions } from '../options/far-end.js';
import { languageOption } from '../options/options.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { compareTable } from '../text/compare-table.js';

type CompareFlags = FarEndFlags & {
  engines?: string;
  models?: string;
  references?: string;
  from?: string;
  to?: string;
  speaker: string;
  engine?: string;
  out: string;
  json?: boolean;
};

const EXAMPLES = `
Examples:
  parley compare fixtures/meetings/four-people
  parley compare fixtures/compare/budget-talk --references fixtures/compare/budget-talk/references.json
  parley compare talk.wav --from es --to en --engines conversation,translate
  OPENAI_API_KEY=... parley compare meeting --live --models gpt-realtime-2.1,gpt-realtime-2.1-mini --save-cassette kept
  parley compare meeting --models gpt-realtime-2.1,gpt-realtime-2.1-mini --cassette kept

Results in --out: <name>.compare.html, <name>.compare.json, and for each engine a folder with what parley replay writes. Without
--live or --url nothing leaves this machine, and the figures are the stand-in's. With a server, all engines run at the same time,
in real time.`;

/** Adds `parley compare`. */
export function addCompare(program: Command, context: CommandContext): void {
  const command = program
    .command('compare')
    .summary('compare engines on a recorded meeting')
    .description(
      'Runs the same recorded meeting through each engine, and shows side by side how late, how complete and how good its interpretation is, and what it costs.',
    )
    .argument('<media...>', 'folders of meetings, or recordings')
    .option('--engines <names>', 'engines to compare, with commas between them (default: all)')
    .option(
      '--models <names>',
      'models of the conversation engine, or engine=model: each is compared for itself',
    )
    .option('--references <file>', 'what people would translate, as JSON, for chrF')
    .option('--from <language>', 'of a recording: the language that is spoken (default: any)')
    .option('--to <language>', 'of a recording: the language to translate into')
    .option('--speaker <name>', 'of a recording: name of the speaker', 'Speaker');
  for (const option of farEndOptions()) command.addOption(option);
  command
    .option('--out <dir>', 'folder for the results', 'out')
    .option('--json', 'print one JSON document a meeting and line, and nothing else')
    .option('--save-cassette <dir>', 'keep all sessions of each engine in this folder, voices included')
    .option('--cassette <dir>', 'replay the server side of kept sessions; any difference is reported');
  addSettings(command, 'interpreting');
  command.addHelpText('after', EXAMPLES).action(async (media: string[], flags: CompareFlags) => {
    await runCompare(media, flags, context);
  });
}

async function runCompare(
  media: readonly string[],
  flags: CompareFlags,
  context: CommandContext,
): Promise<void> {
  const usage = (message: string): ParleyError => new ParleyError('usage', message);
  if (flags.engine !== undefined) throw usage('compare takes several engines: use --engines');
  if (flags.model !== undefined) throw usage('compare takes several models: use --models');
  const contenders = contendersOf(flags.engines, flags.models);
  const network = checkFarEnd(flags);
  if (flags.models !== undefined && !network && flags.cassette === undefined)
    throw usage('--models needs a server: add --live or --url');
  if (flags.references !== undefined && media.length > 1)
    throw usage('references are of one meeting: name one with --references');
  const isRecording = (path: string): boolean => !isScenarioPath(path);
  // What is not there is told as such, and not for what else would be missing.
  if (media.some((path) => isRecording(path) && existsSync(path)) && flags.to === undefined)
    throw usage('say what a recording is translated into: --to en');
  if (!media.some(isRecording) && (flags.to ?? flags.from) !== undefined)
    throw usage('--from and --to are for recordings: a meeting has its languages in its meeting.json');

  const { io } = context;
  const aborted = (): boolean => io.signal.aborted;
  for (const path of media) {
    if (aborted()) break;
    try {
      const document = await compareOne(path, { flags, contenders, network, context });
      print(document, flags, context);
    } catch (error) {
      if (aborted()) break;
      eraseProgress(context);
      context.fail(asParleyError(error));
    }
  }
}

type Comparison = {
  flags: CompareFlags;
  contenders: readonly Contender[];
  network: boolean;
  context: CommandContext;
};

async function compareOne(path: string, comparison: Comparison): Promise<CompareDocument> {
  const loaded = await loadedFrom(path, comparison.flags);
  try {
    return await compareLoaded(loaded, comparison);
  } finally {
    loaded.close();
  }
}

async function compareLoaded(loaded: LoadedScenario, comparison: Comparison): Promise<CompareDocument> {
  const { flags, contenders, context } = comparison;
  const { io } = context;
  const references = flags.references === undefined ? undefined : loadReferences(flags.references, loaded);
  const settings = new Map<Contender, MeetingReplaySettings>();
  for (const contender of contenders)
    settings.set(contender, await settingsOf(contender, loaded, comparison));
  const host = backendName(settings.get(contenders[0]!)!.backend);
  const say = (text: string): void => {
    if (flags.json === true) io.err(text);
    else io.out(text);
  };
  if (flags.cassette === undefined) say(`Interpreted by ${plain(host)}\n`);
  const { saveCassette } = flags;
  if (saveCassette !== undefined)
    io.err(`parley: ${plain(saveCassette)} will hold voices: whoever has it can hear them\n`);
  return compareMeeting({
    ...{ loaded, contenders, references, host, outDir: flags.out, signal: io.signal },
    settingsFor: (contender) => settings.get(contender)!,
    onProgress: ({ label }, atMs) => {
      if (io.liveErr) io.err(`\r\u001b[K${plain(loaded.name)}, ${plain(label)}  ${clockText(atMs)}`);
    },
    onFailure: ({ label }, error) => {
      eraseProgress(context);
      context.fail(
        new ParleyError(error.code, `${label} came to no end: ${error.message}`, { cause: error }),
      );
    },
  });
}

function loadedFrom(path: string, { from, to = 'en', speaker }: CompareFlags): Promise<LoadedScenario> {
  if (isScenarioPath(path)) return loadScenario(path);
  return loadRecordingScenario(path, {
    from: from === undefined ? undefined : languageOption(from, '--from'),
    to: languageOption(to, '--to'),
    speaker,
  });
}

/** How one contender is run: its engine and model over all other settings, and a folder of its own. */
async function settingsOf(
  { key, engine, model }: Contender,
  { name, path, scenario }: LoadedScenario,
  { flags, network, context }: Comparison,
): Promise<MeetingReplaySettings> {
  const { io } = context;
  const at = (folder: string): string => join(folder, fileBase(name), fileBase(key));
  const modelSetting = modelSettingOf(engine);
  const own = {
    ...flags,
    engine,
    ...(model === undefined || modelSetting === undefined ? {} : { [modelSetting]: model }),
    ...(flags.cassette === undefined ? {} : { cassette: at(flags.cassette) }),
  };
  const reach = { realtime: network, videoSdk: false, fastino: false, meeting: 'interpreting' } as const;
  const loaded = loadSettings(own, context, reach, { path, settings: scenario.settings });
  const { backend } = await farEndOf(own, loaded, io, network);
  const { saveCassette } = flags;
  return {
    backend,
    pace: flags.pace ?? (network ? 'realtime' : 'max'),
    outDir: join(flags.out, `${fileBase(name)}.compare`, fileBase(key)),
    log: loggerOf(io, loaded.process.logLevel),
    meeting: loaded.meeting,
    ...(saveCassette === undefined
      ? {}
      : { saveCassettes: { folder: at(saveCassette), secrets: secretsOf(io) } }),
  };
}

function print(document: CompareDocument, { json }: CompareFlags, context: CommandContext): void {
  const { io } = context;
  eraseProgress(context);
  for (const warning of document.warnings) io.err(`parley: ${plain(warning)}\n`);
  if (json === true) {
    io.out(`${JSON.stringify(document)}\n`);
    return;
  }
  io.out(`\n${plain(document.meeting.title)}\n${compareTable(document, io.columns)}`);
  for (const { label, replaced } of document.contenders)
    for (const line of replaced) io.out(`  ${plain(label)}: ${plain(line)}\n`);
  io.out(`  ${plain(document.page)}\n`);
}

function eraseProgress({ io }: CommandContext): void {
  if (io.liveErr) io.err('\r\u001b[K');
}

function asParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError('internal', `this is a bug of Parley: ${messageOf(error)}`, { cause: error });
}
