/** Everything that belongs to one meeting, in one schema, as JSON in both directions. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ParleyError } from '../errors.js';
import type { Refused } from '../meeting/meeting-change.js';
import { agentSettings } from './settings/agent.js';
import { engineSettings } from './settings/engines.js';
import { knowledgeSettings } from './settings/knowledge.js';
import { problemOf, problemsText, refusalsOf, type SettingProblem } from './settings/problems.js';
import { type SettingMeta, settingMeta } from './settings/setting.js';
import { speakingSettings } from './settings/speaking.js';
import { staySettings } from './settings/stay.js';

/**
 * The settings of one meeting. Every field has a default or may be absent; unknown fields are refused. Description, unit,
 * allowed values, and whether a field can change in a running meeting stand in {@link settingMeta}.
 */
export const meetingSettings = z.strictObject({
  ...staySettings,
  ...engineSettings,
  ...speakingSettings,
  ...knowledgeSettings,
  ...agentSettings,
});

/** The settings of one meeting, complete: as {@link parseMeetingSettings} gives them. They are JSON. */
export type MeetingSettings = Readonly<z.output<typeof meetingSettings>>;
/** The settings of one meeting as somebody writes them: what is absent has its default. */
export type MeetingSettingsInput = Readonly<z.input<typeof meetingSettings>>;
/** The name of a setting of a meeting. */
export type MeetingSettingName = keyof MeetingSettings;
/** What is to change in a running meeting: new values; null for the default. */
export type MeetingSettingsPatch = {
  readonly [Name in MeetingSettingName]?: MeetingSettingsInput[Name] | null;
};
/** What became of one field of a patch. */
export type PatchOutcome = 'applied' | 'unchanged' | Refused;

/** Every setting of a meeting, in the order in which they are listed. */
export const MEETING_SETTING_NAMES = Object.keys(meetingSettings.shape) as [
  MeetingSettingName,
  ...MeetingSettingName[],
];

/** What a live meeting has and a recorded one has not, or has beside its settings. */
export const LIVE_ONLY: ReadonlySet<string> = new Set<MeetingSettingName>([
  'name',
  'languages',
  'announcement',
  'leaveWhenEmptyS',
  'maxDurationMin',
  'glossary',
  'profiles',
  'profileIds',
  'refineProfiles',
  'learn',
  'persistCaptions',
  'chatCaptions',
  'agent',
  'agentName',
  'agentVoice',
  'agentInstructions',
  'agentHosts',
  'agentTools',
  'agentServers',
]);

/** What is known of a setting beside its type and default. */
export function metaOf(name: MeetingSettingName): SettingMeta {
  return settingMeta.get(meetingSettings.shape[name])!;
}

/** What applies where nothing is said. */
export const DEFAULT_MEETING_SETTINGS: MeetingSettings = Object.freeze(meetingSettings.parse({}));

/** Reads the settings of a meeting, or says everything that is wrong with them. Fields that are undefined are absent. */
export function checkMeetingSettings(
  json: unknown,
): { settings: MeetingSettings; problems?: never } | { problems: readonly SettingProblem[] } {
  const given = withoutUndefined(json);
  const { data, error } = meetingSettings.safeParse(given);
  return data === undefined ? { problems: problemsIn(error, given) } : { settings: data };
}

/** Reads the settings of a meeting. Throws one ParleyError `usage` that names every field that is wrong. */
export function parseMeetingSettings(json: unknown): MeetingSettings {
  const checked = checkMeetingSettings(json);
  if (checked.problems === undefined) return checked.settings;
  throw new ParleyError('usage', `settings of the meeting: ${problemsText(checked.problems)}`);
}

/**
 * Decides what a patch changes in a running meeting. Of each field that it holds, `report` says whether it was applied,
 * was so already, or why it is refused; a field that is refused keeps no other one from being applied. Throws ParleyError
 * `usage` for a patch that is no object.
 */
export function patchSettings(
  current: MeetingSettings,
  patch: MeetingSettingsPatch | Readonly<Record<string, unknown>>,
): { settings: MeetingSettings; report: Readonly<Record<string, PatchOutcome>> } {
  if (typeof patch !== 'object' || (patch as unknown) === null || Array.isArray(patch))
    throw new ParleyError('usage', 'a change of settings is a JSON object, such as {"voice": "cedar"}');
  const changed: Record<string, unknown> = { ...current };
  const outcomes: [string, PatchOutcome][] = [];
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    const read = checkMeetingSettings(value === null && isSetting(name) ? {} : { [name]: value });
    if (read.problems !== undefined) {
      outcomes.push([
        name,
        { refused: problemsText(read.problems), code: isSetting(name) ? 'invalid' : 'unknown' },
      ]);
      continue;
    }
    const setting = name as MeetingSettingName;
    const next = read.settings[setting];
    const meta = metaOf(setting);
    if (isDeepStrictEqual(next, current[setting])) outcomes.push([name, 'unchanged']);
    else if (!meta.live)
      outcomes.push([
        name,
        { refused: `${name} cannot change in a running meeting: ${meta.reason}`, code: 'fixed' },
      ]);
    else {
      changed[name] = next;
      outcomes.push([name, 'applied']);
    }
  }
  return { settings: withoutUndefined(changed) as MeetingSettings, report: Object.fromEntries(outcomes) };
}

/**
 * The settings as JSON Schema (draft 2020-12), of what is written (`input`) or what is read (`output`). Beside the standard
 * keywords, each setting has `x-unit`, `x-allowed`, `x-live` and, where it cannot change in a running meeting, `x-reason`.
 */
export function meetingSettingsJsonSchema(io: 'input' | 'output' = 'input'): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(meetingSettings, {
    io,
    override: ({ zodSchema, jsonSchema }) => {
      describeSetting(zodSchema, jsonSchema);
    },
  });
}

/** Adds what is known of a setting to its JSON Schema; does nothing for a schema that is no setting's. */
export function describeSetting(schema: z.core.$ZodTypes, json: z.core.JSONSchema.BaseSchema): void {
  const meta = settingMeta.get(schema);
  if (meta === undefined) return;
  json.description = meta.description;
  if (meta.unit !== undefined) json['x-unit'] = meta.unit;
  json['x-allowed'] = meta.allowed;
  json['x-live'] = meta.live;
  if (!meta.live) json['x-reason'] = meta.reason;
}

function isSetting(name: string): name is MeetingSettingName {
  return Object.hasOwn(meetingSettings.shape, name);
}

function problemsIn(error: z.ZodError, input: unknown): readonly SettingProblem[] {
  return refusalsOf(error, input).map((refusal) =>
    problemOf(refusal, {
      allowedIn: (name) => metaOf(name as MeetingSettingName).allowed,
      names: MEETING_SETTING_NAMES,
    }),
  );
}

function withoutUndefined(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
}
