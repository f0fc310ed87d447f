/** Tools from a file of the operator: an ES module that exports `tools`. It runs with all that this process may do. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, ParleyError } from '../../errors.js';
import type { ToolRegistry } from './tool-registry.js';
import type { AgentTool } from './tool.js';

/**
 * Adds the tools of the file, all or none. Returns how many they are.
 * @throws ParleyError `input_missing` where there is no file, `config` where it cannot be loaded, exports no `tools`, or one of
 * them cannot be added.
 */
export async function addToolsOfFile(registry: ToolRegistry, path: string): Promise<number> {
  const tools = toolsOf(await load(path), path);
  const added: (() => void)[] = [];
  try {
    for (const [index, entry] of tools.entries()) {
      if (typeof entry !== 'object' || entry === null)
        throw new ParleyError('config', `tools[${index}] is no object.`);
      const { handler, ...options } = entry as AgentTool;
      added.push(registry.addTool(options, handler));
    }
  } catch (error) {
    for (const remove of added) remove();
    throw new ParleyError('config', `The tools file ${path} cannot be used. ${messageOf(error)}`, {
      cause: error,
    });
  }
  return tools.length;
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

function toolsOf(module: Readonly<Record<string, unknown>>, path: string): readonly unknown[] {
  const { tools } = module;
  if (Array.isArray(tools)) return tools;
  const example = 'export const tools = [{ name, description, parameters, level, handler }]';
  throw new ParleyError('config', `The tools file ${path} exports no list of tools: write ${example}.`);
}
