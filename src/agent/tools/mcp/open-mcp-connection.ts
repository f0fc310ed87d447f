/** Connections to MCP servers by the protocol's own client, over stdio and Streamable HTTP. Loaded when the first one is opened. */
import type { Client, Transport } from '@modelcontextprotocol/client';
import { type GuardedFetch, guardedFetch } from '../../../outgoing/guarded-fetch.js';
import type { PostGuard } from '../../../outgoing/guarded-post.js';
import type { McpServerConfig } from './mcp-config.js';
import type { McpConnection, OpenMcpConnection } from './mcp-connection.js';
import { type McpTool, resultText } from './mcp-tool.js';

/** For what is answered at once. */
const ANSWER_MS = 5_000;
/** The client waits so long for more changes of a list. */
const DEBOUNCE_MS = 300;

/**
 * Opens connections. `guard`: where servers by HTTP may be; absent: anywhere, as the operator's own file names them. A server's
 * tools can ask for nothing of ours: the client offers no sampling, no elicitation and no roots.
 */
export function mcpConnections(guard?: PostGuard): OpenMcpConnection {
  return async (config, events) => {
    const { Client } = await import('@modelcontextprotocol/client');
    const client = new Client(
      { name: 'parley', version: '1' },
      {
        capabilities: {},
        listChanged: {
          tools: { autoRefresh: false, debounceMs: DEBOUNCE_MS, onChanged: () => events.changed() },
        },
      },
    );
    const way = await wayTo(config, guard);
    let isOpen = false;
    const close = async (): Promise<void> => {
      isOpen = false;
      await client.close();
      await way.close();
    };
    client.onclose = () => {
      if (isOpen) events.closed();
      isOpen = false;
    };
    try {
      const { connectTimeoutMs: timeout } = config;
      await within(timeout, client.connect(way.transport, { timeout }));
      isOpen = true;
    } catch (error) {
      await close().catch(() => undefined);
      throw error;
    }
    return connectionOf(client, config, close);
  };
}

function connectionOf(
  client: Client,
  { timeoutMs, connectTimeoutMs }: McpServerConfig,
  close: () => Promise<void>,
): McpConnection {
  return {
    listTools: async () => {
      if (client.getServerCapabilities()?.tools === undefined) return [];
      const { tools } = await client.listTools(undefined, {
        timeout: connectTimeoutMs,
        cacheMode: 'refresh',
      });
      return tools.map(({ name, description, inputSchema, annotations }): McpTool => ({
        name,
        description: description ?? '',
        inputSchema,
        readOnly: annotations?.readOnlyHint === true,
      }));
    },
    callTool: async (name, args, signal) => {
      const timeouts = { timeout: timeoutMs, maxTotalTimeout: timeoutMs };
      const result = await client.callTool({ name, arguments: args }, { ...timeouts, signal });
      const text = resultText(result.content, result.structuredContent);
      if (result.isError === true) throw new Error(text === '' ? 'the tool failed' : text);
      return text;
    },
    ping: async () => {
      await client.ping({ timeout: ANSWER_MS });
    },
    close,
  };
}

type Way = { transport: Transport; close: () => Promise<void> };

async function wayTo(config: McpServerConfig, guard: PostGuard | undefined): Promise<Way> {
  if ('command' in config) {
    const { getDefaultEnvironment, StdioClientTransport } =
      await import('@modelcontextprotocol/client/stdio');
    const { command, args, env, cwd } = config;
    const transport = new StdioClientTransport({
      command,
      args,
      env: { ...getDefaultEnvironment(), ...env },
      stderr: 'ignore',
      ...(cwd === undefined ? {} : { cwd }),
    });
    return { transport, close: () => Promise.resolve() };
  }
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const { url, token, headers: given } = config;
  const guarded: { fetch?: GuardedFetch; close: () => Promise<void> } =
    guard === undefined ? { close: () => Promise.resolve() } : await guardedFetch(guard);
  const headers = { ...given, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers, redirect: 'error' },
    ...(guarded.fetch === undefined ? {} : { fetch: guarded.fetch }),
  });
  return { transport, close: guarded.close };
}

/** The client's own limit does not count what comes before its first request, such as a program that is started. */
async function within<Value>(durationMs: number, value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${durationMs / 1_000} s`)), durationMs);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
