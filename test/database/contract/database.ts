/** What holds of the handle to any database: transactions, errors, and what comes back. */
import { eq, sql } from 'drizzle-orm';
import { setTimeout as pauseMs } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.js';
import { sqlState, violatedConstraint } from '../../../src/database/errors.js';
import { workspaces } from '../../../src/database/schema.js';
import { findWorkspace, insertWorkspace } from '../../../src/records/store/workspaces.js';

/** Rejects where something hangs. */
function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
  return Promise.race([
    work,
    pauseMs(limitMs, undefined, { ref: false }).then(() => {
      throw new Error('it hangs');
    }),
  ]);
}

export function databaseTests(open: () => Database): void {
  it('the outer handle inside a transaction is an error, where it would wait for ever', async () => {
    const { orm } = open();
    const inside = open().transaction(() => orm.select().from(workspaces));
    await expect(within(2_000, inside)).rejects.toMatchObject({
      cause: { message: 'inside a transaction of the database only its own handle may be used' },
    });
    const nested = open().transaction(() => open().transaction(() => Promise.resolve()));
    await expect(within(2_000, nested)).rejects.toThrow('inside a transaction');
    const raw = open().transaction(() => open().query('select 1'));
    await expect(within(2_000, raw)).rejects.toThrow('inside a transaction');
  });

  it('what a transaction has begun may use the outer handle when it is over', async () => {
    let finish = (): void => undefined;
    const over = new Promise<void>((resolve) => (finish = resolve));
    let later: Promise<unknown> | undefined;
    await open().transaction(() => {
      later = over.then(() => open().orm.select().from(workspaces).limit(1));
      return Promise.resolve();
    });
    finish();
    await expect(later).resolves.toBeInstanceOf(Array);
  });

  it('others wait for a transaction, or see what was before it, and none is lost', async () => {
    const { id } = await insertWorkspace(open().orm, { name: '0' });
    const add = () =>
      open().transaction(async (tx) => {
        const [row] = await tx.select().from(workspaces).where(eq(workspaces.id, id)).for('update');
        await pauseMs(5);
        await tx
          .update(workspaces)
          .set({ name: String(Number(row!.name) + 1) })
          .where(eq(workspaces.id, id));
      });
    await Promise.all([...Array.from({ length: 5 }, add), findWorkspace(open().orm, id)]);
    expect((await findWorkspace(open().orm, id))?.name).toBe('5');
  });

  it('an error says what is wrong, and quotes no value', async () => {
    const { id } = await insertWorkspace(open().orm, { name: 'once' });
    const failed: unknown = await insertWorkspace(open().orm, { id, name: 'sesame' }).catch(
      (error: unknown) => error,
    );
    expect(sqlState(failed)).toBe('23505');
    expect(violatedConstraint(failed)).toBe('workspaces_pkey');
    const everything = JSON.stringify(failed, (_key, value: unknown) =>
      value instanceof Error
        ? Object.assign({}, value, { message: value.message, cause: value.cause })
        : value,
    );
    expect(everything).toContain('workspaces_pkey');
    expect(everything).not.toContain('sesame');
    expect(everything).not.toContain(id);
    const wrong: unknown = await open()
      .query('select $1::int', ['sesame'])
      .catch((error: unknown) => error);
    expect(sqlState(wrong)).toBe('22P02');
  });

  it('both drivers give the same: rows of SQL, and times as text there', async () => {
    const time = sql`timestamptz '2026-03-02 10:00:00.5+00'`;
    const { rows } = await open().orm.execute(sql`select 1::int as n, array['a','b'] as list, ${time} as at`);
    expect(rows).toEqual([{ n: 1, list: ['a', 'b'], at: '2026-03-02 10:00:00.5+00' }]);
    expect(await open().query('select $1::text as a', ['x'])).toEqual([{ a: 'x' }]);
  });
}
