/** What is over its time is forgotten by itself. */
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { createLogger } from '../../src/log.js';
import { insertOneTimeToken, insertSession, insertUser } from '../../src/records/store/access.js';
import { beginRequest, insertWorkspace, keepAnswer } from '../../src/records/store/workspaces.js';
import { RecordsCare } from '../../src/service/meetings/records-care.js';
import { describeDatabase } from '../database/test-databases.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

describeDatabase('embedded', ({ open }) => {
  it('forgets sessions and one-time tokens that are over, and answers to requests of the day before', async () => {
    const database = open();
    const { orm } = database;
    const workspace = await insertWorkspace(orm, { name: 'Care' });
    const user = await insertUser(orm, { workspaceId: workspace.id, name: 'Ana', role: 'owner' });
    const at = (ms: number) => new Date(Date.now() + ms);
    const session = { userId: user.id, userAgent: 'a browser' };
    await insertSession(orm, { ...session, hash: 'over', expiresAt: at(-HOUR_MS) });
    await insertSession(orm, { ...session, hash: 'holds', expiresAt: at(HOUR_MS) });
    await insertOneTimeToken(orm, { hash: 'old', kind: 'setup', expiresAt: at(-25 * HOUR_MS) });
    await insertOneTimeToken(orm, { hash: 'new', kind: 'setup', expiresAt: at(HOUR_MS) });
    const request = { workspaceId: workspace.id, requestHash: 'hash' };
    for (const key of ['yesterday', 'today']) {
      await beginRequest(orm, { ...request, key });
      await keepAnswer(orm, { ...request, key }, { status: 201, response: {} });
    }
    await orm.execute(
      sql`update idempotency set created_at = now() - interval '25 hours' where key = 'yesterday'`,
    );
    const left = async (): Promise<unknown> => ({
      sessions: (await database.query('select hash from sessions where user_id = $1', [user.id])).map(
        ({ hash }) => hash,
      ),
      tokens: (await database.query(`select hash from one_time_tokens where hash in ('old', 'new')`)).map(
        ({ hash }) => hash,
      ),
      requests: (
        await database.query('select key from idempotency where workspace_id = $1', [workspace.id])
      ).map(({ key }) => key),
    });
    const clock = new VirtualClock();
    const care = new RecordsCare({
      ...{ database, clock, log: createLogger({ level: 'silent' }) },
      forget: () => Promise.resolve(),
    });
    care.start();
    clock.advanceBy(MINUTE_MS);
    await care.close();
    expect(await left()).toEqual({ sessions: ['holds'], tokens: ['new'], requests: ['today'] });
  });
});
