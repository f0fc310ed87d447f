/**
 * The `parley` command for tests of faults: of the sources, but its meeting process is the one whose meeting is in its own memory
 * (`supervisor/children/memory-child.ts`), and its machine is never busy: others use this one, too.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { packageRoot } from '../../../src/package-root.js';
import { bundledChild } from '../../supervisor/bundled-child.js';

const MEETING_PROGRAM = "join(packageRoot(), 'dist/bundle/meeting-process.js')";
const IDLE_MACHINE = 'export const machineMeter = () => () => ({ cpu: 0.1, freeBytes: 8 * 1024 ** 3 });';

/** Makes it; `parley` is the file to run. */
export async function faultPrograms(): Promise<{ parley: string; remove: () => Promise<void> }> {
  const child = await bundledChild();
  const folder = join(packageRoot(), 'node_modules', '.cache', 'parley-children', `faults-${process.pid}`);
  const bundle = await rolldown({
    input: { parley: join(packageRoot(), 'src', 'cli', 'main.ts') },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
    plugins: [
      {
        name: 'stand-ins',
        load: (id) => (id.endsWith('/src/fleet/machine-load.ts') ? IDLE_MACHINE : null),
        transform: (code, id) => {
          if (!id.endsWith('/src/supervisor/fork-child.ts')) return null;
          if (!code.includes(MEETING_PROGRAM)) throw new Error('the program of a meeting is named elsewhere');
          return code.replace(MEETING_PROGRAM, JSON.stringify(child.program.path));
        },
      },
    ],
  });
  await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await bundle.close();
  return {
    parley: join(folder, 'parley.mjs'),
    remove: async () => {
      await child.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
