/** How this Parley is called, so that what is printed works when it is pasted into any terminal. */
import { realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Folders that npm adds to the path of what it runs; no other terminal has them. */
const OF_NPM = /[\\/]node_modules[\\/]\.bin$|[\\/]node-gyp-bin$/;
const WITHOUT_QUOTES = /^[\w@%+=:,./~-]+$/;

/**
 * `parley`, where that is what a terminal finds, and it is this one; otherwise the script with its whole path: after `npx` or
 * `npm run`, other terminals know no `parley`, and `npx parley` elsewhere is somebody else's package.
 */
export function ownCommand(
  env: Readonly<Record<string, string | undefined>>,
  script: string = process.argv[1] ?? 'parley',
): string {
  const own = realPath(script);
  const folders = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((each) => isAbsolute(each) && !OF_NPM.test(each));
  const found = (name: string): string | undefined =>
    folders.map((folder) => realPath(join(folder, name))).find((path) => path !== undefined);
  if (own === undefined || found('parley') === own) return 'parley';
  const node = found('node') === realPath(process.execPath) ? 'node' : quoted(process.execPath);
  return `${node} ${quoted(own)}`;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** For a POSIX shell, and as harmless in others. */
function quoted(path: string): string {
  return WITHOUT_QUOTES.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
