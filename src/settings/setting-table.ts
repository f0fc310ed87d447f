/** Every setting, of the process and of a meeting, with the ways in which it can be given. */
import type { z } from 'zod';
import {
  MEETING_SETTING_NAMES,
  meetingSettings,
  type MeetingSettingName,
  metaOf,
} from '../bot/meeting-settings.js';
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
  /** Environment variable. */
  variable: string;
  /** Another name for it, looked at when the first is not set. */
  otherVariable?: string | undefined;
  /** Flag of the command line, without its dashes; none where a value must not stand in a process list. */
  flag?: string | undefined;
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
  maxOutputTokens: 'number',
  inputRateHz: 'number',
};
/** Flags that are not called as their setting is. */
const FLAGS: Readonly<Partial<Record<MeetingSettingName, string>>> = {
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
]);

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
    variable: `PARLEY_${words.toUpperCase()}`,
    flag: FLAGS[name] ?? words.replaceAll('_', '-').toLowerCase(),
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
    form: FORMS[name] ?? formOf(schema),
    secret: SECRET_VARIABLES.includes(meta.variable),
    defaultValue: defaultOf(schema),
  };
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
