/**
 * Makes dist/bundle of the sources: the `parley` command and the entries of the package, which share chunks, so that a command
 * opens a few files and not some hundreds. zod and commander are in it, without the parts that nothing uses; all other packages
 * are loaded from node_modules. Type declarations come from tsc.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { isUpToDate, putInPlace } from './up-to-date.js';

const root = join(import.meta.dirname, '..');
const built = join(root, 'dist', 'bundle');
/** Where it is built. */
const folder = `${built}.${process.pid}`;
const MADE_OF = ['.config/build-bundle.js', 'audio', 'package.json', 'src'];
const BUNDLED = ['zod', 'commander'];
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const installed = Object.keys(dependencies).filter((name) => !BUNDLED.includes(name));

const options = {
  platform: 'node',
  external: (id) => installed.some((name) => id === name || id.startsWith(`${name}/`)),
};
/** A single character beyond Latin-1 makes V8 keep all the text of a file with two bytes a character: they are written as escapes. */
const inLatin1 = {
  name: 'in-latin1',
  generateBundle: (_, files) => {
    for (const file of Object.values(files)) {
      if (file.type === 'chunk')
        file.code = file.code.replace(
          /[^\0-\xff]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
    }
  },
};

/** How everything that is built is written. */
const written = {
  plugins: [inLatin1],
  format: 'esm',
  comments: { legal: true, annotation: false, jsdoc: false },
};

/** Vitest calls this before the tests, so that a `parley` in them is never an old build. */
export async function setup() {
  if (!isUpToDate(join(built, 'parley.js'), MADE_OF)) await build();
}

async function build() {
  const bundle = await rolldown({
    ...options,
    // Nothing of ours, and no package, is imported for what happens on import alone: it is loaded by the chunks that use it.
    // What is bundled of a package says of itself which modules are.
    treeshake: {
      moduleSideEffects: (id, external) => (!external && id.includes('node_modules') ? undefined : false),
    },
    input: {
      parley: join(root, 'src/cli/main.ts'),
      index: join(root, 'src/index.ts'),
      audio: join(root, 'audio/index.ts'),
      embedded: join(root, 'src/embedded/index.ts'),
      testing: join(root, 'src/testing.ts'),
      schemas: join(root, 'src/schemas.ts'),
      // Started by a supervisor, never by hand.
      'meeting-process': join(root, 'src/meeting-process/main.ts'),
    },
  });
  const { output } = await bundle.write({
    ...written,
    dir: folder,
    cleanDir: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await bundle.close();
  writeLicences(output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])));
  chmodSync(join(folder, 'parley.js'), 0o755);
  putInPlace(folder, built);
}

// What a benchmark weighs is loaded as the package is; it is not part of it.
async function buildWeighed() {
  const weighed = await rolldown({ ...options, input: join(root, 'test/bench/children/sessions-child.ts') });
  await weighed.write({
    ...written,
    file: join(root, 'dist/test/bench/children/sessions-child.js'),
    codeSplitting: false,
  });
  await weighed.close();
}

/** The licences of the packages whose modules are in the bundle ask to come along. */
function writeLicences(moduleIds) {
  const found = new Set(moduleIds.filter((id) => id.includes('node_modules')).map(packageFolderOf));
  const texts = [...found].sort().map((packageFolder) => {
    const { name, version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    const file = readdirSync(packageFolder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} is bundled and has no file with its licence`);
    return `${name} ${version}\n\n${readFileSync(join(packageFolder, file), 'utf8').trim()}\n`;
  });
  writeFileSync(join(folder, 'LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** The nearest folder above a module whose package.json names a version: some have others inside. */
function packageFolderOf(moduleId) {
  for (let at = dirname(moduleId); ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version !== undefined) return at;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  await buildWeighed();
}
