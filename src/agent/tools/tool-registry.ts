import type { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { EventEmitter, type EventSource } from '../../events.js';
import type { ToolDefinition } from '../../realtime/session-tools.js';
import { shortened } from '../../text.js';
import { type ArgumentsForm, argumentsForm } from './tool-arguments.js';
import { wireName } from './tool-names.js';
import type { ArgumentsOf, JsonSchema, ToolHandler, ToolLevel, ToolOptions } from './tool.js';

/** The API takes no more. */
const MAX_TOOLS = 128;
const MAX_DESCRIPTION_CHARS = 4_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const LONGEST_TIMEOUT_MS = 600_000;
const LEVELS: ReadonlySet<string> = new Set(['read', 'write', 'confirm', 'host']);

/** What the model is told about calls that change something. */
const SAY_FIRST = 'This changes something: say what you are about to do before you call it.';

/** A tool that was added. */
export type RegisteredTool = {
  readonly name: string;
  /** The name that the model sees. */
  readonly wireName: string;
  readonly description: string;
  readonly level: ToolLevel;
  readonly timeoutMs: number;
  readonly form: ArgumentsForm;
  readonly handler: ToolHandler;
};

/** The tools of an agent: added by the library, from a file, from servers, and gone when their server is. */
export class ToolRegistry {
  readonly #tools = new Map<string, RegisteredTool>();
  readonly #events = new EventEmitter<{ changed: [] }>();
  #definitions: readonly ToolDefinition[] | undefined;

  /** `changed`: a tool was added or removed. */
  get events(): EventSource<{ changed: [] }> {
    return this.#events;
  }

  /** Every tool, in the order in which they were added. */
  get all(): readonly RegisteredTool[] {
    return [...this.#tools.values()];
  }

  /** The tools for a session. The same array as long as nothing has changed. */
  get definitions(): readonly ToolDefinition[] {
    return (this.#definitions ??= this.all.map(definitionOf));
  }

  /**
   * Adds a tool. Returns a function that removes it again.
   * @throws ParleyError `config` for a name that is taken, a level or limit that is none, parameters that are no object's schema,
   * and beyond 128 tools.
   */
  addTool<Parameters extends z.ZodObject | JsonSchema>(
    options: ToolOptions<Parameters>,
    handler: ToolHandler<ArgumentsOf<Parameters>>,
  ): () => void {
    const tool = registered(options, handler as ToolHandler);
    const taken = this.#tools.get(tool.wireName);
    if (taken !== undefined) throw new ParleyError('config', `There is a tool ${taken.name} already.`);
    if (this.#tools.size >= MAX_TOOLS) {
      throw new ParleyError('config', `The tool ${tool.name} is one too many: ${MAX_TOOLS} can be offered.`);
    }
    this.#tools.set(tool.wireName, tool);
    this.#changed();
    return () => {
      if (this.#tools.get(tool.wireName) !== tool) return;
      this.#tools.delete(tool.wireName);
      this.#changed();
    };
  }

  /** Removes a tool by its own name. Returns whether there was one. Calls of it that run go on. */
  removeTool(name: string): boolean {
    const removed = this.#tools.delete(wireName(name));
    if (removed) this.#changed();
    return removed;
  }

  /** The tool that the model calls by this name. */
  find(calledAs: string): RegisteredTool | undefined {
    return this.#tools.get(calledAs);
  }

  #changed(): void {
    this.#definitions = undefined;
    this.#events.emit('changed');
  }
}

function registered(options: ToolOptions, handler: ToolHandler): RegisteredTool {
  const { name, description, level, parameters, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (typeof name !== 'string' || name === '') throw new ParleyError('config', 'A tool has no name.');
  const problem = (what: string) => new ParleyError('config', `The tool ${shortened(name, 100)} ${what}.`);
  if (!LEVELS.has(level)) throw problem('needs a level: read, write, confirm or host');
  if (typeof description !== 'string') throw problem('needs a description');
  if (typeof handler !== 'function') throw problem('needs a handler');
  if (typeof parameters !== 'object') throw problem('needs parameters: a zod object or a JSON Schema');
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw problem(`has a timeoutMs of ${timeoutMs}: allowed is up to ${LONGEST_TIMEOUT_MS}`);
  }
  const form = argumentsForm(name, parameters);
  return { name, wireName: wireName(name), description, level, timeoutMs, form, handler };
}

function definitionOf({ wireName: name, description, level, form }: RegisteredTool): ToolDefinition {
  const text = level === 'read' ? description : `${description} ${SAY_FIRST}`.trim();
  return { name, description: shortened(text, MAX_DESCRIPTION_CHARS), parameters: form.schema };
}
