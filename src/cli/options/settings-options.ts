import { type Command, Help, Option } from 'commander';
import { LIVE_ONLY } from '../../bot/meeting-settings.js';
import { readConfigFile } from '../../settings/config-file.js';
import { type LoadedSettings, resolveSettings, type SettingsGiven } from '../../settings/resolve-settings.js';
import { type Setting, type SettingName, SETTINGS, valuesText } from '../../settings/setting-table.js';
import type { CommandContext } from '../io.js';

/** Which settings a command uses. The others are not even looked at: a run on this machine needs neither keys nor addresses. */
type Reach = {
  /** Keys and address of a Realtime server. */
  realtime: boolean;
  /** Keys and addresses of VideoSDK and of Stream. */
  videoSdk: boolean;
  /** Key and address of Fastino. */
  fastino: boolean;
  /** Settings of meetings: all of them, those that say how speech is interpreted, those and the agent, or none. */
  meeting: 'all' | 'interpreting' | 'replayed' | 'none';
};

const REALTIME_VARIABLES = [
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'PARLEY_REALTIME_KEY',
  'PARLEY_URL',
  'PARLEY_REALTIME_URL',
  'PARLEY_PROVIDER',
];

/** A meeting that is replayed may have an agent, beside how it is interpreted. */
const REPLAYED_TOO: ReadonlySet<string> = new Set(['agent', 'agentName', 'agentVoice', 'agentInstructions']);

/** The heading of the options that are listed first. */
export const MOST_USED = 'Used most:';

/**
 * Adds the settings that a command uses and that have a flag as options of `command`, under headings. Those of `mostUsed` come
 * first, under {@link MOST_USED}.
 */
export function addSettings(
  command: Command,
  meeting: Reach['meeting'] = 'all',
  mostUsed: readonly SettingName[] = [],
): void {
  const settings = SETTINGS.filter((each) => each.flag !== undefined && isOfMeeting(each, meeting));
  const rank = ({ name }: Setting): number => (mostUsed.includes(name) ? mostUsed.indexOf(name) : Infinity);
  const first = settings.filter(({ name }) => mostUsed.includes(name)).sort((a, b) => rank(a) - rank(b));
  const rest = settings.filter(({ name }) => !mostUsed.includes(name));
  const headings = [...new Set(rest.map(({ group }) => group))];
  for (const setting of first)
    for (const option of optionsOf(setting)) command.addOption(option.helpGroup(MOST_USED));
  for (const heading of headings)
    for (const setting of rest.filter(({ group }) => group === heading))
      for (const option of optionsOf(setting)) command.addOption(option.helpGroup(`${heading}:`));
  shorten(command, rest);
}

/** `--help` leaves out these settings, which `--help-all` lists. */
function shorten(command: Command, settings: readonly Setting[]): void {
  const flags = new Set(settings.flatMap(({ flag }) => [`--${flag}`, `--no-${flag}`]));
  let listsAll = false;
  command
    .option('--help-all', `list the other ${settings.length} options, too`)
    .configureHelp({
      ...command.configureHelp(),
      visibleOptions: (of) =>
        new Help().visibleOptions(of).filter(({ long }) => listsAll || !flags.has(long ?? '')),
    })
    .on('option:help-all', () => {
      listsAll = true;
      command.help();
    });
}

/**
 * The effective settings: the command's flags over the settings of a meeting's own file over the environment over the
 * configuration file over the defaults. What is outside `reach` is not looked at.
 */
export function loadSettings(
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
  reach: Reach,
  meetingFile?: SettingsGiven['meetingFile'],
): LoadedSettings {
  const given: Partial<Record<SettingName, string | boolean>> = {};
  const byOtherFlag = new Set<SettingName>();
  for (const { name, flag, otherFlag } of SETTINGS) {
    const [value, other] = [flag, otherFlag].map((each) =>
      each === undefined ? undefined : flags[new Option(`--${each}`).attributeName()],
    );
    if (value === undefined && other !== undefined) byOtherFlag.add(name);
    const used = value ?? other;
    if (typeof used === 'string' || typeof used === 'boolean') given[name] = used;
  }
  const { env } = context.io;
  const isSeen = (variable: string): boolean =>
    (reach.realtime || !(REALTIME_VARIABLES.includes(variable) || variable.startsWith('AZURE_'))) &&
    (reach.videoSdk || !/^(?:VIDEOSDK|STREAM)_/.test(variable)) &&
    (reach.fastino || !variable.startsWith('FASTINO_'));
  return resolveSettings({
    flags: given,
    byOtherFlag,
    environment: Object.fromEntries(Object.entries(env).filter(([variable]) => isSeen(variable))),
    file: readConfigFile(context.global().config, process.cwd()),
    meetingFile,
    isUsed: (setting) => isOfMeeting(setting, reach.meeting),
  });
}

function isOfMeeting({ name, scope }: Setting, meeting: Reach['meeting']): boolean {
  if (meeting === 'all') return true;
  if (meeting === 'none') return scope === 'process';
  if (meeting === 'replayed' && REPLAYED_TOO.has(name)) return true;
  return !LIVE_ONLY.has(name) && name !== 'record' && name !== 'platform';
}

/** A switch is two options, of which help shows the one that changes the default; a shorter flag is not shown either. */
function optionsOf({
  flag = '',
  otherFlag,
  description,
  allowed,
  defaultValue,
  form,
  unit,
  preset,
}: Setting): Option[] {
  if (form === 'switch') {
    const on = new Option(`--${flag}`, description);
    const off = new Option(`--no-${flag}`, `do not ${description}`);
    (defaultValue === true ? on : off).hideHelp();
    return [on, off];
  }
  const presetNote =
    typeof defaultValue === 'string' || typeof defaultValue === 'number' ? [`default ${defaultValue}`] : [];
  const notes = [valuesText({ form, allowed, description }), ...presetNote]
    .filter((each) => each !== '')
    .join('; ');
  const argument = ARGUMENTS[unit ?? form] ?? 'value';
  const words = notes === '' ? description : `${description} (${notes})`;
  return [
    preset === undefined
      ? new Option(`--${flag} <${argument}>`, words)
      : new Option(`--${flag} [${argument}]`, `${words}; without a value ${preset}`).preset(preset),
    ...(otherFlag === undefined ? [] : [new Option(`--${otherFlag} <${argument}>`, description).hideHelp()]),
  ];
}

/** What stands behind a flag, by unit or form. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  s: 's',
  ms: 'ms',
  min: 'min',
  USD: 'usd',
  number: 'n',
  list: 'list',
  map: 'list',
  'number-map': 'list',
  file: 'file',
};
