/** From a patch of settings to a change of a running meeting, and back to what became of each setting. Pure. */
import type {
  ChangeOutcome,
  MeetingChange,
  MeetingChangeField,
  MeetingChangeReport,
} from '../meeting/meeting-change.js';
import type { MeetingSettingName, MeetingSettings, PatchOutcome } from './meeting-settings.js';
import { speakingSettingsOf, speechStylesOf, termsOf } from './settings/derived.js';

/** What became of each setting that a patch named. `applied` with a text: in part, or later, and what to know of it. */
export type UpdateReport = Readonly<Record<string, PatchOutcome | ChangeOutcome>>;

/** What a meeting is to change for a setting; settings that no running meeting can change are missing. */
const FIELDS: Partial<Readonly<Record<MeetingSettingName, MeetingChangeField>>> = {
  languages: 'languages',
  engine: 'engine',
  glossary: 'glossary',
  voices: 'voices',
  voiceLanguages: 'voiceLanguages',
  voice: 'voiceOf',
  voicePerLanguage: 'voiceOf',
  speed: 'speedOf',
  speedPerLanguage: 'speedOf',
  bargeIn: 'bargeIn',
  bargeInMinMs: 'bargeInMinMs',
  backchannelMaxMs: 'backchannelMaxMs',
  maxBacklogS: 'maxBacklogMs',
  persistCaptions: 'persistCaptions',
  chatCaptions: 'chatCaptions',
  budgetUsd: 'budgetUsd',
  budgetPolicy: 'budgetPolicy',
};

/** The change that makes a meeting follow these settings, as far as the patch said that they are others. */
export function changeOf(
  settings: MeetingSettings,
  report: Readonly<Record<string, PatchOutcome>>,
): MeetingChange {
  const all = valuesOf(settings);
  const fields = Object.entries(report).flatMap(([name, outcome]) => {
    const field = FIELDS[name as MeetingSettingName];
    return outcome === 'applied' && field !== undefined ? [field] : [];
  });
  return Object.fromEntries(fields.map((field) => [field, all[field]]));
}

/**
 * What became of each setting, and the settings that are in force: where the meeting refused something, the one before stays.
 */
export function outcomeOf(
  before: MeetingSettings,
  patched: { settings: MeetingSettings; report: Readonly<Record<string, PatchOutcome>> },
  changed: MeetingChangeReport,
): { settings: MeetingSettings; report: UpdateReport } {
  const settings: Record<string, unknown> = { ...patched.settings };
  const report = Object.entries(patched.report).map(([name, outcome]) => {
    const field = FIELDS[name as MeetingSettingName];
    const became = outcome === 'applied' && field !== undefined ? changed[field] : undefined;
    if (typeof became === 'object' && 'refused' in became) {
      if (Object.hasOwn(before, name)) settings[name] = before[name as MeetingSettingName];
      else Reflect.deleteProperty(settings, name);
    }
    // The settings say that it is another one; to the meeting that may come to the same.
    return [name, became === undefined || became === 'unchanged' ? outcome : became] as const;
  });
  return { settings: settings as MeetingSettings, report: Object.fromEntries(report) };
}

/** Every field of a change as the settings have it. */
function valuesOf(settings: MeetingSettings): Required<MeetingChange> {
  const { bargeIn, bargeInMinMs, backchannelMaxMs, maxBacklogMs, voices, voiceLanguages } =
    speakingSettingsOf(settings);
  const styleOf = speechStylesOf(settings);
  return {
    languages: settings.languages,
    engine: settings.engine,
    glossary: termsOf(settings).glossary,
    voices: voices!,
    voiceLanguages,
    voiceOf: (to) => styleOf(to).voice!,
    speedOf: (to) => styleOf(to).speed!,
    bargeIn,
    bargeInMinMs: bargeInMinMs!,
    backchannelMaxMs: backchannelMaxMs!,
    maxBacklogMs: maxBacklogMs!,
    persistCaptions: settings.persistCaptions,
    chatCaptions: settings.chatCaptions,
    budgetUsd: settings.budgetUsd,
    budgetPolicy: settings.budgetPolicy,
  };
}
