/** What a tool takes: as a JSON Schema for the model, and as a check of what it sent. */
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { oneLine } from '../../text.js';
import type { JsonSchema } from './tool.js';

const MAX_PROBLEM_CHARS = 300;
const MAX_PROBLEMS = 5;

/** The arguments of a call, or what is wrong with them, for the model. */
export type CheckedArguments =
  | { readonly kind: 'valid'; readonly args: Readonly<Record<string, unknown>> }
  | { readonly kind: 'invalid'; readonly problem: string };

/** How the arguments of a tool look. */
export type ArgumentsForm = {
  /** For the model. */
  readonly schema: JsonSchema;
  /** Checks the JSON text that the model sent. */
  check(text: string): CheckedArguments;
};

/**
 * Reads the parameters of a tool. A JSON Schema with parts that cannot be checked here is told to the model as it is, and what
 * comes is handed on to the tool unchecked, but for being an object.
 * @throws ParleyError `config` for what is no object's schema.
 */
export function argumentsForm(name: string, parameters: z.ZodObject | JsonSchema): ArgumentsForm {
  const isZod = parameters instanceof z.ZodType;
  const schema = isZod ? jsonSchemaOf(name, parameters) : parameters;
  if (schema['type'] !== 'object') {
    throw new ParleyError('config', `The parameters of the tool ${name} must be a schema of type "object".`);
  }
  const checks = isZod ? parameters : checksOf(schema);
  return { schema, check: (text) => checkText(text, checks) };
}

function jsonSchemaOf(name: string, parameters: z.ZodType): JsonSchema {
  try {
    const schema = z.toJSONSchema(parameters, { io: 'input' });
    return Object.fromEntries(Object.entries(schema).filter(([field]) => field !== '$schema'));
  } catch (cause) {
    const problem = `The parameters of the tool ${name} cannot be written as a JSON Schema: use plain types.`;
    throw new ParleyError('config', problem, { cause });
  }
}

function checksOf(schema: JsonSchema): z.ZodType {
  try {
    return z.fromJSONSchema(schema);
  } catch {
    return z.looseObject({});
  }
}

function checkText(text: string, checks: z.ZodType): CheckedArguments {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return { kind: 'invalid', problem: 'the arguments are no JSON' };
  }
  const parsed = checks.safeParse(value);
  if (parsed.success) {
    const isObject = typeof parsed.data === 'object' && parsed.data !== null && !Array.isArray(parsed.data);
    if (!isObject) return { kind: 'invalid', problem: 'the arguments are no object' };
    return { kind: 'valid', args: parsed.data as Readonly<Record<string, unknown>> };
  }
  const problems = parsed.error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  return { kind: 'invalid', problem: oneLine(problems.join('; '), MAX_PROBLEM_CHARS) };
}
