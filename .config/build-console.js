/** Makes dist/console of src/service/console: the console's page, as a browser loads it. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { isUpToDate, putInPlace } from './up-to-date.js';

const root = join(import.meta.dirname, '..');
const from = join(root, 'src/service/console');
const built = join(root, 'dist/console');
/** Where it is built. */
const to = `${built}.${process.pid}`;
/** The file that is written last. */
const LAST = 'console-worker';
const COPIED = /\.(?:html|webmanifest|svg|png)$/;

/** Vitest calls this before the tests, so that pages in them never run an old build. */
export async function setup() {
  if (
    !isUpToDate(join(built, `${LAST}.js`), [
      '.config/build-console.js',
      'package.json',
      'src/service/console',
    ])
  )
    await build();
}

async function build() {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from))
    if (COPIED.test(name)) await copyFile(join(from, name), join(to, name));
  const styles = (await readdir(join(from, 'styles'))).sort();
  const css = await Promise.all(styles.map((name) => readFile(join(from, 'styles', name), 'utf8')));
  await writeFile(join(to, 'console.css'), css.join('\n'));
  await bundle({ 'console-feeds': 'feed/feed-worker.ts' });
  await bundle({ console: 'main.ts' });
  // The service worker knows the files by name, and by what they hold whether they are new.
  const files = (await readdir(to)).filter((name) => name !== 'index.html').sort();
  const hash = createHash('sha256');
  for (const name of [...files, 'index.html']) hash.update(await readFile(join(to, name)));
  await bundle(
    { [LAST]: 'console-worker.ts' },
    {
      SHELL_FILES: JSON.stringify(['/', ...files.map((name) => `/${name}`)]),
      SHELL_VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
    },
  );
  putInPlace(to, built);
}

async function bundle(input, define = {}) {
  const [[name, file]] = Object.entries(input);
  const made = await rolldown({
    input: { [name]: join(from, file) },
    platform: 'browser',
    transform: { define },
  });
  await made.write({
    dir: to,
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'console-[name]-[hash].js',
  });
  await made.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
