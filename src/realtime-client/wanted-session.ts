import type { WireObject } from '../realtime/providers/wire-form.js';
import {
  FIRST_SESSION,
  formatOf,
  type RealtimeSessionFields,
  type ToolDefinition,
  turnDetectionOf,
  withFields,
} from './session-config.js';
import type { Tool, ToolHandler } from './tool-calls.js';

const PCM_ONLY = 'audio/pcm';

/** What a program wants of its session: the fields it asked for, its own tools, and those that a handler answers. */
export class WantedSession {
  readonly #needsPcm: boolean;
  readonly #tools = new Map<string, Tool>();
  #ownTools: readonly ToolDefinition[] = [];
  #session: WireObject = FIRST_SESSION;

  /** `needsPcm`: a room is heard and spoken to, which has PCM16 only. */
  constructor({ needsPcm }: { needsPcm: boolean }) {
    this.#needsPcm = needsPcm;
  }

  /** The session as it goes out, with all tools. */
  wire(): WireObject {
    const added = [...this.#tools.values()].map(({ definition }) => definition);
    const tools = [...this.#ownTools, ...added].map((definition) => ({ type: 'function', ...definition }));
    return { ...this.#session, tools };
  }

  /** How the session finds turns; null where that is left to the program. */
  get turnDetection(): 'server_vad' | 'semantic_vad' | null {
    const type = turnDetectionOf(this.#session)?.['type'];
    return type === 'server_vad' || type === 'semantic_vad' ? type : null;
  }

  /** Whoever begins to speak silences the model. */
  get isInterrupted(): boolean {
    return turnDetectionOf(this.#session)?.['interrupt_response'] !== false;
  }

  /** Asks for these fields, too; `onDropped` is told of those that no session has any more. Throws an Error as `updateSession` does. */
  update(fields: RealtimeSessionFields, onDropped: (field: string) => void): void {
    const taken = fields.tools?.find(({ name }) => this.#tools.has(name));
    if (taken !== undefined) throw new Error(`Tool "${taken.name}" has already been defined`);
    const session = withFields(this.#session, fields, onDropped);
    const isPcm = formatOf(session, 'input') === PCM_ONLY && formatOf(session, 'output') === PCM_ONLY;
    if (this.#needsPcm && !isPcm) throw new Error('A room is heard and spoken to in pcm16 only');
    this.#session = session;
    this.#ownTools = fields.tools ?? this.#ownTools;
  }

  /** Adds a tool with what answers it, and returns it. Throws an Error as `addTool` does. */
  addTool(definition: ToolDefinition, handler: ToolHandler): Tool {
    const { name } = definition as Partial<ToolDefinition>;
    if (name === undefined || name === '') throw new Error('Missing tool name in definition');
    if (this.#tools.has(name)) {
      throw new Error(
        `Tool "${name}" already added. Please use .removeTool("${name}") before trying to add again.`,
      );
    }
    if (typeof (handler as unknown) !== 'function')
      throw new Error(`Tool "${name}" handler must be a function`);
    if (this.#ownTools.some((tool) => tool.name === name))
      throw new Error(`Tool "${name}" has already been defined`);
    const tool: Tool = { definition, handler };
    this.#tools.set(name, tool);
    return tool;
  }

  /** Throws an Error where there is no such tool. */
  removeTool(name: string): void {
    if (!this.#tools.delete(name)) throw new Error(`Tool "${name}" does not exist, can not be removed.`);
  }

  /** The tool that was added by this name. */
  toolOf(name: string): Tool | undefined {
    return this.#tools.get(name);
  }

  /** As it was before anything was asked for. */
  reset(): void {
    this.#tools.clear();
    this.#ownTools = [];
    this.#session = FIRST_SESSION;
  }
}
