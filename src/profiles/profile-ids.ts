/** Which profile is whose: by the host's word, or else by the participant's own. Pure. */
import { z } from 'zod';

/** What an id may look like; Fastino's are like `usr_42af7c`. */
const USER_ID = /^[\w.:@+-]{1,128}$/;

/** The host's word: profile ids by participant id. */
export type ProfileIds = ReadonlyMap<string, string>;

/** The host's word as it stands in JSON: `{"participant id": "usr_42af7c"}`. */
export const profileIdsSchema = z.record(z.string(), z.string().regex(USER_ID));

/**
 * The profile id of a participant: the one that `ids` gives them, or else what their `metaData.fastinoUserId` says, which
 * anyone may say. An id that `ids` gives to one participant is nobody else's.
 */
export function profileIdOf(
  participant: { id: string; metadata: Readonly<Record<string, unknown>> },
  ids: ProfileIds,
): string | undefined {
  const given = ids.get(participant.id);
  if (given !== undefined) return given;
  const claimed = participant.metadata['fastinoUserId'];
  if (typeof claimed !== 'string' || !USER_ID.test(claimed)) return undefined;
  for (const taken of ids.values()) if (taken === claimed) return undefined;
  return claimed;
}

/** Whether a participant agreed that others in the meeting ask questions about them: `metaData.parleyProfileQuestions` is true. */
export function agreesToProfileQuestions(metadata: Readonly<Record<string, unknown>>): boolean {
  return metadata['parleyProfileQuestions'] === true;
}

/** Whether a participant agreed that what they say is added to their own profile: `metaData.parleyLearn` is true. */
export function agreesToLearning(metadata: Readonly<Record<string, unknown>>): boolean {
  return metadata['parleyLearn'] === true;
}
