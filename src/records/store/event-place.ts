/** Where a row of a meeting's record stands: behind the event of this number, of the process of this epoch. */
import { and, eq, gt, or, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

export type EventPlace = { readonly epoch: number; readonly seq: number };

/** Rows that came after a place; all of them, where there is none. */
export function isBehind(
  table: { readonly epoch: PgColumn; readonly seq: PgColumn },
  place: EventPlace | undefined,
): SQL | undefined {
  if (place === undefined) return undefined;
  const { epoch, seq } = place;
  return or(gt(table.epoch, epoch), and(eq(table.epoch, epoch), gt(table.seq, seq)));
}
