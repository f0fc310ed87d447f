import { type Command, Option } from 'commander';
import { loadConfig, readConfigFile, type LoadedConfig } from '../../config.js';
import { SETTINGS, type SettingName } from '../../settings.js';
import type { CommandContext } from '../io.js';

/** Which parts of the environment a command looks at: a run on this machine needs neither keys nor addresses. */
export type Reach = {
  /** Keys and address of a Realtime server. */
  realtime: boolean;
  /** Keys and addresses of VideoSDK. */
  videoSdk: boolean;
  /** Key and address of Fastino. */
  fastino: boolean;
};

const REALTIME_VARIABLES = [
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'PARLEY_REALTIME_KEY',
  'PARLEY_REALTIME_URL',
  'PARLEY_PROVIDER',
];

/** Adds every setting that has a flag as an option of `command`. */
export function addSettings(command: Command): void {
  for (const { flag, about, allowed, defaultValue } of SETTINGS) {
    if (flag === undefined) continue;
    const preset = defaultValue === undefined ? '' : `, default ${defaultValue}`;
    command.addOption(new Option(`--${flag} <value>`, `${about} (${allowed}${preset})`));
  }
}

/**
 * The effective configuration: the command's flags over the environment over the file over the defaults. Keys and
 * addresses outside `reach` are not looked at.
 */
export function loadSettings(
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
  reach: Reach,
): LoadedConfig {
  const given: Partial<Record<SettingName, string>> = {};
  for (const { name, flag } of SETTINGS) {
    const value = flag === undefined ? undefined : flags[new Option(`--${flag}`).attributeName()];
    if (flag !== undefined && typeof value === 'string') given[name] = value;
  }
  const { env } = context.io;
  const isSeen = (variable: string): boolean =>
    (reach.realtime || !(REALTIME_VARIABLES.includes(variable) || variable.startsWith('AZURE_'))) &&
    (reach.videoSdk || !variable.startsWith('VIDEOSDK_')) &&
    (reach.fastino || !variable.startsWith('FASTINO_'));
  const environment = Object.fromEntries(Object.entries(env).filter(([variable]) => isSeen(variable)));
  const file = readConfigFile(context.global().config, process.cwd());
  return loadConfig({ flags: given, environment, file });
}
