import { type Command, Option } from 'commander';
import { loadConfig, readConfigFile, SETTINGS, type LoadedConfig, type SettingName } from '../config.js';
import type { CommandContext } from './io.js';

/** Variables that send audio or keys somewhere; a run on this machine does not look at them. */
const NETWORK_VARIABLES = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'PARLEY_REALTIME_KEY', 'PARLEY_REALTIME_URL'];

/** Adds every setting that has a flag as an option of `command`. */
export function addSettings(command: Command): void {
  for (const { flag, about, allowed, defaultValue } of SETTINGS) {
    if (flag === undefined) continue;
    const preset = defaultValue === undefined ? '' : `, default ${defaultValue}`;
    command.addOption(new Option(`--${flag} <value>`, `${about} (${allowed}${preset})`));
  }
}

/**
 * The effective configuration: the command's flags over the environment over the file over the defaults. Without
 * `network` neither keys nor addresses of the environment are looked at.
 */
export function loadSettings(
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
  options: { network: boolean },
): LoadedConfig {
  const given: Partial<Record<SettingName, string>> = {};
  for (const { name, flag } of SETTINGS) {
    const value = flags[name];
    if (flag !== undefined && typeof value === 'string') given[name] = value;
  }
  const { env } = context.io;
  const environment = options.network
    ? env
    : Object.fromEntries(Object.entries(env).filter(([name]) => !NETWORK_VARIABLES.includes(name)));
  const file = readConfigFile(context.global().config, process.cwd());
  return loadConfig({ flags: given, environment, file });
}
