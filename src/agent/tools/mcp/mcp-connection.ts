/** The port to one MCP server: what is asked of it while it is there. */
import type { McpServerConfig } from './mcp-config.js';
import type { McpTool } from './mcp-tool.js';

/** What a connection reports. */
export type McpConnectionEvents = {
  /** The list of its tools is another one now. */
  changed(): void;
  /** It is gone. Called once, and not after `close`. */
  closed(): void;
};

/** One connection. Every promise rejects with an Error that says what happened. */
export interface McpConnection {
  /** All pages of its list. */
  listTools(): Promise<readonly McpTool[]>;
  /** Resolves to what the call gave back, as text. */
  callTool(name: string, args: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<string>;
  /** Resolves when it is still there. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a connection, within the time that its configuration gives. */
export type OpenMcpConnection = (
  config: McpServerConfig,
  events: McpConnectionEvents,
) => Promise<McpConnection>;
