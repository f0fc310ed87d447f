/** Where profiles come from, by the settings. */
import { join } from 'node:path';
import { systemClock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import type { MeetingProfiles } from '../../meeting/briefing/briefing.js';
import { FastinoClient } from '../../profiles/fastino/client.js';
import { FastinoProfiles } from '../../profiles/fastino/fastino-profiles.js';
import { ProfileCopies } from '../../profiles/fastino/profile-copies.js';
import type { ProfileSource } from '../../profiles/profile-source.js';
import { parseProfiles, profilesOf, staticProfiles } from '../../profiles/static-profiles.js';
import { readJsonFile } from '../../settings/config-file.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import type { LoadedSettings } from '../../settings/resolve-settings.js';
import type { CliIo } from '../io.js';
import { plain } from '../../text.js';
import { cacheFolderOf } from '../embedded/meeting-location.js';

/** A client for Fastino with the configured key. Throws ParleyError `key_refused` without one. */
export function fastinoClientOf(config: ProcessSettings, onNotice: (message: string) => void): FastinoClient {
  return new FastinoClient({
    apiKey: config.fastinoApiKey ?? '',
    baseUrl: config.fastinoBaseUrl,
    clock: systemClock,
    onNotice,
  });
}

/** Fastino's profiles, with copies in the cache folder. Throws ParleyError `key_refused` without a key. */
export function fastinoProfilesOf(
  config: ProcessSettings,
  io: CliIo,
  onNotice: (message: string) => void,
): FastinoProfiles {
  const client = fastinoClientOf(config, onNotice);
  const copies = profileCopiesOf(config, io, client);
  return new FastinoProfiles({ client, copies, clock: systemClock, onNotice });
}

/** What is kept on this machine of a client's profiles. */
export function profileCopiesOf(config: ProcessSettings, io: CliIo, client: FastinoClient): ProfileCopies {
  return new ProfileCopies({
    folder: join(cacheFolderOf(io), 'profiles'),
    apiKey: config.fastinoApiKey ?? '',
    service: client.description,
  });
}

/** The profiles of a meeting; undefined for none. Throws ParleyError for settings that do not go together. */
export function meetingProfilesOf(
  { process, meeting, sources, contentFiles }: LoadedSettings,
  io: CliIo,
  onNotice: (message: string) => void,
): MeetingProfiles | undefined {
  const { profiles, profileIds, refineProfiles: refine, learn } = meeting;
  if (learn && profiles !== 'fastino') throw needs(sources.learn, '--profiles fastino');
  if (refine && profiles !== 'fastino') throw needs(sources.refineProfiles, '--profiles fastino');
  if (profiles === 'none') {
    if (profileIds !== undefined) throw needs(sources.profileIds, '--profiles');
    return undefined;
  }
  const source =
    profiles === 'fastino'
      ? fastinoProfilesOf(process, io, onNotice)
      : staticProfiles(profilesOf(profiles), plain(contentFiles.profiles ?? sources.profiles));
  const ids = profileIds === undefined ? {} : { ids: new Map(Object.entries(profileIds)) };
  return { source, ...ids, refine, learn };
}

/** Profiles of a JSON file. Throws ParleyError where it holds none. */
export function fileProfiles(path: string): ProfileSource {
  const shown = `--profiles ${plain(path)}`;
  return staticProfiles(parseProfiles(readJsonFile(path, '--profiles'), shown), plain(path));
}

function needs(source: string, other: string): ParleyError {
  return new ParleyError('usage', `${source} needs ${other}`);
}
