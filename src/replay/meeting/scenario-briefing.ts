/** What a scenario says beside who does what: profiles of its people, and terms. */
import { glossaryOf } from '../../interpreter/instructions/glossary.js';
import type { BriefingSettings } from '../../meeting/briefing/briefing.js';
import type { Profile } from '../../profiles/profile-source.js';
import { staticProfiles } from '../../profiles/static-profiles.js';
import type { LoadedScenario } from './scenario-file.js';

/** The briefing of a meeting. */
export function briefingOf({ scenario, path }: LoadedScenario): BriefingSettings {
  const ids = new Map<string, string>();
  const profiles = new Map<string, Profile>();
  for (const { id, profile } of scenario.people) {
    if (profile === undefined) continue;
    ids.set(id, id);
    profiles.set(id, { userId: id, ...profile, fetchedAtMs: 0 });
  }
  return {
    ...(profiles.size === 0 ? {} : { profiles: { source: staticProfiles(profiles, path), ids } }),
    ...(scenario.glossary === undefined ? {} : { glossary: glossaryOf(scenario.glossary) }),
  };
}
