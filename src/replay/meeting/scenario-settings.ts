/** What a scenario says of its meeting beside who does what: languages, terms, and profiles of its people. Pure. */
import type { MeetingSettings, MeetingSettingsInput } from '../../bot/meeting-settings.js';
import type { Scenario } from './scenario.js';

/** The settings of a replayed meeting: those of the run, and what the scenario says. Nothing is announced in it. */
export function settingsOf(
  { people, languages, glossary }: Scenario,
  settings: MeetingSettings,
): MeetingSettingsInput {
  const known = people.flatMap(({ id, profile }) => (profile === undefined ? [] : [{ id, profile }]));
  return {
    ...settings,
    announcement: false,
    languages,
    ...(glossary === undefined ? {} : { glossary }),
    ...(known.length === 0
      ? {}
      : {
          profiles: Object.fromEntries(known.map(({ id, profile }) => [id, profile])),
          profileIds: Object.fromEntries(known.map(({ id }) => [id, id])),
        }),
  };
}
