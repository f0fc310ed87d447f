/** Tools that agents of a workspace have by default: HTTP services, and MCP servers by Streamable HTTP. */
import { z } from 'zod';
import {
  configuredServer,
  httpTool,
  MAX_SERVERS,
  MAX_TOOLS,
  type ToolSettings,
} from '../../../agent/tools/configured/tool-settings.js';
import {
  type AgentToolRow,
  deleteAgentTool,
  findAgentTool,
  insertAgentTool,
  listAgentTools,
  type NotKept,
  updateAgentTool,
} from '../../../records/store/agent-tools.js';
import { testServer } from '../../agent/workspace-tools.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { Problem } from '../problem.js';
import { checked } from '../request-values.js';
import { type Route, route } from '../route.js';
import { checkTools } from './check-tools.js';

const TAG = 'Agent';
/** Servers that are being tried at the same time. */
const MAX_TESTS = 8;

const own = { id: z.string(), createdAt: z.string(), updatedAt: z.string() };
const serverTest = z
  .object({
    ok: z.boolean(),
    tools: z.array(
      z.object({
        name: z.string().meta({ description: 'As the server calls it, and as `levels` does: untrusted.' }),
        description: z.string().meta({ description: 'What the server says of it: untrusted.' }),
        level: z.enum(['read', 'write', 'confirm', 'host']),
        usable: z.boolean().meta({ description: 'False: what it takes is too long to be told to a model.' }),
      }),
    ),
    problem: z.string().optional().meta({ description: 'Why that did not work.' }),
    durationMs: z.int(),
  })
  .meta({ id: 'McpServerTest' });

/** How the two kinds are called, and what they are. */
const HTTP = {
  kind: 'http',
  path: '/v1/tools',
  param: 'toolId',
  name: 'Tool',
  what: 'tool',
  about: 'An HTTP service that agents call.',
  idPattern: /^tool_[\w-]{1,64}$/,
  schema: httpTool,
  most: MAX_TOOLS,
  settingsOf: (settings: unknown) => ({ agentTools: [settings] }) as ToolSettings,
} as const;
const MCP = {
  kind: 'mcp',
  path: '/v1/mcp-servers',
  param: 'serverId',
  name: 'McpServer',
  what: 'MCP server',
  about: 'An MCP server, by Streamable HTTP, whose tools agents call.',
  idPattern: /^mcp_[\w-]{1,64}$/,
  schema: configuredServer,
  most: MAX_SERVERS,
  settingsOf: (settings: unknown) => ({ agentServers: [settings] }) as ToolSettings,
} as const;

export function workspaceToolRoutes(parts: ServiceParts): Route[] {
  return [...crudRoutes(parts, HTTP), ...crudRoutes(parts, MCP), testRoute(parts)];
}

function crudRoutes(parts: ServiceParts, of: typeof HTTP | typeof MCP): Route[] {
  const { database } = parts;
  const { kind, path, param, name, what, most } = of;
  // One type for both: what it holds is checked by the schema of its kind.
  const schema = of.schema as z.ZodObject;
  const answer = z.object({ ...schema.shape, ...own }).meta({ id: name, description: of.about });
  const params = z.strictObject({ [param]: z.string().regex(of.idPattern) });
  const idIn = (given: Record<string, unknown>): string => given[param] as string;
  const onePath = `${path}/{${param}}`;
  const read = { tag: TAG, scope: 'bots:read' as const };
  const write = { tag: TAG, scope: 'admin' as const };
  const check = (workspaceId: string, settings: unknown): Promise<void> =>
    checkTools(parts, workspaceId, of.settingsOf(settings), (at) => at.replace(/^\w+\[0\]\./, ''));
  const kept = <Row extends object>(row: Row | NotKept | undefined, id?: string): Row => {
    switch (row) {
      case undefined:
        throw noSuch(of, id!);
      case 'too_many':
        throw new Problem('conflict', `a workspace has ${most} of these at most: delete one first`);
      case 'name_taken': {
        const problem = `is the name of another ${what}`;
        throw new Problem('conflict', `name: ${problem}`, { errors: [{ path: 'name', problem }] });
      }
      default:
        return row;
    }
  };
  return [
    route(
      {
        ...{ method: 'GET', path, id: `list${name}s`, ...read },
        summary: `Every ${what} that agents of the workspace have by default`,
        answer: z.object({ data: z.array(answer) }),
      },
      async ({ caller }) => ({
        json: { data: (await listAgentTools(database.orm, caller.workspaceId, kind)).map(shown) },
      }),
    ),
    route(
      {
        ...{ method: 'POST', path, id: `create${name}`, ...write, status: 201 },
        summary: `Adds a ${what}, for all meetings that begin from now on and name none`,
        ...{ body: schema, answer, problems: ['conflict'] },
      },
      async (call) => {
        const { workspaceId } = call.caller;
        const settings = call.body as AgentToolRow['settings'];
        await check(workspaceId, settings);
        const about = { action: `agent.${kind}.create`, target: settings.name };
        const row = await audited(parts, call, about, async (tx) =>
          kept(await insertAgentTool(tx, { workspaceId, kind, settings }, most)),
        );
        return { headers: { location: `${path}/${row.id}` }, json: shown(row) };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: onePath, id: `get${name}`, ...read },
        summary: `Reads a ${what}`,
        params,
        answer,
      },
      async ({ caller, params: given }) => {
        const row = await findAgentTool(database.orm, caller.workspaceId, kind, idIn(given));
        return { json: shown(kept(row, idIn(given))) };
      },
    ),
    route(
      {
        ...{ method: 'PATCH', path: onePath, id: `change${name}`, ...write },
        summary: `Changes a ${what}; null stands for the default`,
        description: 'Meetings that run keep what they began with.',
        ...{ params, body: patchOf(schema), answer, problems: ['conflict'] },
      },
      async (call) => {
        const { workspaceId } = call.caller;
        const id = idIn(call.params);
        const before = kept(await findAgentTool(database.orm, workspaceId, kind, id), id);
        const merged = Object.entries({ ...before.settings, ...(call.body as object) });
        const settings = checked(
          schema,
          Object.fromEntries(merged.filter(([, value]) => value !== null)),
        ) as AgentToolRow['settings'];
        await check(workspaceId, settings);
        const row = await audited(parts, call, { action: `agent.${kind}.change`, target: id }, async (tx) =>
          kept(await updateAgentTool(tx, { workspaceId, kind, id, settings }), id),
        );
        return { json: shown(row) };
      },
    ),
    route(
      {
        ...{ method: 'DELETE', path: onePath, id: `delete${name}`, ...write },
        summary: `Deletes a ${what}`,
        params,
      },
      async (call) => {
        const id = idIn(call.params);
        await audited(parts, call, { action: `agent.${kind}.delete`, target: id }, async (tx) => {
          const deleted = await deleteAgentTool(tx, call.caller.workspaceId, kind, id);
          if (deleted === undefined) throw noSuch(of, id);
        });
        return { json: undefined };
      },
    ),
  ];
}

function testRoute(parts: ServiceParts): Route {
  const { database, secrets: box, webhookGuard: guard, clock } = parts;
  let running = 0;
  return route(
    {
      ...{ method: 'POST', path: `${MCP.path}/{serverId}/test`, id: 'testMcpServer', tag: TAG },
      ...{ scope: 'admin', repeatable: true, answer: serverTest },
      summary: 'Connects to an MCP server once, and lists its tools with what they may do',
      description: 'That it did not work is no problem of the request: `ok` is false then.',
      params: z.strictObject({ serverId: z.string().regex(MCP.idPattern) }),
    },
    async ({ caller: { workspaceId }, params: { serverId } }) => {
      const row = await findAgentTool(database.orm, workspaceId, 'mcp', serverId);
      if (row === undefined) throw noSuch(MCP, serverId);
      if (running >= MAX_TESTS)
        throw new Problem('too_many_requests', `${MAX_TESTS} servers are being tried: wait a moment`, {
          retryAfterS: 5,
        });
      running++;
      try {
        const nowMs = (): number => clock.nowMs();
        const test = await testServer(database.orm, workspaceId, row.settings, { box, guard, nowMs });
        return { json: { ...test, tools: [...test.tools] } };
      } finally {
        running--;
      }
    },
  );
}

/** The fields of a schema for a change: what is absent stays, and null stands for the default. */
function patchOf(schema: z.ZodObject): z.ZodType {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const isWrapped = field instanceof z.ZodDefault || field instanceof z.ZodExactOptional;
    const inner = (isWrapped ? field.unwrap() : field) as z.ZodType;
    const about = (field as z.ZodType).meta();
    return [name, (about === undefined ? inner : inner.meta(about)).nullable().optional()] as const;
  });
  return z
    .strictObject(Object.fromEntries(fields))
    .refine((change) => Object.keys(change).length > 0, 'changes nothing: name at least one field');
}

function noSuch({ what }: typeof HTTP | typeof MCP, id: string): Problem {
  return new Problem('not_found', `there is no ${what} ${id} in this workspace`);
}

function shown({ id, settings, createdAt, updatedAt }: AgentToolRow) {
  return { ...settings, id, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
