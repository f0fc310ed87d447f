/** Every program of `examples/` runs as its first line says; the host's page has a test of its own in Chromium. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), 'parley-examples-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs an example to its end; what it printed. */
async function run(name: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, 'examples', name), ...args],
    { cwd: folder, timeout: 240_000 },
  );
  expect(stderr).toBe('');
  return stdout;
}

describe('the examples', () => {
  const programs = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(mjs|html)$/.test(name),
  );

  it('are six at least', () => {
    expect(programs.length).toBeGreaterThanOrEqual(6);
  });

  it.each(programs)('%s has at most 40 lines', (name) => {
    const lines = readFileSync(join(root, 'examples', name), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
  });

  it('the documentation of the library shows the first one word for word', () => {
    const page = readFileSync(join(root, 'docs', 'library.md'), 'utf8');
    expect(page).toContain(readFileSync(join(root, 'examples', 'own-room.mjs'), 'utf8').trimEnd());
  });

  it('an interpreter in a room of one’s own', async () => {
    expect(await run('own-room.mjs')).toBe(
      'Lucía: ¿Dónde está la estación de tren más cercana? → Where is the nearest train station?\n',
    );
  });

  it.each([
    ['en', 'Lucía: Where is the nearest train station?\n'],
    ['es', 'Lucía: ¿Dónde está la estación de tren más cercana?\n'],
  ])('captions of one language on stdout: %s', async (language, printed) => {
    expect(await run('captions-of-one-language.mjs', language)).toBe(printed);
  });

  it('a glossary changed in mid-meeting', async () => {
    expect(await run('change-the-glossary.mjs')).toBe(
      '- Term: "acta" is "record"\n- Term: "acta" is "minutes"\nglossary: applied\n',
    );
  });

  it('a record kept and exported', async () => {
    const printed = await run('keep-a-record.mjs', join(folder, 'records'));
    expect(printed).toContain('¿Dónde está la estación de tren más cercana?');
    expect(printed).toContain('- English: Where is the nearest train station?');
  });
});
