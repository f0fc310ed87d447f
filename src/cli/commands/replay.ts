import type { Command } from 'commander';
import { readToolsFile } from '../../agent/tools/tools-file.js';
import type { AgentParts } from '../../bot/compose.js';
import type { MeetingSettings } from '../../bot/meeting-settings.js';
import { engineSettingsOf } from '../../bot/engine-settings.js';
import { conversationOf, liveSettingsOf, translateSettingsOf } from '../../bot/settings/derived.js';
import { ParleyError } from '../../errors.js';
import type { MeetingReplaySettings } from '../../replay/meeting/replay-meeting.js';
import { isScenarioPath } from '../../replay/meeting/scenario-file.js';
import { replay, type ReplayListener } from '../../replay/replay.js';
import { clockText } from '../../duration-text.js';
import type { ReplaySettings } from '../../replay/settings.js';
import type { SettingsGiven } from '../../settings/resolve-settings.js';
import { checkFarEnd, type FarEndFlags, farEndOf, farEndOptions } from '../options/far-end.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { loggerOf, secretsOf } from '../logging.js';
import { languageOption } from '../options/options.js';
import { audioTrackOption, channelsOption } from '../options/recording.js';
import { replayMeetings } from './replay-meetings.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { totalsLine, turnTable } from '../text/turn-table.js';

type ReplayFlags = FarEndFlags & {
  from?: string;
  to: string;
  speaker: string;
  channels: 'mix' | 'split' | 'left' | 'right';
  audioTrack?: number;
  out: string;
  json?: boolean;
  agent?: string | boolean;
  tools?: string;
};

const EXAMPLES = `
Examples:
  parley replay fixtures/es-where-is-the-station.wav --from es --to en
  parley replay talk.mp3 --from German --to French --responder echo --out out/talk
  OPENAI_API_KEY=... parley replay talk.wav --live --to en --save-cassette talk.cassette
  parley replay talk.wav --to en --cassette talk.cassette
  parley replay fixtures/meetings/two-people --barge-in off
  OPENAI_API_KEY=... parley replay weekly --live --agent --tools tools.mjs

Results of a recording, beside each other in --out: <stem>.translated.wav (48 kHz, on the recording's timeline), captions per
language (<stem>.es.srt as it was said, <stem>.en.srt translated, and .vtt), .events.jsonl and .report.html. A folder is a meeting, described by its meeting.json; its results begin with its name:
.report.html, .original.wav, a .voice.wav per voice, .<language>.vtt and .srt, .events.jsonl. Without --live or --url nothing leaves this machine and no key is looked at.`;

/** Options that a meeting does not take, and how they are written. */
const RECORDING_ONLY = [
  ['from', '--from'],
  ['to', '--to'],
  ['speaker', '--speaker'],
  ['channels', '--channels'],
  ['audioTrack', '--audio-track'],
  ['cassette', '--cassette'],
  ['saveCassette', '--save-cassette'],
] as const;

/** `parley replay`: recordings through the live path. */
export function addReplay(program: Command, context: CommandContext): void {
  const command = program
    .command('replay')
    .summary('interpret recordings through the live path')
    .description(
      'Interprets recordings exactly as a live meeting would, and reports what was said, heard and how fast.',
    )
    .argument('<media...>', 'recordings (WAV, MP3, M4A, Ogg, WebM, FLAC and others), or folders of meetings')
    .option('--from <language>', 'language that is spoken, as a tag or a name (default: any)')
    .option('--to <language>', 'language to translate into', 'en')
    .option('--speaker <name>', 'name of the speaker', 'Speaker')
    .addOption(channelsOption(['mix', 'split', 'left', 'right']))
    .addOption(audioTrackOption());
  for (const option of farEndOptions()) command.addOption(option);
  command
    .option('--out <dir>', 'folder for the results', 'out')
    .option('--json', 'print one JSON document and nothing else')
    .option('--save-cassette <file>', 'keep the whole session, voices included')
    .option('--cassette <file>', 'replay the server side of a kept session; any difference is reported');
  addSettings(command, 'replayed');
  command.addHelpText('after', EXAMPLES).action(async (media: string[], flags: ReplayFlags) => {
    if (media.some(isScenarioPath)) await runMeetings(media, flags, context, command);
    else await runReplay(media, flags, context);
  });
}

async function runReplay(
  media: readonly string[],
  flags: ReplayFlags,
  context: CommandContext,
): Promise<void> {
  const { io } = context;
  if (flags.agent !== undefined || flags.tools !== undefined)
    throw new ParleyError('usage', '--agent and --tools are for meetings: a recording has nobody to answer');
  const { settings } = await settingsOf(flags, context);
  const listener = listenerOf(flags, settings, context);
  const { document } = await replay(media, settings, listener, io.signal);
  if (flags.json === true) io.out(`${JSON.stringify(document, null, 2)}\n`);
  else if (!io.signal.aborted && document.files.length > 0) io.out(`\n${totalsLine(document)}`);
}

/** Whole meetings. Throws ParleyError `usage` for flags that are for recordings. */
async function runMeetings(
  media: readonly string[],
  flags: ReplayFlags,
  context: CommandContext,
  command: Command,
): Promise<void> {
  const recording = media.find((path) => !isScenarioPath(path));
  if (recording !== undefined)
    throw new ParleyError(
      'usage',
      `${plain(recording)} is no folder of a meeting: replay recordings by themselves`,
    );
  for (const [option, flag] of RECORDING_ONLY) {
    if (command.getOptionValueSource(option) === 'cli')
      throw new ParleyError(
        'usage',
        `${flag} is for recordings: a meeting has it in its meeting.json, or not at all`,
      );
  }
  const settingsFor = async (meetingFile?: SettingsGiven['meetingFile']): Promise<MeetingReplaySettings> => {
    const { settings, meeting, tools } = await settingsOf(flags, context, meetingFile);
    const agent = tools === undefined ? {} : { agent: await agentTools(tools, settings.pace) };
    return { ...settings, ...agent, meeting };
  };
  await replayMeetings(media, settingsFor, { context, json: flags.json === true });
}

/** The settings of a run. Throws ParleyError `usage` for flags that do not go together. */
async function settingsOf(
  flags: ReplayFlags,
  context: CommandContext,
  meetingFile?: SettingsGiven['meetingFile'],
): Promise<{ settings: ReplaySettings; meeting: MeetingSettings; tools: string | undefined }> {
  const network = checkFarEnd(flags);
  const { saveCassette } = flags;
  const reach = { realtime: network, videoSdk: false, fastino: false, meeting: 'replayed' } as const;
  const loaded = loadSettings(flags, context, reach, meetingFile);
  const { process: config, meeting } = loaded;
  const from = flags.from === undefined ? undefined : languageOption(flags.from, '--from');
  const { backend, offer, prices } = await farEndOf(flags, loaded, context.io, network);
  const conversation = conversationOf(meeting, offer, from);
  const settings: ReplaySettings = {
    backend,
    conversation,
    translate: translateSettingsOf(meeting, conversation),
    live: liveSettingsOf(meeting, offer),
    engines: engineSettingsOf(meeting.engine, offer, prices),
    pace: flags.pace ?? (network ? 'realtime' : 'max'),
    speaker: flags.speaker,
    channels: flags.channels,
    audioTrack: flags.audioTrack,
    to: languageOption(flags.to, '--to'),
    bargeIn: meeting.bargeIn,
    outDir: flags.out,
    secrets: secretsOf(context.io),
    log: loggerOf(context.io, config.logLevel),
    ...(from === undefined ? {} : { from }),
    ...(saveCassette === undefined ? {} : { saveCassette }),
  };
  return { settings, meeting, tools: config.tools };
}

/** Tools of the agent. Throws ParleyError `usage` for servers where time does not pass as theirs does. */
async function agentTools(file: string, pace: ReplaySettings['pace']): Promise<AgentParts> {
  const parts = await readToolsFile(file);
  if (parts.mcpServers.length > 0 && pace !== 'realtime')
    throw new ParleyError(
      'usage',
      `--tools ${plain(file)} names MCP servers, which need real time: add --pace realtime`,
    );
  return parts;
}

/** Short recordings need no progress. */
const PROGRESS_FROM_MS = 60_000;

function listenerOf(
  flags: ReplayFlags,
  settings: Pick<ReplaySettings, 'engines'>,
  context: CommandContext,
): ReplayListener {
  const { io } = context;
  const json = flags.json === true;
  const say = (text: string): void => {
    if (json) io.err(text);
    else io.out(text);
  };
  const erase = (): void => {
    if (io.liveErr) io.err('\r\u001b[K');
  };
  return {
    onHost: (host, { engine, reason }) => {
      const by = settings.engines?.asked === 'conversation' ? '' : `, the ${engine} engine (${reason})`;
      say(`Interpreted by ${plain(host)}${by}\n`);
      const cassette = flags.saveCassette;
      if (cassette !== undefined)
        io.err(`parley: ${plain(cassette)} will hold voices: whoever has it can hear them\n`);
    },
    onProgress: (path, atMs, durationMs) => {
      if (!io.liveErr || durationMs < PROGRESS_FROM_MS) return;
      io.err(`\r\u001b[K${plain(path)}  ${clockText(atMs)} of ${clockText(durationMs)}`);
    },
    onFile: (file, outputs) => {
      erase();
      for (const warning of file.warnings) io.err(`parley: ${plain(file.input.path)}: ${plain(warning)}\n`);
      if (json) return;
      io.out(`\n${plain(file.input.path)}\n${turnTable(file, io.columns)}`);
      for (const path of Object.values(outputs)) io.out(`  ${plain(path)}\n`);
    },
    onFailure: (_path, error) => {
      erase();
      context.fail(error);
    },
  };
}
