/** From one database into another of the other kind, and back. */
import { rm } from 'node:fs/promises';
import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open.js';
import * as schema from '../../src/database/schema.js';
import { exportDatabase, importDatabase, TABLES } from '../../src/database/transfer.js';
import { insertApiKey, insertPasskey, insertUser } from '../../src/records/store/access.js';
import { insertNote } from '../../src/records/store/notes.js';
import { search } from '../../src/records/store/search.js';
import { keepDelivery, insertWebhook } from '../../src/records/store/webhooks.js';
import { takeFromOutbox } from '../../src/records/store/outbox.js';
import { seeWorker } from '../../src/records/store/workers.js';
import { addAudit, beginRequest, serviceValue } from '../../src/records/store/workspaces.js';
import { caption, joined, kept, running, started } from './contract/record.js';
import { embeddedFolder, hasPostgres, newPostgresUrl } from './test-databases.js';

it('every table is exported', () => {
  const all = Object.values(schema)
    .filter((each) => is(each, PgTable))
    .map((table) => getTableName(table));
  expect([...TABLES].sort()).toEqual(all.sort());
});

const toClose: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of toClose.reverse()) await close();
});

async function embedded(): Promise<Database> {
  const folder = await embeddedFolder();
  const database = await openDatabase(folder);
  toClose.push(
    () => rm(folder, { recursive: true }),
    () => database.close(),
  );
  return database;
}

async function onServer(): Promise<Database> {
  const database = await openDatabase(await newPostgresUrl(), { schema: 'apply' });
  toClose.push(() => database.close());
  return database;
}

async function exported(database: Database): Promise<string[]> {
  const lines: string[] = [];
  const count = await exportDatabase(database, (line) => lines.push(line));
  expect(count).toBe(lines.length - 1);
  return lines;
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** A row in every table but those of what is over in a moment. */
async function filled(database: Database): Promise<string> {
  const { orm } = database;
  const meeting = await running(database, 'moved \\ "quoted" ü 会');
  const { workspaceId, bot } = meeting;
  await kept(database, meeting, [
    started(1),
    joined(2, 'ana', 'Ana'),
    ...Array.from({ length: 600 }, (_, n) =>
      caption(n + 3, ['ana', 'es', `palabra número ${n}`], ['en', 'word']),
    ),
  ]);
  const user = await insertUser(orm, { workspaceId, name: 'Ana', role: 'owner' });
  const publicKey = Uint8Array.from([0, 255, 10, 92]);
  await insertPasskey(orm, {
    id: 'cred',
    userId: user.id,
    publicKey,
    counter: 1,
    transports: ['a,b', '"'],
    name: '',
  });
  await insertApiKey(orm, {
    workspaceId,
    name: 'k',
    prefix: 'pk',
    hash: 'h',
    scopes: ['bots:read', 'admin'],
  });
  await beginRequest(orm, { workspaceId, key: 'k', requestHash: 'h' });
  await database.transaction((tx) =>
    insertNote(tx, { botId: bot.id, workspaceId, kind: 'note', text: 'Notiz', by: 'usr_1' }),
  );
  await addAudit(orm, { workspaceId, actorKind: 'user', actorId: 'u', action: 'a', target: '', detail: {} });
  const worker = { id: 'wrk_1', address: null, version: '1', slots: 1, used: 0, load: 1 / 3, rssMib: 1 };
  await seeWorker(orm, { ...worker, state: 'running' });
  await serviceValue(orm, 'secret', () => 'a "text"');
  const webhook = await insertWebhook(orm, { workspaceId, url: 'https://a.test', events: [], secret: 's' });
  const [event] = await database.transaction((tx) => takeFromOutbox(tx, 10));
  await keepDelivery(orm, { outboxId: event!.id, webhookId: webhook.id, attempt: 1, state: 'delivered' });
  return workspaceId;
}

describe.skipIf(!hasPostgres)('an export', () => {
  it('goes from the embedded database into a server and back, and is the same each time', async () => {
    const source = await embedded();
    const workspaceId = await filled(source);
    const lines = await exported(source);
    const server = await onServer();
    expect(await importDatabase(server, linesOf(lines))).toBe(lines.length - 1);
    const again = await exported(server);
    expect([...again].sort()).toEqual([...lines].sort());
    const hits = await search(server.orm, workspaceId, { text: 'número 599' });
    expect(hits[0]?.quote.text).toBe('palabra número 599');
    const back = await embedded();
    await importDatabase(back, linesOf(again));
    expect([...(await exported(back))].sort()).toEqual([...lines].sort());

    // Nothing of what is wrong is taken.
    await expect(importDatabase(server, linesOf(lines))).rejects.toThrow(
      'the database is not empty (service): import into a new one',
    );
    const empty = await onServer();
    const [head, ...rows] = lines as [string, ...string[]];
    const refused = (given: readonly string[]) => expect(importDatabase(empty, linesOf(given))).rejects;
    await refused([]).toThrow('this is no export of a database');
    await refused(rows).toThrow('this is no export of a database');
    await refused([head, ...rows.slice(0, 5), rows[5]!.slice(0, 9)]).toThrow(
      'line 7 of the export is no JSON: it may be cut off',
    );
    await refused([head, '{"table":"pg_authid","row":{}}']).toThrow(
      'line 2 of the export is no row of a table',
    );
    await refused([head, '{"table":"bots","row":{"id":"bot_1"}}']).toThrow(
      /^rows of bots do not fit: null value/,
    );
    const future = JSON.stringify({ format: 'parley-database', v: 1, migrations: ['9999_future'] });
    await refused([future]).toThrow('the export is of a newer version of Parley (9999_future)');
    expect(await exported(empty)).toHaveLength(1);
  });
});
