import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replayDocumentSchema } from '../../src/replay/output/document.js';
import { cli } from './run-cli.js';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const oneLine = /^parley: [^\n]+\n$/;

describe('parley replay and what files are made of', () => {
  it('recognises the phrase in every format, all in one run', async () => {
    const names = readdirSync(FIXTURES).filter((name) => name.startsWith('es-where-is-the-station-'));
    const formats = readdirSync(join(FIXTURES, 'formats'));
    expect(names.length + formats.length).toBeGreaterThan(10);
    const paths = [
      ...names.map((name) => join(FIXTURES, name)),
      ...formats.map((name) => join(FIXTURES, 'formats', name)),
    ];
    const { exitCode, out } = await cli([
      'replay',
      ...paths,
      '--from',
      'es',
      '--to',
      'en',
      '--json',
      '--out',
      dir,
    ]);
    expect(exitCode).toBe(0);
    const { files } = replayDocumentSchema.parse(JSON.parse(out));
    expect(files.map((file) => file.input.path)).toEqual(paths);
    for (const { input, turns } of files) {
      expect([input.path, turns.map((turn) => turn.translatedText)]).toEqual([
        input.path,
        ['Where is the nearest train station?'],
      ]);
    }
    expect(new Set(files.map((file) => file.output.path)).size).toBe(paths.length);
    expect(readdirSync(dir)).toHaveLength(paths.length * 7);
  });

  const corrupt = readdirSync(join(FIXTURES, 'corrupt'));
  it('refuses each corrupt file with one clear line', async () => {
    expect(corrupt.length).toBeGreaterThan(10);
    for (const name of corrupt) {
      const { exitCode, out, err } = await cli([
        'replay',
        join(FIXTURES, 'corrupt', name),
        '--out',
        join(dir, 'out'),
      ]);
      expect([name, exitCode]).toEqual([name, 65]);
      expect(err).toMatch(oneLine);
      expect(err).toContain(name);
      expect(out.split('\n')).toHaveLength(2); // the first line only
    }
    expect(readdirSync(dir, { recursive: true }).filter((name) => name !== 'out')).toEqual([]);
  });
});
