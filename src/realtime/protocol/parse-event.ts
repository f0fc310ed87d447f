/** One message of a server to a checked event, whatever the set of events. */
import type { z } from 'zod';
import type { ParsedMessage } from '../transport.js';
import { oneLine } from '../../text.js';

/** What became of a message. `problem` is one short line that holds no more of the message than field names. */
export type ParsedEvent<Event> =
  | { kind: 'event'; event: Event }
  | { kind: 'unknown'; type: string; raw: Readonly<Record<string, unknown>> }
  | { kind: 'malformed'; type?: string; problem: string };

/** Longest name of an event type that is passed on. */
const MAX_TYPE_CHARS = 100;
const MAX_PROBLEM_CHARS = 200;
/**
 * zod would write code for the objects of an event when the first one comes, which takes a tenth of a second for all events of a
 * server, and saves a microsecond each time: it does so for those that have come this often.
 */
const CODE_FROM = 100;
const counts = new WeakMap<z.ZodType, number>();

/**
 * Checks a message, its text or what was parsed of it already; by type, so that a message meets one schema and never a search
 * through all of them.
 */
export function parseEvent<Event>(
  message: string | ParsedMessage,
  schemaByType: ReadonlyMap<string, z.ZodType<Event>>,
): ParsedEvent<Event> {
  let value: unknown = message;
  if (typeof message === 'string') {
    try {
      value = JSON.parse(message);
    } catch {
      return { kind: 'malformed', problem: 'not JSON' };
    }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'malformed', problem: 'not a JSON object' };
  }
  const raw = value as Record<string, unknown>;
  const type = Object.hasOwn(raw, 'type') ? raw['type'] : undefined;
  if (typeof type !== 'string') return { kind: 'malformed', problem: 'type: not a string' };
  const schema = schemaByType.get(type);
  if (schema === undefined) return { kind: 'unknown', type: oneLine(type, MAX_TYPE_CHARS), raw };
  const parsed = schema.safeParse(raw, { jitless: !isFrequent(schema) });
  if (parsed.success) return { kind: 'event', event: parsed.data };
  return { kind: 'malformed', type, problem: describeIssues(parsed.error.issues) };
}

function isFrequent(schema: z.ZodType): boolean {
  const count = (counts.get(schema) ?? 0) + 1;
  if (count <= CODE_FROM) counts.set(schema, count);
  return count > CODE_FROM;
}

/** The first problem by the path of its field, such as `response.id: expected string`. */
function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const issue = issues[0];
  if (issue === undefined) return 'does not match its schema';
  return oneLine(`${issue.path.map(String).join('.')}: ${issue.message}`, MAX_PROBLEM_CHARS);
}
