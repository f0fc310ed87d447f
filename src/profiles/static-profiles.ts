/** Profiles from a file of the host's. */
import { z } from 'zod';
import { ParleyError } from '../errors.js';
import type { Profile, ProfileSource } from './profile-source.js';

const MAX_PROFILES = 10_000;

const fileSchema = z.record(
  z.string(),
  z.strictObject({
    summary: z.string().max(4_000).default(''),
    terms: z.array(z.string().max(200)).max(200).default([]),
  }),
);

/**
 * Reads `{"usr_42af7c": {"summary": "…", "terms": ["…"]}}`: profiles by id. Throws ParleyError `config` that names
 * `fileName`.
 */
export function parseProfiles(json: unknown, fileName: string): ReadonlyMap<string, Profile> {
  const { data } = fileSchema.safeParse(json);
  const refuse = (problem: string) => new ParleyError('config', `${fileName} ${problem}`);
  if (data === undefined)
    throw refuse('holds no profiles: write it like {"usr_1": {"summary": "Engineer.", "terms": ["BIM"]}}');
  const profiles = Object.entries(data);
  if (profiles.length > MAX_PROFILES)
    throw refuse(`holds ${profiles.length} profiles: ${MAX_PROFILES} are allowed`);
  return new Map(profiles.map(([userId, profile]) => [userId, { userId, ...profile, fetchedAtMs: 0 }]));
}

/** A source that knows these and never changes. */
export function staticProfiles(profiles: ReadonlyMap<string, Profile>, description: string): ProfileSource {
  return { description, profileOf: (userId) => Promise.resolve(profiles.get(userId)) };
}
