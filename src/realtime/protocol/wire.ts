/** Building blocks of the wire schemas. Field names and shapes: `openai@7.55.0`, resources/realtime/realtime.d.ts. */
import { z } from 'zod';

/**
 * An object of the wire: fields that the schema does not name are kept at run time (a newer server may send them), but
 * have no name in the type, so a misspelt field does not compile.
 */
export function wireObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

/** Plain values: one schema for all their fields, since every schema takes two kilobytes, and there are hundreds of fields. */
export const string = z.string();
export const number = z.number();
export const boolean = z.boolean();

const optionals = new WeakMap<object, unknown>();
const nullables = new WeakMap<object, unknown>();

/** A field that may be absent, but is never sent as `undefined`. */
export function optional<Schema extends z.core.SomeType>(schema: Schema): z.ZodExactOptional<Schema> {
  const known = optionals.get(schema) ?? z.exactOptional(schema);
  optionals.set(schema, known);
  return known as z.ZodExactOptional<Schema>;
}

/** A field that may be absent or null, which servers use interchangeably where the reference says absent. */
export function optionalOrNull<Schema extends z.core.SomeType>(
  schema: Schema,
): z.ZodExactOptional<z.ZodNullable<Schema>> {
  const known = nullables.get(schema) ?? z.nullable(schema);
  nullables.set(schema, known);
  return optional(known as z.ZodNullable<Schema>);
}

/** Milliseconds of audio, 0 or more. */
export const milliseconds = z.number().nonnegative();

/** Position of an output item in its response, or of a content part in its item. */
export const index = z.int().nonnegative();

/** A count of tokens. */
export const tokenCount = z.int().nonnegative();

/** The limit on output tokens of one response: a count, or "inf" for the model's own maximum. */
export const maxOutputTokens = z.union([z.int().positive(), z.literal('inf')]);

/** Up to 16 pairs of strings that a client attaches to a response. */
export const metadata = z.record(string, string);
