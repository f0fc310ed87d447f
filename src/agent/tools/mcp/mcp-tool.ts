/** What an MCP server says of its tools, made fit for the registry: nobody vouches for it. Pure. */
import { cleanUntrusted } from '../../../interpreter/instructions/untrusted-text.js';
import { serverToolName } from '../tool-names.js';
import type { JsonSchema, ToolLevel, ToolOptions } from '../tool.js';
import type { McpServerConfig } from './mcp-config.js';

const MAX_DESCRIPTION_CHARS = 1_000;
const MAX_SCHEMA_CHARS = 20_000;
/** A call fails before it is told to be still running: whether it was done is then for the server to say. */
const ANSWER_MS = 1_000;

/** A tool as its server lists it. */
export type McpTool = {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** The server says that it changes nothing. */
  readonly readOnly: boolean;
};

/** What it may do: what the operator said, and otherwise only with somebody's yes. */
export function levelOf(
  config: Pick<McpServerConfig, 'levels' | 'trustsReadOnlyHint'>,
  tool: McpTool,
): ToolLevel {
  const listed = Object.hasOwn(config.levels, tool.name) ? config.levels[tool.name] : undefined;
  return listed ?? (config.trustsReadOnlyHint && tool.readOnly ? 'read' : 'confirm');
}

/** As it is added to the registry; undefined for one whose parameters are too long to be told to a model. */
export function optionsOf(config: McpServerConfig, tool: McpTool): ToolOptions<JsonSchema> | undefined {
  const { inputSchema } = tool;
  const parameters = Object.fromEntries(Object.entries(inputSchema).filter(([name]) => name !== '$schema'));
  if (JSON.stringify(parameters).length > MAX_SCHEMA_CHARS) return undefined;
  return {
    name: serverToolName(config.name, tool.name),
    description: cleanUntrusted(tool.description, MAX_DESCRIPTION_CHARS),
    parameters,
    level: levelOf(config, tool),
    timeoutMs: Math.min(config.timeoutMs + ANSWER_MS, 600_000),
  };
}

/** One part of what a call gave back (MCP: ContentBlock), as far as it is read. */
export type McpContent = {
  readonly type: string;
  readonly text?: string | undefined;
  readonly uri?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly resource?: { readonly uri?: string | undefined; readonly text?: string | undefined } | undefined;
};

/** What a call gave back, as text: what is no text is named. Structured content stands in where there is none. */
export function resultText(content: readonly McpContent[], structured: unknown): string {
  const parts = content.map((part) => {
    if (part.type === 'text') return part.text ?? '';
    const text = part.resource?.text;
    if (text !== undefined) return text;
    const where = part.uri ?? part.resource?.uri ?? part.mimeType;
    return `[${part.type}${where === undefined ? '' : ` ${where}`}]`;
  });
  const text = parts.filter((part) => part !== '').join('\n');
  return text === '' && structured !== undefined ? JSON.stringify(structured) : text;
}
