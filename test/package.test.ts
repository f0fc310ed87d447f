import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/package-root.js';

type Manifest = {
  name: string;
  version: string;
  bin: { parley: string };
  dependencies: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
};

const root = packageRoot();
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
/** Modules; the recordings of the phrasebook are files. */
const subpaths = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('*'));
/** Modules for browsers: they are not loaded here. */
const inBrowsers = ['./client'];

let folder: string;
let tarball: string;
let installed: string;
let files: readonly string[];
/** The package as npm would install it in an empty folder; what it depends on is this checkout's. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-package-'));
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ filename, files: list }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  files = list.map(({ path }) => path);
  tarball = join(folder, filename);
  const modules = join(folder, 'node_modules');
  installed = join(modules, manifest.name);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!existsSync(join(modules, name))) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const node = (...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The package of an import, such as `@scope/name` of `@scope/name/part`. */
const packageOf = (specifier = ''): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

describe('the package', () => {
  it('holds the product, and neither tests, benchmarks nor source maps', () => {
    expect(files.filter((path) => /(^|\/)(test|bench|soak)\//.test(path) || path.endsWith('.map'))).toEqual(
      [],
    );
    expect(files).toEqual(
      expect.arrayContaining([
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'dist/bundle/parley.js',
        'dist/bundle/LICENSES.txt',
        'fixtures/phrasebook.json',
      ]),
    );
  });

  it('holds its code once: bundled, with the packages that would be read from hundreds of files', () => {
    const code = files.filter((path) => /^dist\/(?!client\/|console\/).*\.js$/.test(path)); // those two are for browsers
    expect(code.filter((path) => !path.startsWith('dist/bundle/'))).toEqual([]);
    const imported = code.flatMap((path) =>
      [...readFileSync(join(installed, path), 'utf8').matchAll(/from "([^".]+)"/g)].map(([, name]) => name),
    );
    const packages = new Set(imported.filter((name) => !name!.startsWith('node:')).map(packageOf));
    expect(packages).toContain('ws');
    expect([...packages].filter((name) => manifest.dependencies[name] === undefined)).toEqual([]);
    expect(packages).not.toContain('zod');
    expect(packages).not.toContain('commander');
    const licences = readFileSync(join(installed, 'dist/bundle/LICENSES.txt'), 'utf8');
    expect(licences).toMatch(/^commander .*The MIT License.*^zod .*MIT License/ms);
  });

  it.each(subpaths)('%s has its file and its types', (subpath) => {
    const target = manifest.exports[subpath]!;
    const [types, code] =
      typeof target === 'string'
        ? [target.replace(/\.js$/, '.d.ts'), target]
        : [target.types, target.default];
    expect(files).toContain(types.slice(2));
    expect(files).toContain(code.slice(2));
  });

  it.each(subpaths.filter((subpath) => !inBrowsers.includes(subpath)))(
    '%s loads in an empty folder',
    (subpath) => {
      const name = `${manifest.name}${subpath.slice(1)}`;
      const script = `console.log(Object.keys(await import('${name}')).length > 0)`;
      expect(node('--input-type=module', '--eval', script)).toBe('true\n');
    },
  );

  it('runs the first program of the documentation there, as it stands', () => {
    const page = readFileSync(join(root, 'docs/library.md'), 'utf8');
    const [, program] = /```js\n(.*?)```/s.exec(page)!;
    writeFileSync(join(folder, 'first.mjs'), program!);
    expect(node('first.mjs')).toBe(
      'Lucía: ¿Dónde está la estación de tren más cercana? → Where is the nearest train station?\n',
    );
  });

  it('runs its command there', () => {
    const command = join(installed, manifest.bin.parley);
    expect(node(command, '--version')).toBe(`${manifest.version}\n`);
  });

  it('interprets with files of its own alone', () => {
    const out = join(folder, 'out');
    const wav = join(installed, 'fixtures/phrasebook/es/where-is-the-station.wav');
    const command = join(installed, manifest.bin.parley);
    const report = node(command, 'replay', wav, '--from', 'es', '--to', 'en', '--out', out, '--json');
    expect(report).toContain('Where is the nearest train station?');
  });

  it('is what publint expects of a package', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that every modern resolution finds', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const report = node(attw, tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'table-flipped');
    expect(report.match(/OK \(ESM\)/g)).toHaveLength(subpaths.length); // and it ends with 0: nothing else was found
  });
});
