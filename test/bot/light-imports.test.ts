/** What `import … from '<package>'` loads: heavy packages wait until something needs them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
/** Imports and re-exports that stand in the emitted code; `import type` and `import(…)` do not, or not at once. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^'"();]*?\sfrom\s+)?'([^']+)';/gm;

/** Packages, and files of this project, that the static imports of `entry` lead to. */
function loadedBy(entry: string): { packages: Set<string>; files: Set<string> } {
  const packages = new Set<string>();
  const files = new Set<string>();
  const pending = [join(ROOT, entry)];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(STATIC)) {
      if (!specifier!.startsWith('.')) packages.add(specifier!);
      else pending.push(join(dirname(file), specifier!.replace(/\.js$/, '.ts')));
    }
  }
  return { packages, files: new Set([...files].map((file) => relative(ROOT, file))) };
}

const HEAVY = [
  'wrtc',
  '@videosdk.live/js-sdk',
  '@videosdk.live/server-sdk',
  'eld',
  'socket.io',
  'werift',
  'selfsigned',
  'protobufjs',
  '@ffmpeg/ffmpeg',
  'commander',
  'cli-table3',
];

it.each(['src/index.ts', 'src/testing.ts', 'src/schemas.ts', 'src/embedded/index.ts'])(
  '%s loads no heavy package',
  (entry) => {
    expect(existsSync(join(ROOT, entry))).toBe(true);
    const { packages, files } = loadedBy(entry);
    expect(files.size).toBeGreaterThan(5);
    expect(
      [...packages].filter((name) => HEAVY.some((heavy) => name === heavy || name.startsWith(`${heavy}/`))),
    ).toEqual([]);
  },
);

it('the library loads no embedded server and no command', () => {
  const { files } = loadedBy('src/index.ts');
  const foreign = [...files].filter((file) => /^src\/(?:embedded|cli)\//.test(file));
  expect(foreign).toEqual([]);
  expect(files).toContain('src/bot/interpret.ts');
});
