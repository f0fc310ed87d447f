/** Tools of a workspace on their way into meetings, and what their servers say of themselves. */
import type { McpServerConfig } from '../../agent/tools/mcp/mcp-config.js';
import { levelOf, optionsOf } from '../../agent/tools/mcp/mcp-tool.js';
import { mcpConnections } from '../../agent/tools/mcp/open-mcp-connection.js';
import { toolsOfSettings } from '../../agent/tools/configured/configured-tools.js';
import {
  type ConfiguredServer,
  secretsIn,
  type ToolSettings,
} from '../../agent/tools/configured/tool-settings.js';
import type { ToolLevel } from '../../agent/tools/tool.js';
import type { Orm } from '../../database/database.js';
import { messageOf } from '../../errors.js';
import { cleanUntrusted } from '../../interpreter/instructions/untrusted-text.js';
import type { PostGuard } from '../../outgoing/guarded-post.js';
import { listAgentTools } from '../../records/store/agent-tools.js';
import type { BotRow } from '../../records/store/bots.js';
import { oneLine } from '../../text.js';
import type { SecretBox } from '../auth/secret-box.js';
import { openSecrets } from './agent-secrets.js';

/** Whoever asks waits no longer. */
const LONGEST_TEST_MS = 10_000;
/** More than an agent can be offered. */
const MAX_LISTED = 128;
const MAX_NAME_CHARS = 200;
const MAX_DESCRIPTION_CHARS = 1_000;
const MAX_PROBLEM_CHARS = 300;

/** The bot as it is started: where its settings name no tools or no servers, it has its workspace's. */
export async function withWorkspaceTools(orm: Orm, bot: BotRow): Promise<BotRow> {
  const { agentTools, agentServers } = bot.settings as ToolSettings;
  const tools = agentTools === undefined ? await listAgentTools(orm, bot.workspaceId, 'http') : [];
  const servers = agentServers === undefined ? await listAgentTools(orm, bot.workspaceId, 'mcp') : [];
  const settings = {
    ...bot.settings,
    ...(tools.length === 0 ? {} : { agentTools: tools.map((row) => row.settings) }),
    ...(servers.length === 0 ? {} : { agentServers: servers.map((row) => row.settings) }),
  };
  return { ...bot, settings };
}

/** What came of connecting to a server. What it says is untrusted text. */
export type ServerTest = {
  readonly ok: boolean;
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly level: ToolLevel;
    /** False: what it takes is too long to be told to a model. */
    readonly usable: boolean;
  }[];
  /** Why that did not work. */
  readonly problem?: string;
  readonly durationMs: number;
};

/** Connects to a server of a workspace once, with its secrets, and lists its tools. Never rejects for what the server does. */
export async function testServer(
  orm: Orm,
  workspaceId: string,
  server: ConfiguredServer,
  { box, guard, nowMs }: { box: SecretBox; guard: PostGuard; nowMs: () => number },
): Promise<ServerTest> {
  const connectTimeoutMs = Math.min(server.connectTimeoutMs, LONGEST_TEST_MS);
  const settings: ToolSettings = { agentServers: [{ ...server, connectTimeoutMs }] };
  const names = secretsIn(settings).map(({ name }) => name);
  const values = new Map(Object.entries(await openSecrets(orm, workspaceId, names, box, () => undefined)));
  const access = { secretOf: (name: string) => values.get(name), guard };
  const { mcpServers, openMcp } = toolsOfSettings(settings, access, mcpConnections(guard));
  const [config] = mcpServers as [McpServerConfig];
  const sinceMs = nowMs();
  const durationMs = (): number => Math.round(nowMs() - sinceMs);
  try {
    const connection = await openMcp(config, { changed: () => undefined, closed: () => undefined });
    try {
      const tools = (await connection.listTools()).slice(0, MAX_LISTED).map((tool) => ({
        name: cleanUntrusted(tool.name, MAX_NAME_CHARS),
        description: cleanUntrusted(tool.description, MAX_DESCRIPTION_CHARS),
        level: levelOf(config, tool),
        usable: optionsOf(config, tool) !== undefined,
      }));
      return { ok: true, tools, durationMs: durationMs() };
    } finally {
      await connection.close().catch(() => undefined);
    }
  } catch (error) {
    const problem = oneLine(messageOf(error), MAX_PROBLEM_CHARS);
    return { ok: false, tools: [], problem, durationMs: durationMs() };
  }
}
