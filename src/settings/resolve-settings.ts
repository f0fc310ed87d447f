/**
 * The settings of the process and of a meeting from all places where they can be given. A flag wins over a meeting's own
 * file, that over the environment, the environment over the configuration file, and that over the default. Keys come from
 * the environment only.
 */
import { type MeetingSettings, meetingSettings } from '../bot/meeting-settings.js';
import { pathText, type Refusal, refusalsOf, shown, shownValue } from '../bot/settings/problems.js';
import { ParleyError } from '../errors.js';
import { REDACTED, redactText } from '../redaction.js';
import { nearestName } from '../nearest-name.js';
import { compareText } from '../text.js';
import { type ConfigFile, readJsonFile } from './config-file.js';
import { type ProcessSettings, processSettings } from './process-settings.js';
import { type Setting, type SettingName, SETTINGS, valuesText } from './setting-table.js';
import { textOfValue, valueOfText } from './text-forms.js';

const MAX_PROBLEMS = 20;
/** The keys of a configuration file. */
const FILE_NAMES = SETTINGS.filter(({ file }) => file !== 'no').map(({ name }) => name) as [
  SettingName,
  ...SettingName[],
];

/** What is effective, and where each value came from: a flag, a variable, a file, or `default`. */
export type LoadedSettings = {
  process: ProcessSettings;
  meeting: MeetingSettings;
  sources: Readonly<Record<SettingName, string>>;
  /** Of settings whose content was read from a file of its own: its path. */
  contentFiles: Readonly<Partial<Record<SettingName, string>>>;
};

/** Where settings can be given. */
export type SettingsGiven = {
  /** By setting: what stands behind its flag; whether a switch is on. */
  flags: Readonly<Partial<Record<SettingName, string | boolean | undefined>>>;
  /** Settings whose flag was given by its shorter name. */
  byOtherFlag?: ReadonlySet<SettingName>;
  environment: Readonly<Record<string, string | undefined>>;
  file?: ConfigFile | undefined;
  /** Settings that stand in a meeting's own file, as JSON. */
  meetingFile?: { path: string; settings: Readonly<Record<string, unknown>> } | undefined;
  /** Settings that are looked at; the others have their defaults. All by default. */
  isUsed?: (setting: Setting) => boolean;
};

/** One value and where it stands. */
type Given = {
  value: unknown;
  source: string;
  place: string;
  text?: string | undefined;
  contentFile?: string;
};

/**
 * Merges what is given. An empty variable counts as unset, and a value that another one overrides is not judged. Throws one
 * ParleyError `config` that names every place where a wrong value stands and what is allowed there; a key is never
 * repeated. A file that a setting names is read: `input_missing` or `input_unusable` where that fails.
 */
export function resolveSettings(given: SettingsGiven): LoadedSettings {
  if (given.file !== undefined) checkFile(given.file);
  checkVariables(given.environment);
  const found = new Map<string, Given>();
  for (const setting of SETTINGS) {
    const value = given.isUsed?.(setting) === false ? undefined : givenValue(setting, given);
    if (value !== undefined) found.set(setting.name, value);
  }
  const read = {
    process: processSettings.safeParse(valuesOf('process', found)),
    meeting: meetingSettings.safeParse(valuesOf('meeting', found)),
  };
  const refusals = [read.meeting, read.process].flatMap(({ error }) =>
    error === undefined
      ? []
      : refusalsOf(error, Object.fromEntries([...found].map(([name, { value }]) => [name, value]))),
  );
  if (read.process.data === undefined || read.meeting.data === undefined) {
    const problems = refusals.map((refusal) => problemText(refusal, found));
    throw new ParleyError('config', [...new Set(problems)].join('; '));
  }
  const contentFiles = [...found].flatMap(([name, { contentFile }]) =>
    contentFile === undefined ? [] : [[name, contentFile]],
  );
  return {
    process: read.process.data,
    meeting: read.meeting.data,
    sources: Object.fromEntries(
      SETTINGS.map(({ name }) => [name, found.get(name)?.source ?? 'default']),
    ) as LoadedSettings['sources'],
    contentFiles: Object.fromEntries(contentFiles) as LoadedSettings['contentFiles'],
  };
}

/** A setting as `parley config` shows it. */
export type SettingRow = {
  name: SettingName;
  /** `(not set)` where there is none. */
  value: string;
  unit?: string;
  /** A flag, a variable, a file, or `default`. */
  source: string;
  /** With its dashes. */
  flag?: string;
  variable: string;
  /** What it does: a phrase without a full stop. */
  description: string;
  /** What a value can be; empty where the description says it. */
  allowed: string;
  /** Under which heading it is listed. */
  group: string;
};

/** Rows for `parley config`: every setting with its effective value, keys redacted, where that comes from, and how to set it. */
export function describeSettings({ process, meeting, sources }: LoadedSettings): SettingRow[] {
  const values: Readonly<Partial<Record<SettingName, unknown>>> = { ...process, ...meeting };
  return SETTINGS.map((setting) => {
    const { name, secret, form, unit, flag, variable, description, group } = setting;
    const value = values[name];
    const isUnset = value === undefined || (Array.isArray(value) && value.length === 0);
    return {
      name,
      value: isUnset ? '(not set)' : secret ? REDACTED : redactText(textOfValue(form, value)),
      ...(unit === undefined ? {} : { unit }),
      source: sources[name],
      ...(flag === undefined ? {} : { flag: `--${flag}` }),
      ...{ variable, description, allowed: valuesText(setting), group },
    };
  });
}

function givenValue(
  setting: Setting,
  { flags, byOtherFlag, environment, file, meetingFile }: SettingsGiven,
): Given | undefined {
  const { name } = setting;
  const flag = byOtherFlag?.has(name) === true ? setting.otherFlag : setting.flag;
  const flagValue = flag === undefined ? undefined : flags[name];
  if (typeof flagValue === 'boolean') {
    const source = flagValue ? `--${flag}` : `--no-${flag}`;
    return { value: flagValue, source, place: source };
  }
  if (flagValue !== undefined) return givenText(setting, flagValue, `--${flag}`);
  if (setting.scope === 'meeting' && meetingFile !== undefined && Object.hasOwn(meetingFile.settings, name)) {
    const { path, settings } = meetingFile;
    return { value: settings[name], source: path, place: `${shown(path)}: ${name}` };
  }
  const [variable, variableValue] = fromEnvironment(setting, environment);
  if (variableValue !== '') return givenText(setting, variableValue, variable);
  if (file === undefined || !Object.hasOwn(file.content, name)) return undefined;
  const place = `${shown(file.path)}: ${name}`;
  const value = file.content[name];
  // Lists, maps and files may stand in the file as they stand behind a flag.
  return typeof value === 'string' && ['list', 'map', 'number-map', 'file'].includes(setting.form)
    ? { ...givenText(setting, value, place), source: file.path }
    : { value, source: file.path, place };
}

function givenText({ name, form }: Setting, text: string, place: string): Given {
  if (form !== 'file') return { value: valueOfText(form, text), source: place, place, text };
  if (meetingSettings.shape[name as keyof MeetingSettings].safeParse(text).success)
    return { value: text, source: place, place }; // a word, such as `none`
  return {
    value: readJsonFile(text, place),
    source: place,
    place: `${place} ${shown(text, 200)}`,
    contentFile: text,
  };
}

/** The variable that a setting is taken from, and its value without the newline of a paste; empty counts as unset. */
function fromEnvironment(
  { variable, otherVariable }: Setting,
  environment: Readonly<Record<string, string | undefined>>,
): readonly [variable: string, value: string] {
  const value = environment[variable]?.trim() ?? '';
  if (value !== '' || otherVariable === undefined) return [variable, value];
  return [otherVariable, environment[otherVariable]?.trim() ?? ''];
}

function valuesOf(scope: Setting['scope'], found: ReadonlyMap<string, Given>): Record<string, unknown> {
  return Object.fromEntries(
    SETTINGS.flatMap(({ name, scope: of }) => {
      const given = found.get(name);
      return of === scope && given !== undefined ? [[name, given.value]] : [];
    }),
  );
}

/** `--speed is 9: a number from 0.25 to 1.5 is allowed`. */
function problemText({ path: [name, ...rest], what }: Refusal, found: ReadonlyMap<string, Given>): string {
  const setting = SETTINGS.find((each) => each.name === name)!;
  const { place, text, value } = found.get(setting.name)!;
  if (what.kind === 'said') return `${place}: ${shown(what.message, 300)}`;
  const within = text === undefined && rest.length > 0 ? ` ${pathText(rest)}` : '';
  if (what.kind === 'unknown') return `${place}${within} is not known here`;
  const wrong = text === undefined ? what.value : typeof value === 'object' ? text : value;
  return `${place}${within} is ${shownValue(wrong)}: ${setting.allowed} is allowed`;
}

const OWN_VARIABLES = SETTINGS.flatMap(({ variable, otherVariable }) =>
  [variable, otherVariable ?? ''].filter((each) => each.startsWith('PARLEY_')),
) as [string, ...string[]];

/** Refuses variables that look like settings and are none: a typo must not go unnoticed. */
function checkVariables(environment: SettingsGiven['environment']): void {
  const unknown = Object.keys(environment).filter(
    (name) =>
      name.startsWith('PARLEY_') && !OWN_VARIABLES.includes(name) && (environment[name] ?? '').trim() !== '',
  );
  if (unknown.length === 0) return;
  const problems = unknown
    .sort(compareText)
    .slice(0, MAX_PROBLEMS)
    .map(
      (name) =>
        `the variable ${shown(name)} is no setting; did you mean ${nearestName(name, OWN_VARIABLES)}?`,
    );
  throw new ParleyError('config', `${problems.join('; ')} "parley config" lists every setting`);
}

/** Refuses what does not belong into this file: unknown names, keys, and addresses in a file that nobody named. */
function checkFile({ path, named, content }: ConfigFile): void {
  const problems = Object.keys(content).flatMap((field) => {
    const setting = SETTINGS.find(({ name, variable, otherVariable }) =>
      [name, variable, otherVariable].includes(field),
    );
    if (setting?.file === 'no')
      return [`${field} does not belong into a file; set ${setting.variable} in the environment`];
    if (setting?.name !== field)
      return [
        `${shown(JSON.stringify(field))} is no setting; did you mean ${nearestName(field.replace(/^PARLEY_/, ''), FILE_NAMES)}?`,
      ];
    if (setting.file === 'named' && !named)
      return [`${field} is taken only from a file named by --config, or from ${setting.variable}`];
    return [];
  });
  const more = problems.length > MAX_PROBLEMS ? `; and ${problems.length - MAX_PROBLEMS} more` : '';
  if (problems.length > 0)
    throw new ParleyError('config', `${shown(path)}: ${problems.slice(0, MAX_PROBLEMS).join('; ')}${more}`);
}
