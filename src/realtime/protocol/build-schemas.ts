/**
 * zod writes the code that checks an object when the first one comes. Done before a meeting begins, no first event waits for
 * it, and nothing that other code of the process does later can spoil it.
 */
import type { z } from 'zod';

/** What the definition of a schema may hold of others; which of it, says its kind. */
type Parts = {
  type: string;
  shape?: Readonly<Record<string, z.core.$ZodType>>;
  options?: readonly z.core.$ZodType[];
  innerType?: z.core.$ZodType;
  element?: z.core.$ZodType;
  keyType?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  out?: z.core.$ZodType;
};

/** Writes the code of these schemas and of all that they are made of. */
export function buildSchemas(schemas: Iterable<z.ZodType>): void {
  const built = new Set<z.core.$ZodType>();
  const pending: z.core.$ZodType[] = [...schemas];
  for (let schema = pending.pop(); schema !== undefined; schema = pending.pop()) {
    if (built.has(schema)) continue;
    built.add(schema);
    const parts = schema._zod.def as Parts;
    const { innerType, element, keyType, valueType } = parts;
    if (parts.type === 'object' || parts.type === 'union') (schema as z.ZodType).safeParse({});
    const single = [innerType, element, keyType, valueType, parts.in, parts.out];
    for (const part of [...Object.values(parts.shape ?? {}), ...(parts.options ?? []), ...single])
      if (part !== undefined) pending.push(part);
  }
}
