import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES } from '../../../src/realtime/engines.js';
import { type CompareDocument, compareDocumentSchema } from '../../../src/replay/compare/document.js';
import { cli } from '../run-cli.js';

const FIXTURES = join(import.meta.dirname, '../../..', 'fixtures');
const FOUR_PEOPLE = join(FIXTURES, 'meetings', 'four-people');
const SPANISH = join(FIXTURES, 'es-where-is-the-station.wav');
const BUDGET = join(FIXTURES, 'compare', 'budget-talk');
const ENGINE_NAMES = Object.keys(ENGINES);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-compare-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const parsed = (text: string): CompareDocument => compareDocumentSchema.parse(JSON.parse(text));

/** Everything but who interpreted and where files are. */
function figures(document: CompareDocument): unknown {
  return {
    ...document,
    ...{ original: '', page: '', host: '' },
    contenders: document.contenders.map((each) => ({
      ...each,
      report: '',
      voices: each.voices.map((voice) => ({ ...voice, path: '' })),
    })),
  };
}

describe('parley compare', () => {
  it('runs a meeting through every engine, and writes a page, a document and a table', async () => {
    const { exitCode, out, err } = await cli(['compare', FOUR_PEOPLE, '--out', dir]);
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toMatch(/^Interpreted by embedded Realtime server, a stand-in/);
    expect(out).toMatch(new RegExp(`^ +${ENGINE_NAMES.join(' +')}$`, 'm'));
    expect(out.replace(/\s+/g, ' ')).toContain('These figures are the stand-in’s');
    const document = parsed(readFileSync(join(dir, 'four-people.compare.json'), 'utf8'));
    expect(document.isStandIn).toBe(true);
    expect(document.segments).toHaveLength(11);
    for (const { engine, outcomes, replaced, findings } of document.contenders) {
      expect(replaced, engine).toEqual([]);
      expect(outcomes, engine).toMatchObject({ expected: 22, lost: 0, added: 0, playedBack: 0 });
      expect(findings, engine).toEqual({ wrongLanguage: 0, answers: 0, ownVoice: 0 });
    }
    const html = readFileSync(join(dir, 'four-people.compare.html'), 'utf8');
    for (const [, src] of html.matchAll(/<audio[^>]*src="([^"]+)"/g))
      expect(existsSync(join(dir, src!)), src).toBe(true);
  });

  it('is repeated from cassettes to the last millisecond, and tells another meeting from it', async () => {
    const kept = join(dir, 'kept');
    const first = await cli(['compare', BUDGET, '--json', '--out', join(dir, 'a'), '--save-cassette', kept]);
    expect(first.err).toContain(`${kept} will hold voices`);
    const again = await cli(['compare', BUDGET, '--json', '--out', join(dir, 'b'), '--cassette', kept]);
    expect([again.exitCode, again.err]).toEqual([0, '']);
    expect(figures(parsed(again.out))).toEqual(figures(parsed(first.out)));
    expect(parsed(again.out).host).toMatch(/^cassettes recorded from embedded/);

    rmSync(join(kept, 'budget-talk', 'translate', '0001.cassette'));
    const broken = await cli(['compare', BUDGET, '--json', '--out', join(dir, 'c'), '--cassette', kept]);
    expect(broken.exitCode).toBe(1);
    expect(broken.err).toMatch(/^parley: translate came to no end: .*has no connection 1 of the session/m);
    expect(parsed(broken.out).failed.map(({ key }) => key)).toEqual(['translate']);
    const none = await cli(['compare', FOUR_PEOPLE, '--out', join(dir, 'd'), '--cassette', kept]);
    expect(none.exitCode).toBe(66);
    expect(none.err).toContain('there are no cassettes of a meeting in');
  });

  it('measures the open set against its references: the stand-in knows the phrasebook by heart', async () => {
    const document = parsed(
      (
        await cli([
          ...['compare', BUDGET, '--json', '--out', dir, '--engines', 'conversation,translate'],
          ...['--references', join(BUDGET, 'references.json')],
        ])
      ).out,
    );
    for (const { chrf, chrfByLanguage, kept } of document.contenders) {
      expect([chrf, chrfByLanguage]).toEqual([100, { en: 100, es: 100 }]);
      expect(kept.terms).toEqual({ kept: 3, said: 3 });
    }
  });

  it('takes a recording', async () => {
    const args = ['compare', SPANISH, '--from', 'es', '--to', 'en', '--json', '--out', dir];
    const document = parsed((await cli(args)).out);
    expect(document.segments.map(({ text }) => text)).toEqual([
      '¿Dónde está la estación de tren más cercana?',
      'Perdón, ¿puede repetirlo más despacio, por favor?',
      'Muchas gracias a todos y hasta la próxima semana.',
    ]);
    for (const { outcomes } of document.contenders)
      expect(outcomes).toMatchObject({ expected: 3, heard: 3, lost: 0, added: 0 });
  });

  it.each([
    [[FOUR_PEOPLE, '--engines', 'conversation,none'], 'there is no engine "none"'],
    [[FOUR_PEOPLE, '--engines', 'translate,translate'], '--engines names translate twice'],
    [[FOUR_PEOPLE, '--models', 'gpt-realtime-2.1'], '--models needs a server'],
    [[FOUR_PEOPLE, '--engine', 'translate'], 'use --engines'],
    [[FOUR_PEOPLE, '--to', 'en'], '--from and --to are for recordings'],
    [[SPANISH], 'say what a recording is translated into'],
    [[FOUR_PEOPLE, BUDGET, '--references', 'x.json'], 'references are of one meeting'],
    [[FOUR_PEOPLE, '--cassette', 'a', '--save-cassette', 'b'], 'give one of them'],
  ])('%j is refused in one line', async (args, message) => {
    const { exitCode, out, err } = await cli(['compare', ...args, '--out', join(dir, 'out')]);
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toMatch(/^parley: [^\n]+\n$/);
    expect(err).toContain(message);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('says of a path that is not there that it is not, whatever else is missing', async () => {
    const { exitCode, out, err } = await cli(['compare', join(dir, 'none'), '--out', join(dir, 'out')]);
    expect([exitCode, out]).toEqual([66, '']);
    expect(err).toContain('there is no such file');
  });

  it('never writes over the references', async () => {
    const references = join(dir, 'budget-talk.compare.json');
    const content = readFileSync(join(BUDGET, 'references.json'));
    writeFileSync(references, content);
    const { exitCode, err } = await cli(['compare', BUDGET, '--references', references, '--out', dir]);
    expect([exitCode, err.includes('would overwrite the input')]).toEqual([2, true]);
    expect(readFileSync(references)).toEqual(content);
  });
});
