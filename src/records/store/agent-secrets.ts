/** Secrets that tools of agents are called with, sealed: what is in them is known to whoever has the service's secret. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { agentSecrets } from '../../database/schema.js';

export type AgentSecretRow = typeof agentSecrets.$inferSelect;

/** Keeps a secret, in place of the one that has this name. */
export async function keepAgentSecret(
  tx: Orm,
  { workspaceId, name, sealed }: Pick<AgentSecretRow, 'workspaceId' | 'name' | 'sealed'>,
): Promise<AgentSecretRow> {
  const [row] = await tx
    .insert(agentSecrets)
    .values({ workspaceId, name, sealed })
    .onConflictDoUpdate({
      target: [agentSecrets.workspaceId, agentSecrets.name],
      set: { sealed, updatedAt: sql`now()` },
    })
    .returning();
  return row!;
}

/** In the order of their names; of these names alone where there are some. */
export async function listAgentSecrets(
  orm: Orm,
  workspaceId: string,
  names?: readonly string[],
): Promise<AgentSecretRow[]> {
  if (names?.length === 0) return [];
  return orm
    .select()
    .from(agentSecrets)
    .where(
      and(
        eq(agentSecrets.workspaceId, workspaceId),
        names === undefined ? undefined : inArray(agentSecrets.name, [...names]),
      ),
    )
    .orderBy(asc(agentSecrets.name));
}

/** Whether there was one. */
export async function deleteAgentSecret(tx: Orm, workspaceId: string, name: string): Promise<boolean> {
  const rows = await tx
    .delete(agentSecrets)
    .where(and(eq(agentSecrets.workspaceId, workspaceId), eq(agentSecrets.name, name)))
    .returning({ name: agentSecrets.name });
  return rows.length > 0;
}
