/** `parley documents`, in a folder of the installation and in the database of the service: what an operator types. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../../src/database/open.js';
import { newWorkspace } from '../../database/contract/bots.js';
import { embeddedFolder } from '../../database/test-databases.js';
import { cli } from '../run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'parley-documents-cli-'));
const env = { XDG_DATA_HOME: join(folder, 'share') };
const leave = join(folder, 'leave.md');
beforeAll(() => {
  writeFileSync(leave, '# Leave\n\nEvery member has thirty days of holiday a year.\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const idIn = (out: string): string => /doc_[0-9a-f]{32}/.exec(out)![0];

it('adds, lists, finds and removes', async () => {
  expect(await cli(['documents', 'list'], { env })).toMatchObject({
    exitCode: 0,
    out: 'no documents: parley documents add FILE\n',
  });
  const added = await cli(['documents', 'add', leave], { env });
  expect(added).toMatchObject({ exitCode: 0, err: '' });
  const id = idIn(added.out);
  expect(added.out).toBe(`${id}  leave.md  (en, 1 passage)\n`);
  expect((await cli(['documents', 'add', leave], { env })).out).toBe(`${leave}: is there already (${id})\n`);
  expect((await cli(['documents', 'list'], { env })).out).toBe(added.out);
  expect(await cli(['documents', 'search', 'how', 'many', 'holidays'], { env })).toEqual({
    exitCode: 0,
    err: '',
    out: 'leave.md, Leave\n  Every member has thirty days of holiday a year.\n',
  });
  const json = await cli(['documents', 'search', 'holiday', '--json'], { env });
  expect(JSON.parse(json.out)).toMatchObject({
    document: id,
    source: 'leave.md, Leave',
    headings: ['Leave'],
  });
  expect(await cli(['documents', 'search', 'zebra'], { env })).toMatchObject({
    exitCode: 1,
    out: 'nothing found\n',
  });
  expect(await cli(['documents', 'remove', id], { env })).toMatchObject({
    exitCode: 0,
    out: `${id}: removed\n`,
  });
  expect(await cli(['documents', 'remove', id], { env })).toMatchObject({
    exitCode: 66,
    err: `parley: there is no document ${id}\n`,
  });
});

it('says of each file what is wrong with it, and reads the others', async () => {
  const broken = join(folder, 'broken.pdf');
  writeFileSync(broken, '%PDF-1.7 nothing');
  const { exitCode, out, err } = await cli(['documents', 'add', broken, join(folder, 'absent.md'), leave], {
    env,
  });
  expect(exitCode).toBe(65);
  expect(err).toBe(
    `parley: ${broken}: the document cannot be read: it is damaged\nparley: ${join(folder, 'absent.md')}: there is no such file\n`,
  );
  expect(out).toContain('leave.md');
});

it('those of the service are in its database', async () => {
  const data = join(folder, 'data');
  await mkdir(data);
  await rename(await embeddedFolder(), join(data, 'database'));
  const none = await cli(['documents', 'list', '--data', data], { env });
  expect(none).toMatchObject({
    exitCode: 66,
    err: expect.stringContaining('has no workspace yet') as string,
  });
  const database = await openDatabase(join(data, 'database'));
  await newWorkspace(database);
  await database.close();
  const added = await cli(['documents', 'add', leave, '--data', data], { env });
  expect(added).toMatchObject({ exitCode: 0, err: '' });
  expect((await cli(['documents', 'list', '--data', data], { env })).out).toBe(added.out);
  expect((await cli(['documents', 'search', 'holiday', '--data', data], { env })).out).toContain(
    'leave.md, Leave',
  );
});
