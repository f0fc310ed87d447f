/** `parley db`, and `parley export` out of a database: what an operator types. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.js';
import { openDatabase } from '../../../src/database/open.js';
import { loadSecret } from '../../../src/installation.js';
import { insertNote } from '../../../src/records/store/notes.js';
import { caption, joined, kept, running, started } from '../../database/contract/record.js';
import { embeddedFolder, hasPostgres, newPostgresUrl } from '../../database/test-databases.js';
import { cli } from '../run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'parley-dbcli-'));
const data = join(folder, 'data');
let database: Database;
let botId: string;
let workspaceId: string;
beforeAll(async () => {
  await mkdir(data);
  await rename(await embeddedFolder(), join(data, 'database'));
  database = await openDatabase(join(data, 'database'));
  const meeting = await running(database, 'weekly');
  ({ workspaceId } = meeting);
  botId = meeting.bot.id;
  await kept(database, meeting, [
    started(1),
    joined(2, 'ana', 'Ana'),
    caption(3, ['ana', 'es', 'Hola'], ['en', 'Hello']),
  ]);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describe('parley db', () => {
  it('backs up a database in use, and the copy has what was there', async () => {
    const backup = join(folder, 'kept');
    const secret = await loadSecret(data);
    expect(await cli(['db', 'backup', backup, '--data', data])).toMatchObject({
      exitCode: 0,
      out: `${backup}: parley serve --data ${backup} serves it, and --data of other commands reads it\n`,
    });
    expect((await readdir(backup)).sort()).toEqual(['database', 'room-server.secret']);
    expect(await loadSecret(backup)).toBe(secret);
    expect([
      statSync(backup).mode & 0o777,
      statSync(join(backup, 'room-server.secret')).mode & 0o777,
    ]).toEqual([0o700, 0o600]);
    await database.transaction((tx) =>
      insertNote(tx, { botId, workspaceId, kind: 'note', text: 'later', by: 'usr_1' }),
    );
    const again = await cli(['db', 'backup', backup, '--data', data]);
    expect(again).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('a backup goes into a new folder') as string,
    });

    const exported = await cli(['export', botId, '--format', 'srt', '--language', 'en', '--data', backup]);
    expect(exported).toMatchObject({ exitCode: 0, out: '1\n00:00:03,000 --> 00:00:03,900\nANA: Hello\n' });
    const none = await cli([
      'export',
      'bot_00000000000000000000000000000000',
      '--format',
      'srt',
      '--data',
      join(folder, 'kept'),
    ]);
    expect(none).toMatchObject({
      exitCode: 66,
      err: expect.stringContaining('the database has no bot_0') as string,
    });

    const file = join(folder, 'parley.jsonl');
    const written = await cli(['db', 'export', '--data', join(folder, 'kept'), '--out', file]);
    expect(written).toMatchObject({ exitCode: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('"Hola"');
    expect(text).not.toContain('later');
  });

  it('a backup that cannot be written leaves nothing behind, and says why', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const run = await cli(['db', 'backup', join(file, 'within'), '--data', data]);
    expect(run).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('the backup cannot be written: ENOTDIR') as string,
    });
    expect(await cli(['db', 'backup', join(folder, 'z'), '--data', folder])).toMatchObject({ exitCode: 66 });
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it('says who holds a database that is in use', async () => {
    const exported = await cli(['db', 'export', '--data', data]);
    expect(exported).toMatchObject({ exitCode: 69, out: '' });
    expect(exported.err).toContain(`is in use by process ${process.pid}, since 20`);
  });

  it.runIf(hasPostgres)('moves an embedded database into PostgreSQL', async () => {
    const url = await newPostgresUrl();
    const env = { PARLEY_DATABASE: url };
    const file = join(folder, 'parley.jsonl');
    const unmigrated = await cli(['db', 'export'], { env });
    expect(unmigrated).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('run parley db migrate') as string,
    });
    const migrated = await cli(['db', 'migrate'], { env });
    expect(migrated).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/schema of this version: \d{4}_/) as string,
    });
    const imported = await cli(['db', 'import', file], { env });
    expect(imported).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^imported \d+ rows\n$/) as string,
    });
    const exported = await cli(['export', botId, '--format', 'md'], { env });
    expect(exported.out).toContain('Hola');
    const copied = await cli(['db', 'backup', join(folder, 'x')], { env });
    expect(copied).toMatchObject({ exitCode: 2, err: expect.stringContaining('pg_dump') as string });
  });

  it('makes no database where it was to read one', async () => {
    const nowhere = join(folder, 'nowhere');
    for (const command of [
      ['db', 'export'],
      ['db', 'backup', join(folder, 'y')],
      ['export', botId, '--format', 'md'],
    ]) {
      const run = await cli([...command, '--data', nowhere]);
      expect(run, command.join(' ')).toMatchObject({ exitCode: 66 });
    }
    expect(existsSync(nowhere)).toBe(false);
    const missing = await cli(['db', 'import', join(folder, 'absent'), '--data', nowhere]);
    expect(missing).toMatchObject({ exitCode: 66 });
  });
});
