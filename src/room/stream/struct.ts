/** Protobuf's `Struct`, as generated code holds it, as plain data. Untrusted. Pure. */

const MAX_DEPTH = 8;

/** The fields of a Struct; empty for what is none. What is nested deeper than eight levels is left out. */
export function fieldsOf(struct: unknown): Readonly<Record<string, unknown>> {
  return fields(struct, 0) ?? {};
}

function fields(struct: unknown, depth: number): Record<string, unknown> | undefined {
  const entries = recordOf(recordOf(struct)?.['fields']);
  if (entries === undefined || depth > MAX_DEPTH) return undefined;
  // By entries: a field may be called __proto__.
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) => {
      const plain = plainOf(value, depth);
      return plain === undefined ? [] : [[name, plain]];
    }),
  );
}

function plainOf(value: unknown, depth: number): unknown {
  const kind = recordOf(recordOf(value)?.['kind']);
  switch (kind?.['oneofKind']) {
    case 'stringValue':
    case 'numberValue':
    case 'boolValue':
      return kind[kind['oneofKind']];
    case 'nullValue':
      return null;
    case 'structValue':
      return fields(kind['structValue'], depth + 1);
    case 'listValue': {
      const values = recordOf(kind['listValue'])?.['values'];
      return Array.isArray(values) && depth < MAX_DEPTH
        ? values.map((entry) => plainOf(entry, depth + 1))
        : undefined;
    }
    default:
      return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
