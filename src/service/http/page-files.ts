/** Files of a folder that are served as they are: read once, so that nothing else is ever served. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { PageFile } from './app.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};

/**
 * The files of a folder under `prefix`, such as `/docs`; its `index.html` is at the prefix itself. Files of other kinds, and
 * a folder that is not there, are left out.
 */
export async function pageFilesIn(folder: string, prefix: string): Promise<Map<string, PageFile>> {
  const names = (await readdir(folder).catch(() => [])).filter(
    (name) => extname(name) in CONTENT_TYPES && name !== 'tsconfig.json',
  );
  const files = await Promise.all(
    names.map(async (name): Promise<[string, PageFile]> => {
      const path = name === 'index.html' ? prefix || '/' : `${prefix}/${name}`;
      const headers = { 'content-type': CONTENT_TYPES[extname(name)] ?? 'application/octet-stream' };
      return [path, { body: await readFile(join(folder, name)), headers }];
    }),
  );
  return new Map(files);
}
