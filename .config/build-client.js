/** Makes dist/client/parley-client.js of src/client: one file that a browser loads as it is. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { isUpToDate } from './up-to-date.js';

const root = join(import.meta.dirname, '..');
const file = join(root, 'dist/client/parley-client.js');

/** Vitest calls this before the tests, so that pages in them never run an old build. */
export async function setup() {
  if (!isUpToDate(file, ['.config/build-client.js', 'package.json', 'src/client'])) await build();
}

async function build() {
  const bundle = await rolldown({ input: join(root, 'src/client/index.ts'), platform: 'browser' });
  await bundle.write({
    file,
    format: 'esm',
    minify: true,
  });
  await bundle.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
