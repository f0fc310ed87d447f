/** `tool_choice` that leaves no choice: the stand-in calls, with arguments that fit the function's schema. Pure. */
import { isJsonObject, type JsonObject } from '../config/checks.js';
import type { FunctionTool, Tool, ToolChoice } from '../config/session-config.js';
import type { FunctionCall } from './reply-plan.js';

const MAX_DEPTH = 8;

/** The call that has to be made, of the function that is named or the first; undefined where none has to. */
export function forcedCall(tools: readonly Tool[], choice: ToolChoice): FunctionCall | undefined {
  const functions = tools.filter((tool): tool is FunctionTool => tool.type === 'function');
  const named = typeof choice === 'object' && choice.type === 'function' ? choice.name : undefined;
  if (choice !== 'required' && named === undefined) return undefined;
  const tool = named === undefined ? functions[0] : functions.find(({ name }) => name === named);
  if (tool === undefined) return undefined;
  return { name: tool.name, arguments: JSON.stringify(exampleOf(tool.parameters, 0) ?? {}) };
}

/** A plain value that a JSON schema allows, with what it requires and no more. */
function exampleOf(schema: unknown, depth: number): unknown {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return {};
  const { enum: values, const: constant, default: preset, minimum } = schema;
  if (constant !== undefined) return constant;
  if (preset !== undefined) return preset;
  if (Array.isArray(values) && values.length > 0) return values[0] as unknown;
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'string':
      return '';
    case 'number':
    case 'integer':
      return typeof minimum === 'number' ? minimum : 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'null':
      return null;
    default:
      return requiredOf(schema, depth);
  }
}

function requiredOf(schema: JsonObject, depth: number): Record<string, unknown> {
  const { properties, required } = schema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const fields = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(
    names.map((name) => [name, exampleOf(Object.hasOwn(fields, name) ? fields[name] : {}, depth + 1)]),
  );
}
