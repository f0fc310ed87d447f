import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../src/package-root.js';

const root = packageRoot();
const page = readFileSync(join(root, 'docs', 'house.md'), 'utf8');

/** The files that a file imports, types included, as paths of the repository. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/\bfrom '(\.[^']+)\.js'/g)].map(([, path]) =>
    relative(root, join(root, dirname(file), `${path!}.ts`)),
  );
}

it('the page of the house has at most 50 lines', () => {
  expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(50);
});

it('it has every folder of the source, with one sentence each, and no other', () => {
  const rows = [...page.matchAll(/^\| `([^`]+)\/` +\| (.+?) +\|$/gm)].map(([, folder, what]) => [
    folder!,
    what!,
  ]);
  for (const [, what] of rows) expect(what).toMatch(/^[A-Z`][^.]*\.$/);
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(root, 'src', entry.name)).length > 0)
    .map(({ name }) => `src/${name}`);
  expect(rows.map(([folder]) => folder).sort()).toEqual(['audio', ...folders].sort());
});

const ways = [...page.matchAll(/^(A [^:]+):\n((?:.*\n)+?)(?=\n|$(?![\s\S]))/gm)].map(
  ([, title, text]) => [title!, [...text!.matchAll(/`([^`]+\.ts)`/g)].map(([, file]) => file!)] as const,
);

it('it shows the way of a frame and of a caption', () => {
  expect(ways.map(([title]) => title)).toEqual([
    'A frame of a participant, on its way to the model',
    "A caption, from the model's text to a reader",
  ]);
});

it.each(ways)('%s: each step is an import, in one direction or the other', (_title, files) => {
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
  for (let index = 1; index < files.length; index++) {
    const [from, to] = [files[index - 1]!, files[index]!];
    const joined = importsOf(from).includes(to) || importsOf(to).includes(from);
    expect(joined, `${from} and ${to}`).toBe(true);
  }
});
