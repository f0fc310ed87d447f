/** No circles of imports, type imports included, which the linter's own rule does not see. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** The files of ours that a file imports, exports from, or names in a type, by path from the root. */
function importsOf(file: string, source: string): string[] {
  return ts.preProcessFile(source, true, true).importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [];
    const path = join(dirname(file), fileName.replace(/\.js$/, '.ts'));
    return existsSync(join(ROOT, path)) ? [path] : [];
  });
}

/** Each circle once, as the files on it: what is reached again on the way from a file back to itself. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file].join(' > '));
    if (at >= 0 || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

it('finds a circle of three, and one of a file with itself', () => {
  const imports = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['a']],
    ['d', ['d', 'b']],
  ]);
  expect(circlesIn(imports)).toEqual(['a > b > c > a', 'd > d']);
});

it('reads type imports, exports and imports within types', () => {
  const source = `import type { A } from './events.js';\nexport { b } from './errors.js';\nlet c: import('./clock.js').Clock;`;
  expect(importsOf('src/x.ts', source)).toEqual(['src/events.ts', 'src/errors.ts', 'src/clock.ts']);
});

it('there is none', () => {
  const files = ['src', 'audio', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(300);
  const imports = new Map(
    files.map((file) => [file, importsOf(file, readFileSync(join(ROOT, file), 'utf8'))] as const),
  );
  expect(circlesIn(imports)).toEqual([]);
});
