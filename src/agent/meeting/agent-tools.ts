import type { Clock } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { McpServer } from '../tools/mcp/mcp-server.js';
import type { McpServerConfig } from '../tools/mcp/mcp-config.js';
import type { OpenMcpConnection } from '../tools/mcp/mcp-connection.js';
import { ToolRegistry } from '../tools/tool-registry.js';
import type { AgentTool } from '../tools/tool.js';

/** The tools of one meeting's agent, and the servers that some of them come from. */
export class AgentTools {
  readonly registry = new ToolRegistry();
  readonly #servers: McpServer[] = [];

  /** @throws ParleyError `config` for a tool that cannot be added */
  add(tools: readonly AgentTool[]): void {
    for (const { handler, ...options } of tools) this.registry.addTool(options, handler);
  }

  /** Adds those that can be; `onRefused` is told of each other one. */
  offer(tools: readonly AgentTool[], onRefused: (problem: string) => void): void {
    for (const tool of tools) {
      try {
        this.add([tool]);
      } catch (error) {
        onRefused(messageOf(error));
      }
    }
  }

  /** Connects to these servers: their tools are there when they are. `onGone` is told of each that cannot be reached, once. */
  connect(
    configs: readonly McpServerConfig[],
    open: OpenMcpConnection,
    clock: Clock,
    onGone: (name: string, problem: string) => void,
  ): void {
    for (const config of configs) {
      let told: string | undefined;
      const server = new McpServer({
        ...{ config, clock, open, registry: this.registry },
        onStatus: ({ name, state, problem }) => {
          if (state === 'ready') told = undefined;
          if (state !== 'gone' || problem === undefined || told === problem) return;
          told = problem;
          onGone(name, problem);
        },
      });
      this.#servers.push(server);
      void server.start();
    }
  }

  /** The servers are left. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}
