/** Tools that agents of a workspace have where a meeting names none: HTTP services and MCP servers. */
import { and, asc, eq, sql } from 'drizzle-orm';
import {
  configuredServer,
  type ConfiguredServer,
  type HttpTool,
  httpTool,
} from '../../agent/tools/configured/tool-settings.js';
import type { Orm } from '../../database/database.js';
import { agentTools, workspaces } from '../../database/schema.js';
import { newId } from '../../ids.js';

/** What settings each kind has. */
type SettingsOf = { readonly http: HttpTool; readonly mcp: ConfiguredServer };
export type AgentToolKind = keyof SettingsOf;
/** One tool or server of a workspace. */
export type AgentToolRow<Kind extends AgentToolKind = AgentToolKind> = Omit<
  typeof agentTools.$inferSelect,
  'kind' | 'settings'
> & { readonly kind: Kind; readonly settings: SettingsOf[Kind] };

const SCHEMAS = { http: httpTool, mcp: configuredServer } as const;
const ID_KINDS = { http: 'tool', mcp: 'mcp' } as const;

/** Why one was not kept: the workspace has one of this name, or as many as it may. */
export type NotKept = 'name_taken' | 'too_many';

/** Adds one. Of those who add at the same time, none goes beyond `most`. */
export async function insertAgentTool<Kind extends AgentToolKind>(
  tx: Orm,
  { workspaceId, kind, settings }: { workspaceId: string; kind: Kind; settings: SettingsOf[Kind] },
  most: number,
): Promise<AgentToolRow<Kind> | NotKept> {
  await takeWorkspace(tx, workspaceId);
  const known = await listAgentTools(tx, workspaceId, kind);
  if (known.some(({ name }) => name === settings.name)) return 'name_taken';
  if (known.length >= most) return 'too_many';
  const { name } = settings;
  const [row] = await tx
    .insert(agentTools)
    .values({ id: newId(ID_KINDS[kind]), workspaceId, kind, name, settings })
    .returning();
  return { ...row!, kind, settings };
}

/** Undefined where the workspace has no such one. */
export async function updateAgentTool<Kind extends AgentToolKind>(
  tx: Orm,
  { workspaceId, kind, id, settings }: Pick<AgentToolRow<Kind>, 'workspaceId' | 'kind' | 'id' | 'settings'>,
): Promise<AgentToolRow<Kind> | 'name_taken' | undefined> {
  await takeWorkspace(tx, workspaceId);
  const known = await listAgentTools(tx, workspaceId, kind);
  if (known.some((each) => each.name === settings.name && each.id !== id)) return 'name_taken';
  const [row] = await tx
    .update(agentTools)
    .set({ name: settings.name, settings, updatedAt: sql`now()` })
    .where(isThis(workspaceId, kind, id))
    .returning();
  return row === undefined ? undefined : { ...row, kind, settings };
}

/** In the order of their names. One that this version cannot read is left out. */
export async function listAgentTools<Kind extends AgentToolKind>(
  orm: Orm,
  workspaceId: string,
  kind: Kind,
): Promise<AgentToolRow<Kind>[]> {
  const rows = await orm
    .select()
    .from(agentTools)
    .where(and(eq(agentTools.workspaceId, workspaceId), eq(agentTools.kind, kind)))
    .orderBy(asc(agentTools.name));
  return rows.flatMap((row) => {
    const { data } = SCHEMAS[kind].safeParse(row.settings);
    return data === undefined ? [] : [{ ...row, kind, settings: data as SettingsOf[Kind] }];
  });
}

export async function findAgentTool<Kind extends AgentToolKind>(
  orm: Orm,
  workspaceId: string,
  kind: Kind,
  id: string,
): Promise<AgentToolRow<Kind> | undefined> {
  return (await listAgentTools(orm, workspaceId, kind)).find((row) => row.id === id);
}

/** Its name; undefined where there was none. */
export async function deleteAgentTool(
  tx: Orm,
  workspaceId: string,
  kind: AgentToolKind,
  id: string,
): Promise<string | undefined> {
  const [row] = await tx
    .delete(agentTools)
    .where(isThis(workspaceId, kind, id))
    .returning({ name: agentTools.name });
  return row?.name;
}

function isThis(workspaceId: string, kind: AgentToolKind, id: string) {
  return and(eq(agentTools.workspaceId, workspaceId), eq(agentTools.kind, kind), eq(agentTools.id, id));
}

/** Whoever changes tools of a workspace does it one after the other. */
async function takeWorkspace(tx: Orm, id: string): Promise<void> {
  await tx.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.id, id)).for('update');
}
