import { type Command, Option } from 'commander';
import { readToolsFile } from '../../agent/tools/tools-file.js';
import { interpret } from '../../bot/interpret.js';
import { ParleyError } from '../../errors.js';
import { recordIn, type FolderRecord } from '../../records/folder-record.js';
import type { LoadedSettings } from '../../settings/resolve-settings.js';
import type { SettingName } from '../../settings/setting-table.js';
import { cacheFolderOf, findLocationOf } from '../embedded/meeting-location.js';
import type { CommandContext } from '../io.js';
import { ownCommand } from '../own-command.js';
import { preloadVideoSdk } from '../../room/videosdk/index.js';
import { plain } from '../../text.js';
import { loggerOf } from '../logging.js';
import { agentExtensionsOf } from '../options/agent-extensions.js';
import { openAiAccessOf } from '../options/openai-access.js';
import { backendOf } from '../options/backend.js';
import { meetingIdOf } from '../options/options.js';
import { meetingProfilesOf } from '../options/profile-sources.js';
import { addSettings, loadSettings, MOST_USED } from '../options/settings-options.js';
import { JsonView } from '../views/json-view.js';
import { terminalView } from '../views/terminal-view.js';

/** Options of one invocation; the others are settings. */
export type JoinFlags = {
  live?: boolean;
  stream?: boolean;
  insecure?: boolean;
  explain?: boolean;
  json?: boolean;
} & Readonly<Record<string, unknown>>;

const EXAMPLES = `
Examples:
  parley join abcd-efgh-ijkl --languages es,en
  OPENAI_API_KEY=... parley join abcd-efgh-ijkl --live --leave-when-empty-s 300
  parley join --stream default:weekly-sync --languages es,en
  parley join abcd-efgh-ijkl --json | jq 'select(.type == "caption" and .final)'

The meeting is looked for in the embedded room that runs here (parley room), then with VideoSDK, for which
VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY, or VIDEOSDK_AUTH_TOKEN, are set. Calls of Stream take the package
@stream-io/video-client, which you install beside Parley. Without --live, --url or PARLEY_URL an embedded
server interprets: a stand-in that knows the phrases of its phrasebook only.

A participant's language is their metaData.preferredLanguage: a tag, or a language's name. Ctrl+C leaves the meeting;
a second one ends at once.`;

/** Settings that `--help` lists first. */
const OFTEN_SET: readonly SettingName[] = [
  'languages',
  'engine',
  'glossary',
  'budgetUsd',
  'leaveWhenEmptyS',
  'maxDurationMin',
  'record',
  'announcement',
];

/** `parley join`: interprets a meeting until it ends. */
export function addJoin(program: Command, context: CommandContext): void {
  const command = program
    .command('join')
    .summary('interpret a meeting')
    .description(
      'Joins a meeting as one more participant, hears everyone on their own track, and interprets.',
    )
    .argument('<meetingId>', 'the meeting: its id, or the link to its page; of Stream, its type and id');
  addJoinOptions(command);
  command
    .option(
      '--stream',
      'a call of Stream, with STREAM_API_KEY and STREAM_API_SECRET: short for --platform stream',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (meetingId: string, flags: JoinFlags) => {
      await join(meetingId, flags, context);
    });
}

/** Everything that says how a meeting is interpreted. */
export function addJoinOptions(command: Command): void {
  command
    .addOption(
      new Option('--live', 'use the OpenAI API, with OPENAI_API_KEY, or Azure OpenAI (--provider)').helpGroup(
        MOST_USED,
      ),
    )
    .addOption(
      new Option('--json', 'print one JSON document per line, and nothing else').helpGroup(MOST_USED),
    );
  addSettings(command, 'all', OFTEN_SET);
  command
    .addOption(new Option('--insecure', 'allow ws:// to another machine'))
    .option(
      '--explain',
      'print which engine interprets each route, why, at what cost, and what it is told, profiles included',
    );
}

/** Interprets a meeting, by its id or link, until it ends. `onReady` is called before the meeting is joined, when nothing stands in the way of it. */
export async function join(
  given: string,
  flags: JoinFlags,
  context: CommandContext,
  onReady: () => void = () => undefined,
): Promise<void> {
  const { io } = context;
  const loaded = joinSettings(flags, context);
  const { process: config, meeting: settings } = loaded;
  const meetingId = meetingIdOf(given, config.platform);
  const log = loggerOf(io, config.logLevel);
  const tools = config.tools === undefined ? {} : await readToolsFile(config.tools);
  const profiles = meetingProfilesOf(loaded, io, (message) => log.warn(message))?.source;
  const extensions = agentExtensionsOf(io, {
    records: config.record,
    openAi: flags.live === true ? openAiAccessOf(config) : undefined,
    profiles:
      profiles === undefined
        ? undefined
        : { source: profiles, ids: new Map(Object.entries(settings.profileIds ?? {})) },
    onNotice: (message) => {
      log.warn(message);
    },
  });
  const cacheFolder = cacheFolderOf(io);
  const [{ platform }] = await Promise.all([
    findLocationOf(meetingId, config, cacheFolder),
    preloadVideoSdk(cacheFolder), // while the place is asked
  ]);
  const backend = await backendOf(flags, loaded, io, log);
  const view = flags.json === true ? new JsonView((text) => io.out(text)) : terminalView(io);
  let record: FolderRecord | undefined;
  const keep = config.record === undefined ? undefined : recordIn(config.record);
  try {
    const interpreter = await interpret({
      ...{ platform, meetingId, backend, settings, log, signal: io.signal },
      ...(profiles === undefined ? {} : { profiles }),
      ...(keep === undefined ? {} : { record: async (about) => (record = await keep(about)) }),
      agent: { ...tools, extensions, secretOf: secretIn(io.env) },
      explain: flags.explain ?? false,
      beforeJoin: ({ events }) => {
        onReady();
        events.on('event', (event) => view.show(event));
        events.on('level', ({ participantId, levelDbfs }) => view.level(participantId, levelDbfs));
      },
    });
    const { error } = await interpreter.ended;
    if (error !== undefined) throw error;
  } finally {
    view.close();
    if (record !== undefined) io.err(`parley: ${recordWords(record, ownCommand(io.env))}\n`);
  }
}

/** The settings of a join. Keys are looked at only where they are used. Throws ParleyErrors `usage` and `config`. */
export function joinSettings(flags: JoinFlags, context: CommandContext): LoadedSettings {
  const { live } = flags;
  if (live === true && flags['url'] !== undefined)
    throw new ParleyError('usage', '--live is OpenAI or Azure: give --live or --url, not both');
  const hasUrl = ['PARLEY_URL', 'PARLEY_REALTIME_URL'].some(
    (name) => (context.io.env[name] ?? '').trim() !== '',
  );
  const realtime = live === true || flags['url'] !== undefined || hasUrl;
  const reach = { realtime, videoSdk: true, fastino: false, meeting: 'all' } as const;
  const loaded = loadSettings(withPlatform(flags), context, reach);
  return loaded.meeting.profiles === 'fastino'
    ? loadSettings(withPlatform(flags), context, { ...reach, fastino: true })
    : loaded;
}

/** `--stream` says the platform. */
function withPlatform(flags: JoinFlags): JoinFlags {
  if (flags.stream !== true) return flags;
  const { platform = 'stream' } = flags;
  if (platform !== 'stream')
    throw new ParleyError('usage', '--stream and --platform name two services: give one of them');
  return { ...flags, platform };
}

/** Where the record is, whether it is whole, and how to read it. */
function recordWords({ path, lost }: FolderRecord, parley: string): string {
  const holes = lost === 0 ? '' : `; ${lost} of its lines could not be written`;
  return `the record is in ${plain(path)}${holes}; ${parley} export ${plain(path)} --format md writes the transcript`;
}

/** Secrets that settings name for tools: `PARLEY_SECRET_CRM_KEY` is `crm-key`. */
function secretIn(env: NodeJS.ProcessEnv): (name: string) => string | undefined {
  return (name) => env[`PARLEY_SECRET_${name.replaceAll('-', '_').toUpperCase()}`];
}
