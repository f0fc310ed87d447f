import type { Clock, TimerHandle } from '../../../clock.js';
import { messageOf } from '../../../errors.js';
import { Backoff } from '../../../realtime/connection/backoff.js';
import { isDeepStrictEqual } from 'node:util';
import { oneLine } from '../../../text.js';
import type { ToolRegistry } from '../tool-registry.js';
import type { McpServerConfig } from './mcp-config.js';
import type { McpConnection, OpenMcpConnection } from './mcp-connection.js';
import { type McpTool, optionsOf } from './mcp-tool.js';

const BACKOFF = { firstMs: 1_000, longestMs: 60_000, jitter: 0.2 };
/** A server that says nothing is asked whether it is there. */
const PING_MS = 30_000;
const MAX_PROBLEM_CHARS = 300;

/** What became of a server, for people. */
export type McpServerStatus = {
  readonly name: string;
  readonly state: 'connecting' | 'ready' | 'gone' | 'closed';
  readonly tools: number;
  /** Why it is gone, or what of its tools could not be added. */
  readonly problem: string | undefined;
  readonly connections: number;
};

/** What a server is kept with. */
type McpServerOptions = {
  readonly config: McpServerConfig;
  readonly registry: ToolRegistry;
  readonly clock: Clock;
  readonly open: OpenMcpConnection;
  readonly onStatus?: (status: McpServerStatus) => void;
};

type Added = { readonly tool: McpTool; readonly remove: () => void };

/**
 * One MCP server and its tools in the registry: they are there while it is, they change when its list does, and a server that is
 * gone is connected to again, after one second to a minute.
 */
export class McpServer {
  readonly #options: McpServerOptions;
  readonly #backoff: Backoff;
  readonly #added = new Map<string, Added>();
  #connection: McpConnection | undefined;
  /** Of the present attempt: events of others are of the past. */
  #attempt = 0;
  #state: McpServerStatus['state'] = 'connecting';
  #problem: string | undefined;
  #connections = 0;
  #timer: TimerHandle | undefined;

  constructor(options: McpServerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(() => options.clock.random(), BACKOFF);
  }

  get status(): McpServerStatus {
    const { name } = this.#options.config;
    const tools = this.#added.size;
    return { name, state: this.#state, tools, problem: this.#problem, connections: this.#connections };
  }

  /** Connects. Resolves when its tools are there, or when that did not work for now; never rejects. */
  async start(): Promise<void> {
    const { config, open } = this.#options;
    if (this.#state === 'closed') return;
    const attempt = ++this.#attempt;
    const isPast = () => attempt !== this.#attempt;
    let connection: McpConnection | undefined;
    try {
      connection = await open(config, {
        changed: () => {
          if (!isPast()) void this.#refresh(attempt);
        },
        closed: () => {
          if (!isPast()) this.#gone('it ended the connection');
        },
      });
      if (isPast()) throw new Error('closed meanwhile');
      this.#connection = connection;
      const tools = await connection.listTools();
      if (isPast()) throw new Error('closed meanwhile');
      this.#connections++;
      this.#backoff.succeeded();
      this.#take(tools, connection);
      this.#become('ready');
      this.#pingLater(attempt);
    } catch (error) {
      await connection?.close().catch(() => undefined);
      if (!isPast()) this.#gone(messageOf(error));
    }
  }

  /** Ends the connection, and removes its tools. */
  async close(): Promise<void> {
    this.#attempt++;
    this.#timer?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    this.#removeAll();
    if (this.#state !== 'closed') this.#become('closed');
    await connection?.close().catch(() => undefined);
  }

  async #refresh(attempt: number): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#state !== 'ready') return;
    try {
      const tools = await connection.listTools();
      if (attempt !== this.#attempt) return;
      this.#problem = undefined;
      this.#take(tools, connection);
      this.#become('ready');
    } catch (error) {
      if (attempt === this.#attempt) this.#gone(messageOf(error));
    }
  }

  /** Makes the registry's tools those of the list; what has not changed stays. */
  #take(tools: readonly McpTool[], connection: McpConnection): void {
    const { config, registry } = this.#options;
    const listed = new Map(tools.map((tool) => [tool.name, tool]));
    for (const [name, { tool, remove }] of [...this.#added]) {
      if (isDeepStrictEqual(listed.get(name), tool)) continue;
      remove();
      this.#added.delete(name);
    }
    for (const [name, tool] of listed) {
      if (this.#added.has(name)) continue;
      const options = optionsOf(config, tool);
      if (options === undefined) {
        this.#problem = oneLine(`its tool ${name} takes too much to be described`, MAX_PROBLEM_CHARS);
        continue;
      }
      try {
        const remove = registry.addTool(options, (args, { signal }) =>
          connection.callTool(name, args, signal),
        );
        this.#added.set(name, { tool, remove });
      } catch (error) {
        this.#problem = oneLine(messageOf(error), MAX_PROBLEM_CHARS);
      }
    }
  }

  #gone(problem: string): void {
    if (this.#state === 'closed') return;
    this.#attempt++;
    this.#timer?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    this.#removeAll();
    this.#problem = oneLine(problem, MAX_PROBLEM_CHARS);
    this.#timer = this.#options.clock.setTimer(() => {
      this.#problem = undefined;
      void this.start();
    }, this.#backoff.failed());
    this.#become('gone');
    void connection?.close().catch(() => undefined);
  }

  #removeAll(): void {
    for (const { remove } of this.#added.values()) remove();
    this.#added.clear();
  }

  #pingLater(attempt: number): void {
    this.#timer = this.#options.clock.setTimer(() => {
      void this.#ping(attempt);
    }, PING_MS);
  }

  async #ping(attempt: number): Promise<void> {
    try {
      await this.#connection?.ping();
      if (attempt === this.#attempt) this.#pingLater(attempt);
    } catch (error) {
      if (attempt === this.#attempt) this.#gone(messageOf(error));
    }
  }

  #become(state: McpServerStatus['state']): void {
    this.#state = state;
    this.#options.onStatus?.(this.status);
  }
}
