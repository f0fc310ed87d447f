/**
 * Every setting, of the process and of a meeting, with the ways in which it can be given. One name has three spellings:
 * `budgetUsd` in files, `--budget-usd`, and `PARLEY_BUDGET_USD`. Keys and addresses of services have their vendors' variables.
 */
import type { z } from 'zod';
import {
  MEETING_SETTING_NAMES,
  meetingSettings,
  type MeetingSettingName,
  metaOf,
} from '../bot/meeting-settings.js';
import { agentSettings } from '../bot/settings/agent.js';
import { engineSettings } from '../bot/settings/engines.js';
import { knowledgeSettings } from '../bot/settings/knowledge.js';
import { speakingSettings } from '../bot/settings/speaking.js';
import { staySettings } from '../bot/settings/stay.js';
import { processMeta, processSettings, type ProcessSettingName } from './process-settings.js';
import { SECRET_VARIABLES } from './secret-variables.js';
import type { TextForm } from './text-forms.js';

/** The name of a setting: its key in the configuration file. */
export type SettingName = ProcessSettingName | MeetingSettingName;

/** A setting and the ways in which it can be given. */
export type Setting = {
  name: SettingName;
  /** Whether it belongs to the process or to one meeting. */
  scope: 'process' | 'meeting';
  /** What it does: a phrase without a full stop. */
  description: string;
  /** What a wrong value is answered with. */
  allowed: string;
  unit?: string | undefined;
  /** Under which heading it is listed. */
  group: string;
  /** Environment variable. */
  variable: string;
  /** Another name for it, looked at when the first is not set. */
  otherVariable?: string | undefined;
  /** Flag of the command line, without its dashes; none where a value must not stand in a process list. */
  flag?: string | undefined;
  /** A shorter flag, taken too. */
  otherFlag?: string | undefined;
  /** What its flag means without a value; undefined where it needs one. */
  preset?: string | undefined;
  /** How it is written in a flag or a variable. */
  form: TextForm;
  /** `named`: only in a file that was named by `--config`. */
  file: 'yes' | 'named' | 'no';
  secret: boolean;
  /** Undefined where there is none. */
  defaultValue: unknown;
};

/** How settings are written that are not plain text. */
const FORMS: Readonly<Partial<Record<SettingName, TextForm>>> = {
  languages: 'list',
  voiceLanguages: 'list',
  voicePerLanguage: 'map',
  speedPerLanguage: 'number-map',
  glossary: 'file',
  profiles: 'file',
  profileIds: 'file',
  agentHosts: 'list',
  agentTools: 'file',
  agentServers: 'file',
  maxOutputTokens: 'number',
  inputRateHz: 'number',
};
/** Further flags, without the unit. */
const OTHER_FLAGS: Readonly<Partial<Record<SettingName, string>>> = {
  budgetUsd: 'budget',
  leaveWhenEmptyS: 'leave-when-empty',
  maxDurationMin: 'max-duration',
};
/** What is said in a meeting goes to a service, or whose words are whose is decided: no file does that in passing. */
const NAMED_FILE_ONLY: ReadonlySet<string> = new Set<MeetingSettingName>([
  'profiles',
  'profileIds',
  'refineProfiles',
  'learn',
  'agent',
  'agentHosts',
  'agentInstructions',
  'agentTools',
  'agentServers',
]);
/** What a flag means without a value. */
const PRESETS: Readonly<Partial<Record<SettingName, string>>> = { agent: 'addressed' };

/** Headings of meetings' settings, by the file that they stand in; some have one of their own. */
const GROUPS: readonly (readonly [heading: string, names: readonly string[]])[] = [
  ['Sessions and costs', ['topology', 'maxSessions', 'sessionIdleS', 'budgetUsd', 'budgetPolicy']],
  ['Captions', ['persistCaptions', 'chatCaptions', 'record']],
  ['The meeting', Object.keys(staySettings)],
  ['Engines and models', Object.keys(engineSettings)],
  ['Voices and interruptions', Object.keys(speakingSettings)],
  ['Terms and people', Object.keys(knowledgeSettings)],
  ['The agent', [...Object.keys(agentSettings), 'tools']],
];

/** Every setting: those of meetings first. */
export const SETTINGS: readonly Setting[] = [
  ...MEETING_SETTING_NAMES.map(meetingSetting),
  ...(Object.keys(processSettings.shape) as ProcessSettingName[]).map(processSetting),
];

function meetingSetting(name: MeetingSettingName): Setting {
  const { description, allowed, unit } = metaOf(name);
  const schema = meetingSettings.shape[name];
  const words = name.replace(/[A-Z]/g, (letter) => `_${letter}`);
  return {
    name,
    scope: 'meeting',
    description,
    allowed,
    unit,
    group: groupOf(name, 'The meeting'),
    variable: `PARLEY_${words.toUpperCase()}`,
    flag: words.replaceAll('_', '-').toLowerCase(),
    otherFlag: OTHER_FLAGS[name],
    preset: PRESETS[name],
    form: FORMS[name] ?? formOf(schema),
    file: NAMED_FILE_ONLY.has(name) ? 'named' : 'yes',
    secret: false,
    defaultValue: defaultOf(schema),
  };
}

function processSetting(name: ProcessSettingName): Setting {
  const schema = processSettings.shape[name];
  const meta = processMeta.get(schema)!;
  return {
    ...meta,
    name,
    scope: 'process',
    group: groupOf(
      name,
      meta.flag === undefined ? 'Keys and addresses of services' : 'Server, prices and log',
    ),
    form: FORMS[name] ?? formOf(schema),
    secret: SECRET_VARIABLES.includes(meta.variable),
    defaultValue: defaultOf(schema),
  };
}

function groupOf(name: string, otherwise: string): string {
  return GROUPS.find(([, names]) => names.includes(name))?.[0] ?? otherwise;
}

/** What a value can be, shorter than in an error: `5 to 3600`; empty where the description says it. */
export function valuesText({
  form,
  allowed,
  description,
}: Pick<Setting, 'form' | 'allowed' | 'description'>): string {
  if (form === 'switch' || form === 'file' || /^(?:a|the) (?:key|secret|token|id|name)\b/.test(allowed))
    return '';
  const range = /^a (?:whole )?number(?: of [a-z]+)? from (\S+) to (\S+?)(, .*)?$/.exec(allowed);
  if (range !== null) return `${range[1]} to ${range[2]}${range[3] ?? ''}`;
  return description.includes(allowed) ? '' : allowed;
}

/** By the type of what the schema takes. */
function formOf(schema: z.ZodType): TextForm {
  switch (innermost(schema).type) {
    case 'number':
      return 'number';
    case 'boolean':
      return 'switch';
    default:
      return 'text';
  }
}

function innermost(schema: z.ZodType): z.ZodType {
  return 'unwrap' in schema ? innermost((schema.unwrap as () => z.ZodType)()) : schema;
}

function defaultOf(schema: z.ZodType): unknown {
  return schema.type === 'default' ? schema.parse(undefined) : undefined;
}
