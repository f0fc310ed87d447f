import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileScript, keepScript, keptAt } from '../src/compiled-code.js';

let folder: string;
let path: string;
/** Another one for each test: V8 itself remembers, for as long as the process lives, what it compiled. */
let source: string;

beforeEach(() => {
  source = `(function () { return 6 * 7; /* ${randomUUID()} */ })`;
  folder = mkdtempSync(join(tmpdir(), 'parley-code-'));
  path = keptAt(folder, 'script');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const compile = (text = source) =>
  compileScript(text, { filename: join(folder, 'script.js'), columnOffset: 0, path });
const answerOf = ({ script }: ReturnType<typeof compile>): unknown =>
  (script.runInThisContext() as () => unknown)();

function keepOne(): void {
  const compiled = compile();
  expect(compiled.isFromFile).toBe(false);
  answerOf(compiled);
  keepScript(compiled.script, source, path);
}

describe('compiled code', () => {
  it('is taken from the file where one is kept, which only its owner can read', () => {
    keepOne();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'code')).mode & 0o777).toBe(0o700);
    const again = compile();
    expect(again.isFromFile).toBe(true);
    expect(answerOf(again)).toBe(42);
  });

  it('is made anew where the file is of another script, or damaged', () => {
    keepOne();
    const other = compile(source.replace('6 * 7', '6 * 8')); // as long as the one that is kept
    expect(other.isFromFile).toBe(false);
    expect(answerOf(other)).toBe(48);
    const kept = readFileSync(path);
    const flipped = Buffer.from(kept);
    flipped[kept.length - 20]! ^= 1;
    for (const damaged of [kept.subarray(0, kept.length / 2), flipped, Buffer.alloc(3)]) {
      writeFileSync(path, damaged, { mode: 0o600 });
      expect(compile().isFromFile).toBe(false);
      expect(answerOf(compile())).toBe(42);
    }
  });

  it.each([
    ['the file', () => chmodSync(path, 0o666)],
    ['its folder', () => chmodSync(join(folder, 'code'), 0o777)],
  ])('is not taken where others can write %s', (_, open) => {
    keepOne();
    open();
    expect(compile().isFromFile).toBe(false);
  });

  it('is not kept where it cannot be written, which is no error', () => {
    writeFileSync(join(folder, 'code'), 'a file where the folder would be');
    keepOne();
    expect(compile().isFromFile).toBe(false);
  });

  it('replaces what was kept, and leaves nothing half written', () => {
    mkdirSync(join(folder, 'code'), { mode: 0o700 });
    writeFileSync(path, 'no code', { mode: 0o600 });
    keepOne();
    expect(compile().isFromFile).toBe(true);
  });

  it('has a file for each set of options of Node: V8 refuses what was compiled with others', () => {
    const { execArgv } = process;
    const paths = [[], ['--max-old-space-size=300'], ['--max-old-space-size=400']].map((options) => {
      process.execArgv = options;
      return keptAt(folder, 'script');
    });
    process.execArgv = execArgv;
    expect(new Set(paths).size).toBe(3);
  });
});
