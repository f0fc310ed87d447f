import { type Command, Option } from 'commander';
import { LIVE_ONLY } from '../../bot/meeting-settings.js';
import { readConfigFile } from '../../settings/config-file.js';
import { type LoadedSettings, resolveSettings, type SettingsGiven } from '../../settings/resolve-settings.js';
import { type Setting, type SettingName, SETTINGS } from '../../settings/setting-table.js';
import type { CommandContext } from '../io.js';

/** Which settings a command uses. The others are not even looked at: a run on this machine needs neither keys nor addresses. */
export type Reach = {
  /** Keys and address of a Realtime server. */
  realtime: boolean;
  /** Keys and addresses of VideoSDK. */
  videoSdk: boolean;
  /** Key and address of Fastino. */
  fastino: boolean;
  /** Settings of meetings: all of them, those that say how speech is interpreted, or none. */
  meeting: 'all' | 'interpreting' | 'none';
};

const REALTIME_VARIABLES = [
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'PARLEY_REALTIME_KEY',
  'PARLEY_REALTIME_URL',
  'PARLEY_PROVIDER',
];
/** Adds the settings that a command uses and that have a flag as options of `command`. */
export function addSettings(command: Command, meeting: Reach['meeting'] = 'all'): void {
  for (const setting of SETTINGS) {
    if (setting.flag === undefined || !isOfMeeting(setting, meeting)) continue;
    for (const option of optionsOf(setting)) command.addOption(option);
  }
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
  for (const { name, flag } of SETTINGS) {
    const value = flag === undefined ? undefined : flags[new Option(`--${flag}`).attributeName()];
    if (flag !== undefined && (typeof value === 'string' || typeof value === 'boolean')) given[name] = value;
  }
  const { env } = context.io;
  const isSeen = (variable: string): boolean =>
    (reach.realtime || !(REALTIME_VARIABLES.includes(variable) || variable.startsWith('AZURE_'))) &&
    (reach.videoSdk || !variable.startsWith('VIDEOSDK_')) &&
    (reach.fastino || !variable.startsWith('FASTINO_'));
  return resolveSettings({
    flags: given,
    environment: Object.fromEntries(Object.entries(env).filter(([variable]) => isSeen(variable))),
    file: readConfigFile(context.global().config, process.cwd()),
    meetingFile,
    isUsed: (setting) => isOfMeeting(setting, reach.meeting),
  });
}

function isOfMeeting({ name, scope }: Setting, meeting: Reach['meeting']): boolean {
  if (meeting === 'all') return true;
  if (meeting === 'none') return scope === 'process';
  return !LIVE_ONLY.has(name) && name !== 'record';
}

/** A switch is two options, of which help shows the one that changes the default. */
function optionsOf({ flag = '', description, allowed, defaultValue, form, unit }: Setting): Option[] {
  if (form === 'switch') {
    const on = new Option(`--${flag}`, description);
    const off = new Option(`--no-${flag}`, `do not ${description}`);
    (defaultValue === true ? on : off).hideHelp();
    return [on, off];
  }
  const preset =
    typeof defaultValue === 'string' || typeof defaultValue === 'number' ? `, default ${defaultValue}` : '';
  return [
    new Option(`--${flag} <${ARGUMENTS[unit ?? form] ?? 'value'}>`, `${description} (${allowed}${preset})`),
  ];
}

/** What stands behind a flag, by unit or form. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  min: 'minutes',
  USD: 'dollars',
  list: 'list',
  map: 'list',
  'number-map': 'list',
  file: 'file',
};
