/** Paging by cursor: a page names the last row that it had, and the next one goes on behind it. */
import { z } from 'zod';
import { Problem } from './problem.js';

/** Query parameters of every list. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(25)
    .meta({ description: 'How many rows a page has.' }),
  cursor: z.exactOptional(z.string().min(1).max(512)).meta({
    description: 'The `nextCursor` of the page before; absent for the first page.',
  }),
};

/** A page of a list. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    data: z.array(row),
    /** Absent on the last page. */
    nextCursor: z
      .string()
      .optional()
      .meta({ description: 'Give it as `cursor` for the next page; absent on the last one.' }),
  });
}

/**
 * A page of `rows`, of which one more was read than a page has, and the cursor of the next page where there is one. `placeOf`: what
 * a cursor holds of the last row.
 */
export function pageFrom<Row>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => readonly (string | number)[],
): { page: readonly Row[]; next: { nextCursor?: string } } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasNext = rows.length > limit && last !== undefined;
  return { page, next: hasNext ? { nextCursor: cursorOf(placeOf(last)) } : {} };
}

/** A cursor for whoever asks for the next page: opaque to them. */
function cursorOf(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values), 'utf8').toString('base64url');
}

const count = z.int().min(0).max(2_147_483_647);
/** Which process of a meeting, and which of its events: what lists of a meeting's record go on behind. */
export const eventPlace = z.tuple([count, count]).transform(([epoch, seq]) => ({ epoch, seq }));

/** What a cursor holds. Throws Problem `invalid_request` for one that is not of this list. */
export function readCursor<Values extends z.ZodType>(cursor: string, schema: Values): z.output<Values> {
  try {
    const json: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return schema.parse(json);
  } catch (cause) {
    const problem = 'is none of this list: give the nextCursor of a page, unchanged';
    throw new Problem('invalid_request', `cursor ${problem}`, {
      errors: [{ path: 'query.cursor', problem }],
      cause,
    });
  }
}
