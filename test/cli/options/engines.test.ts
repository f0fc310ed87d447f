/** Which engine a replay takes, and how it says so. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli } from '../run-cli.js';

describe('parley replay --engine', () => {
  const STATION = join(import.meta.dirname, '../../..', 'fixtures', 'es-where-is-the-station.wav');
  const TWO_PEOPLE = join(import.meta.dirname, '../../..', 'fixtures', 'meetings', 'two-people');
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-cli-engines-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('says which engine interprets a recording, and why', async () => {
    const { exitCode, out } = await cli(['replay', STATION, '--engine', 'auto', '--out', dir]);
    expect(exitCode).toBe(0);
    expect(out.split('\n')[0]).toMatch(
      /^Interpreted by embedded .+, the translate engine \(it speaks English, and needs no instructions\)$/,
    );
    expect(out).toContain('Where is the');
  });

  it('says it of each route of a meeting', async () => {
    const { exitCode, out } = await cli(['replay', TWO_PEOPLE, '--engine', 'translate', '--out', dir]);
    expect(exitCode).toBe(0);
    expect(out).toContain('  Ana into English: the translate engine (asked for)\n');
    expect(out).toContain('  Ben into español: the translate engine (asked for)\n');
    expect(out).toMatch(/2 people, 4 phrases, 4 of 4 translations heard/);
  });

  it('a meeting’s own settings win over a variable, and a flag wins over them', async () => {
    const own = join(dir, 'own');
    mkdirSync(own);
    const text = readFileSync(join(TWO_PEOPLE, 'meeting.json'), 'utf8');
    const scenario = JSON.parse(
      text.replaceAll('../../', `${relative(own, join(TWO_PEOPLE, '../..'))}/`),
    ) as object;
    writeFileSync(
      join(own, 'meeting.json'),
      JSON.stringify({ ...scenario, settings: { engine: 'translate' } }),
    );
    const args = ['replay', own, '--out', join(dir, 'out')];
    const env = { PARLEY_ENGINE: 'conversation' };
    const byItsOwn = await cli(args, { env });
    expect(byItsOwn.out).toContain('  Ana into English: the translate engine (asked for)\n');
    const byFlag = await cli([...args, '--engine', 'auto'], { env });
    expect(byFlag.out).toContain('  Ana into English: the translate engine (it speaks English');
  });

  it('refuses what the engine does not speak in one line', async () => {
    const run = await cli(['replay', STATION, '--engine', 'translate', '--to', 'nl', '--out', dir]);
    expect([run.exitCode, run.err]).toEqual([
      2,
      'parley: the translate engine does not speak Nederlands: use --engine conversation, or auto\n',
    ]);
  });
});
