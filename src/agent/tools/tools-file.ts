/**
 * Tools from a file of the operator: an ES module that exports `tools`, `mcpServers`, or both. It runs with all that this process may
 * do, and so do the programs that it names.
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.js';
import { mcpServer, type McpServerConfig } from './mcp/mcp-config.js';
import { ToolRegistry } from './tool-registry.js';
import type { AgentTool } from './tool.js';

/** What a file of tools exports. */
export type ToolsFile = {
  readonly tools: readonly AgentTool[];
  readonly mcpServers: readonly McpServerConfig[];
};

/**
 * Reads the tools of the file, and checks each.
 * @throws ParleyError `input_missing` where there is no file, `config` where it cannot be loaded, exports neither list, or one of
 * its tools or servers cannot be used.
 */
export async function readToolsFile(path: string): Promise<ToolsFile> {
  const { tools, mcpServers } = await load(path);
  if (tools === undefined && mcpServers === undefined) {
    const example = 'export const tools = [{ name, description, parameters, level, handler }]';
    throw new ParleyError('config', `The tools file ${path} exports no list of tools: write ${example}.`);
  }
  try {
    return { tools: toolsOf(tools ?? []), mcpServers: serversOf(mcpServers ?? []) };
  } catch (error) {
    throw new ParleyError('config', `The tools file ${path} cannot be used. ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new ParleyError('input_missing', `There is no tools file ${path}.`);
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new ParleyError('config', `The tools file ${path} cannot be loaded: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Adding them shows what is wrong with them. */
function toolsOf(tools: unknown): readonly AgentTool[] {
  if (!Array.isArray(tools)) throw new ParleyError('config', 'tools is no list.');
  const registry = new ToolRegistry();
  for (const [index, entry] of (tools as unknown[]).entries()) {
    if (typeof entry !== 'object' || entry === null)
      throw new ParleyError('config', `tools[${index}] is no object.`);
    const { handler, ...options } = entry as AgentTool;
    registry.addTool(options, handler);
  }
  return tools as readonly AgentTool[];
}

function serversOf(servers: unknown): readonly McpServerConfig[] {
  const { data, error } = z.array(mcpServer).max(20).safeParse(servers);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new ParleyError(
    'config',
    `mcpServers.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}.`,
  );
}
