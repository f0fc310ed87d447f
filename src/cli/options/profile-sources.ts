/** Where profiles come from, as the command line says it. */
import { join } from 'node:path';
import { systemClock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import type { MeetingProfiles } from '../../meeting/briefing/briefing.js';
import { FastinoClient } from '../../profiles/fastino/client.js';
import { FastinoProfiles } from '../../profiles/fastino/fastino-profiles.js';
import { ProfileCopies } from '../../profiles/fastino/profile-copies.js';
import { parseProfileIds } from '../../profiles/profile-ids.js';
import type { ProfileSource } from '../../profiles/profile-source.js';
import { parseProfiles, staticProfiles } from '../../profiles/static-profiles.js';
import type { Config } from '../../settings.js';
import { plain, type CliIo } from '../io.js';
import { cacheFolderOf } from '../embedded/meeting-location.js';
import { readJson } from './read-json.js';

/** The flags that say whose profiles are used, and how. */
export type ProfileFlags = {
  /** `fastino`, `none`, or a file of profiles. */
  profiles?: string;
  profileIds?: string;
  refineProfiles?: boolean;
  learn?: boolean;
};

/** A client for Fastino with the configured key. Throws ParleyError `key_refused` without one. */
export function fastinoClientOf(config: Config, onNotice: (message: string) => void): FastinoClient {
  return new FastinoClient({
    apiKey: config.fastinoApiKey ?? '',
    baseUrl: config.fastinoBaseUrl,
    clock: systemClock,
    onNotice,
  });
}

/** Fastino's profiles, with copies in the cache folder. Throws ParleyError `key_refused` without a key. */
export function fastinoProfilesOf(
  config: Config,
  io: CliIo,
  onNotice: (message: string) => void,
): FastinoProfiles {
  const client = fastinoClientOf(config, onNotice);
  const copies = profileCopiesOf(config, io, client);
  return new FastinoProfiles({ client, copies, clock: systemClock, onNotice });
}

/** What is kept on this machine of a client's profiles. */
export function profileCopiesOf(config: Config, io: CliIo, client: FastinoClient): ProfileCopies {
  return new ProfileCopies({
    folder: join(cacheFolderOf(io), 'profiles'),
    apiKey: config.fastinoApiKey ?? '',
    service: client.description,
  });
}

/** The profiles of a meeting; undefined for none. Throws ParleyError for flags or files that do not fit. */
export async function meetingProfilesOf(
  flags: ProfileFlags,
  config: Config,
  io: CliIo,
  onNotice: (message: string) => void,
): Promise<MeetingProfiles | undefined> {
  const { profiles = 'none', profileIds, refineProfiles = false, learn = false } = flags;
  if (learn && profiles !== 'fastino') throw needs('--learn', '--profiles fastino');
  if (refineProfiles && profiles !== 'fastino') throw needs('--refine-profiles', '--profiles fastino');
  if (profiles === 'none') {
    if (profileIds !== undefined) throw needs('--profile-ids', '--profiles');
    return undefined;
  }
  const ids = profileIds === undefined ? undefined : await readJson(profileIds, '--profile-ids');
  return {
    source: profiles === 'fastino' ? fastinoProfilesOf(config, io, onNotice) : await fileProfiles(profiles),
    ...(profileIds === undefined ? {} : { ids: parseProfileIds(ids, `--profile-ids ${plain(profileIds)}`) }),
    refine: refineProfiles,
    learn,
  };
}

async function fileProfiles(path: string): Promise<ProfileSource> {
  const shown = `--profiles ${plain(path)}`;
  return staticProfiles(parseProfiles(await readJson(path, '--profiles'), shown), plain(path));
}

function needs(option: string, other: string): ParleyError {
  return new ParleyError('usage', `${option} needs ${other}`);
}
