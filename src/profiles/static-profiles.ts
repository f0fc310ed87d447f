/** Profiles from a file of the host's. */
import { z } from 'zod';
import { ParleyError } from '../errors.js';
import type { Profile, ProfileSource } from './profile-source.js';

const MAX_PROFILES = 10_000;

/** Profiles as they stand in JSON, by id: `{"usr_42af7c": {"summary": "…", "terms": ["…"]}}`. */
export const profilesSchema = z
  .record(
    z.string(),
    z.strictObject({
      summary: z.string().max(4_000).default(''),
      terms: z.array(z.string().max(200)).max(200).default([]),
    }),
  )
  .refine((profiles) => Object.keys(profiles).length <= MAX_PROFILES, {
    error: ({ input }) =>
      `it holds ${Object.keys(input as object).length} profiles: ${MAX_PROFILES} are allowed`,
  });
/** What {@link profilesSchema} reads. */
export type ProfilesJson = z.infer<typeof profilesSchema>;

/** Reads what {@link profilesSchema} describes. Throws ParleyError `config` that names `fileName`. */
export function parseProfiles(json: unknown, fileName: string): ReadonlyMap<string, Profile> {
  const { data, error } = profilesSchema.safeParse(json);
  if (data !== undefined) return profilesOf(data);
  const problem = error.issues.find(({ code }) => code === 'custom')?.message;
  throw new ParleyError(
    'config',
    problem === undefined
      ? `${fileName} holds no profiles: write it like {"usr_1": {"summary": "Engineer.", "terms": ["BIM"]}}`
      : `${fileName}: ${problem}`,
  );
}

/** Profiles that {@link profilesSchema} has read, by id. */
export function profilesOf(profiles: ProfilesJson): ReadonlyMap<string, Profile> {
  return new Map(
    Object.entries(profiles).map(([userId, profile]) => [userId, { userId, ...profile, fetchedAtMs: 0 }]),
  );
}

/** A source that knows these and never changes. */
export function staticProfiles(profiles: ReadonlyMap<string, Profile>, description: string): ProfileSource {
  return { description, profileOf: (userId) => Promise.resolve(profiles.get(userId)) };
}
