/** Tools that settings name, made fit for the agent: at public addresses only, with headers out of secrets that show up nowhere. */
import { messageOf } from '../../../errors.js';
import type { PostGuard } from '../../../outgoing/guarded-post.js';
import { httpToolHandler } from '../http-tool.js';
import type { McpServerConfig } from '../mcp/mcp-config.js';
import type { OpenMcpConnection } from '../mcp/mcp-connection.js';
import { mcpConnections } from '../mcp/open-mcp-connection.js';
import type { AgentTool } from '../tool.js';
import type { ConfiguredServer, HttpTool, ToolSettings } from './tool-settings.js';

/** Shorter ones are in too many words to be taken out of what a service says. */
const MIN_REDACTED_CHARS = 6;

/** What tools of settings are made with. */
export type ToolAccess = {
  /** The value of a secret; undefined where there is none of this name. */
  readonly secretOf: (name: string) => string | undefined;
  /** Where they may be. */
  readonly guard: PostGuard;
};

/** Tools by HTTP. One whose secret is not there fails when it is called, and says so. */
function configuredTools(tools: readonly HttpTool[], access: ToolAccess): AgentTool[] {
  return tools.map(({ url, headers, signedWith, ...options }) => ({
    ...options,
    handler: (args, context) => {
      const values = headersOf(headers, access);
      const signing = signedWith === undefined ? [] : [secretOf(signedWith, access)];
      const about = { name: options.name, url, secrets: signing, headers: values };
      return withoutSecrets(httpToolHandler(about, access.guard)(args, context), headers, access);
    },
  }));
}

/** MCP servers of settings, and how connections to them are opened; others are opened by `openOther`. */
function configuredServers(
  servers: readonly ConfiguredServer[],
  access: ToolAccess,
  openOther: OpenMcpConnection,
): { configs: readonly McpServerConfig[]; open: OpenMcpConnection } {
  const known = new Map<McpServerConfig, ConfiguredServer['headers']>(
    servers.map(({ headers, ...config }) => [config, headers]),
  );
  const openGuarded = mcpConnections(access.guard);
  return {
    configs: [...known.keys()],
    open: async (config, events) => {
      if (!known.has(config)) return openOther(config, events);
      const headers = known.get(config);
      const clean = <Value>(value: Promise<Value>): Promise<Value> => withoutSecrets(value, headers, access);
      const connection = await clean(openGuarded({ ...config, headers: headersOf(headers, access) }, events));
      return {
        listTools: () => clean(connection.listTools()),
        callTool: (name, args, signal) => clean(connection.callTool(name, args, signal)),
        ping: () => clean(connection.ping()),
        close: () => connection.close(),
      };
    },
  };
}

/** Throws Error where a secret is not there. */
function headersOf(headers: HttpTool['headers'], access: ToolAccess): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, { secret, prefix = '' }]) => [
      name,
      prefix + secretOf(secret, access),
    ]),
  );
}

function secretOf(name: string, access: ToolAccess): string {
  const value = access.secretOf(name);
  if (value === undefined) throw new Error(`the secret ${name}, which it is called with, is not there`);
  return value;
}

/** What comes back, without what was sent: a service that echoes its headers would have them told to the model. */
async function withoutSecrets<Value>(
  value: Value | Promise<Value>,
  headers: HttpTool['headers'],
  access: ToolAccess,
): Promise<Value> {
  const secrets = Object.values(headers ?? {})
    .map(({ secret }) => access.secretOf(secret) ?? '')
    .filter(({ length }) => length >= MIN_REDACTED_CHARS);
  const cleaned = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  try {
    return redacted(await value, cleaned) as Value;
  } catch (error) {
    throw new Error(cleaned(messageOf(error)), { cause: error });
  }
}

function redacted(value: unknown, cleaned: (text: string) => string): unknown {
  if (typeof value === 'string') return cleaned(value);
  if (Array.isArray(value)) return value.map((each) => redacted(each, cleaned));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [cleaned(name), redacted(each, cleaned)]),
  );
}

/** The tools and servers of a meeting's settings, beside the operator's own. */
export function toolsOfSettings(
  { agentTools = [], agentServers = [] }: ToolSettings,
  access: ToolAccess,
  openOther: OpenMcpConnection,
): { tools: readonly AgentTool[]; mcpServers: readonly McpServerConfig[]; openMcp: OpenMcpConnection } {
  const { configs, open } = configuredServers(agentServers, access, openOther);
  return { tools: configuredTools(agentTools, access), mcpServers: configs, openMcp: open };
}
