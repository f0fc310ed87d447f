/** Building blocks of the wire schemas. Field names and shapes: `openai@7.55.0`, resources/realtime/realtime.d.ts. */
import { z } from 'zod';

/**
 * An object of the wire: fields that the schema does not name are kept at run time (a newer server may send them), but
 * have no name in the type, so a misspelt field does not compile.
 */
export function wireObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

/** A field that may be absent, but is never sent as `undefined`. */
export const optional = z.exactOptional;

/** A field that may be absent or null, which servers use interchangeably where the reference says absent. */
export function optionalOrNull<Schema extends z.core.SomeType>(
  schema: Schema,
): z.ZodExactOptional<z.ZodNullable<Schema>> {
  return z.exactOptional(z.nullable(schema));
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
export const metadata = z.record(z.string(), z.string());
