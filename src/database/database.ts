/** The port to the database: one dialect, two drivers. Repositories are functions over its `orm`, or over a transaction. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { ParleyError } from '../errors.js';

type Rows<Row> = { rows: Row[] };
interface RowsHkt extends PgQueryResultHKT {
  type: Rows<this['row']>;
}

/** What repositories query with: the database itself, or a transaction of it. */
export type Orm = Omit<
  PgDatabase<RowsHkt>,
  'transaction' | 'query' | '_' | '$cache' | 'refreshMaterializedView'
>;

/** An open database. */
export interface Database {
  readonly isPglite: boolean;
  /** Queries outside of any transaction. Using it inside of one throws: there it is `tx` alone. */
  readonly orm: Orm;
  /**
   * Runs `work` in one transaction, which is committed when it resolves and rolled back when it rejects. The embedded
   * database has one connection: others wait until the transaction ends, so `work` waits for nothing but the database. It is
   * run again where the server gave it up for another transaction, so it changes nothing else.
   */
  transaction<Result>(work: (tx: Orm) => Promise<Result>): Promise<Result>;
  /** SQL as it stands, for engines that bring their own; `$1` and so on in `text` stand for `values`. */
  query<Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * Whether it answers within this time. A connection that says nothing for so long is given up: after a cut that nobody was
   * told of, the next one works.
   */
  answers(timeoutMs: number): Promise<boolean>;
  /** Several statements without parameters; the rows of all of them. */
  script(text: string): Promise<Record<string, unknown>[]>;
  /**
   * Writes tables anew, so that what was deleted is in none of their files any more; of the embedded database, in no file at
   * all. Nobody else can use a table meanwhile. Names are SQL.
   */
  rewriteTables(tables: readonly string[]): Promise<void>;
  /** Resolves when everything is written and closed. Safe to call twice. */
  close(): Promise<void>;
}

type Transaction = { isOpen: boolean };
const transactions = new AsyncLocalStorage<Transaction>();

/**
 * Runs the work of a transaction so that {@link assertOutside} knows of it. Without this the embedded database would wait for
 * ever: the outer handle for the transaction to end, and the transaction for the outer handle.
 */
export async function asTransaction<Result>(work: () => Promise<Result>): Promise<Result> {
  assertOutside();
  const transaction: Transaction = { isOpen: true };
  try {
    return await transactions.run(transaction, work);
  } finally {
    transaction.isOpen = false;
  }
}

/** Throws where a transaction is open that the caller is part of. */
export function assertOutside(): void {
  if (transactions.getStore()?.isOpen === true) {
    throw new ParleyError('internal', 'inside a transaction of the database only its own handle may be used');
  }
}
