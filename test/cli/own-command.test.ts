import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownCommand } from '../../src/cli/own-command.js';

let dir: string;
let script: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'parley-own-')));
  script = join(dir, 'main.js');
  writeFileSync(script, '');
  for (const folder of ['global', 'a folder', 'node_modules/.bin', 'other'])
    mkdirSync(join(dir, folder), { recursive: true });
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});
const path = (...folders: string[]) => ({
  PATH: [...folders.map((each) => join(dir, each)), dirname(process.execPath)].join(delimiter),
});

it('is parley where a terminal finds this one under that name', () => {
  symlinkSync(script, join(dir, 'global', 'parley'));
  expect(ownCommand(path('global'), script)).toBe('parley');
});

it('is the script where only npm knows the name, or another program has it', () => {
  symlinkSync(script, join(dir, 'node_modules/.bin', 'parley'));
  expect(ownCommand(path('node_modules/.bin'), script)).toBe(`node ${script}`);
  writeFileSync(join(dir, 'other', 'parley'), '');
  chmodSync(join(dir, 'other', 'parley'), 0o755);
  symlinkSync(script, join(dir, 'global', 'parley'));
  expect(ownCommand(path('other', 'global'), script)).toBe(`node ${script}`);
});

it('can be pasted whatever the folders are called', () => {
  const odd = join(dir, 'a folder', "it's.js");
  writeFileSync(odd, '');
  expect(ownCommand(path(), odd)).toBe(`node '${dir}/a folder/it'\\''s.js'`);
  expect(ownCommand({ PATH: '' }, script)).toBe(`${process.execPath} ${script}`);
});
