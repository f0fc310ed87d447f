/** What `parley join` reads before it looks for the meeting, of which there is none here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli } from '../run-cli.js';

const NOWHERE = 'parley: there is nowhere to meet';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'briefing-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const run = async (flags: readonly string[], env: Record<string, string> = {}) => {
  const { exitCode, err } = await cli(['join', 'abcd-efgh-ijkl', ...flags], {
    env: { XDG_CACHE_HOME: folder, ...env },
  });
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  return { exitCode, err: err.trimEnd().replaceAll(folder, '…') };
};

describe('parley join takes', () => {
  it('a glossary, a file of profiles, and whose is whose', async () => {
    const glossary = file('terms.json', { 'es>en': { acta: 'minutes' } });
    const profiles = file('people.json', `\uFEFF{"usr_1": {"summary": "Engineer."}}`);
    const ids = file('ids.json', { p1: 'usr_1' });
    const { err } = await run([
      '--glossary',
      glossary,
      '--profiles',
      profiles,
      '--profile-ids',
      ids,
      '--explain',
    ]);
    expect(err).toContain(NOWHERE);
  });

  it('profiles from Fastino, with a key', async () => {
    const env = { FASTINO_API_KEY: 'pio_sk_0123456789' };
    const flags = ['--profiles', 'fastino', '--refine-profiles', '--learn'];
    expect((await run(flags, env)).err).toContain(NOWHERE);
    expect(await run(flags)).toEqual({
      exitCode: 77,
      err: 'parley: Fastino needs a key: set FASTINO_API_KEY in the environment',
    });
    expect((await run([], { FASTINO_API_KEY: 'not a key' })).err).toContain(NOWHERE); // not even looked at
  });
});

describe('parley join refuses', () => {
  it.each([
    [['--learn'], 2, '--learn needs --profiles fastino'],
    [['--learn', '--profiles', 'none'], 2, '--learn needs --profiles fastino'],
    [['--refine-profiles'], 2, '--refine-profiles needs --profiles fastino'],
    [['--glossary', '/no/such/file'], 66, '--glossary /no/such/file cannot be read: is the path right?'],
    [['--profiles', '/no/such\u001bfile'], 66, '--profiles /no/such file cannot be read: is the path right?'],
  ])('%j', async (flags, exitCode, message) => {
    expect(await run(flags)).toEqual({ exitCode, err: `parley: ${message}` });
  });

  it.each([
    ['--glossary', '{"es>en": {"acta": "min', 65, 'is not JSON'],
    [
      '--glossary',
      '["acta"]',
      2,
      'is ["acta"]: terms by pair of languages, such as {"es>en": {"acta": "minutes"}',
    ],
    [
      '--profiles',
      '{"usr_1": "Engineer."}',
      2,
      'is {"usr_1":"Engineer."}: fastino, none, or profiles by id such as {"usr_1": {"summary"',
    ],
    ['--profiles', 'x'.repeat(9 * 1024 * 1024), 65, 'is larger than 8 MiB'],
  ])('%s with %.20s', async (flag, content, exitCode, message) => {
    const answer = await run([flag, file('wrong.json', content)]);
    expect(answer.exitCode).toBe(exitCode);
    expect(answer.err).toContain(`parley: ${flag} …/wrong.json ${message}`);
  });

  it('a folder, ids without profiles, and ids that are none', async () => {
    expect((await run(['--glossary', folder])).exitCode).toBe(66);
    const ids = file('ids.json', { p1: 'usr_1' });
    expect(await run(['--profile-ids', ids])).toEqual({
      exitCode: 2,
      err: 'parley: --profile-ids needs --profiles',
    });
    const people = file('people.json', {});
    const answer = await run(['--profiles', people, '--profile-ids', file('ids.json', { p1: 'a b' })]);
    expect(answer).toMatchObject({ exitCode: 2 });
    expect(answer.err).toContain(
      'ids.json p1 is "a b": profile ids by participant id, such as {"participant id": "usr_42af7c"}',
    );
  });
});
