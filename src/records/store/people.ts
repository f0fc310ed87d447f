/** Who was in a meeting, and what they were told about it. */
import { and, eq, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { people } from '../../database/schema.js';

export type PersonRow = typeof people.$inferSelect;

export type SeenPerson = {
  participantId: string;
  /** Untrusted. */
  name: string;
  isBot: boolean;
  speaks: readonly string[];
  prefers: string | undefined;
  /** What they are told as they come, such as `recorded`. */
  told?: string;
  /** What they say is not for the agent, notes and minutes. Who said so once is held to it. */
  agent?: false | undefined;
};

/** Somebody came, came back, or changed their name or languages. */
export async function seePerson(tx: Orm, botId: string, person: SeenPerson, at: Date): Promise<void> {
  const facts = {
    name: person.name,
    speaks: [...person.speaks],
    prefers: person.prefers ?? null,
    leftAt: null,
  };
  const consent = {
    ...(person.told === undefined ? {} : { [person.told]: at.toISOString() }),
    ...(person.agent === false ? { agent: false } : {}),
  };
  await tx
    .insert(people)
    .values({
      botId,
      participantId: person.participantId,
      isBot: person.isBot,
      joinedAt: at,
      consent,
      ...facts,
    })
    .onConflictDoUpdate({
      target: [people.botId, people.participantId],
      // When they were told first is what counts.
      set: { ...facts, consent: sql`excluded.consent || ${people.consent}` },
    });
}

export async function personLeft(tx: Orm, botId: string, participantId: string, at: Date): Promise<void> {
  await tx
    .update(people)
    .set({ leftAt: at })
    .where(and(eq(people.botId, botId), eq(people.participantId, participantId)));
}

/** In the order in which they came. */
export async function listPeople(orm: Orm, botId: string): Promise<PersonRow[]> {
  return orm
    .select()
    .from(people)
    .where(eq(people.botId, botId))
    .orderBy(people.joinedAt, people.participantId);
}
