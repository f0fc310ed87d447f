import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { packageRoot } from '../../src/package-root.js';
import type { ChildProgram } from '../../src/supervisor/fork-child.js';

/** The meeting process of these tests as one file: a process that starts from it is there in a third of a second. */
export async function bundledChild(
  name = 'memory-child',
): Promise<{ program: ChildProgram; remove: () => Promise<void> }> {
  const path = join(packageRoot(), 'node_modules', '.cache', 'parley-children', `${name}-${process.pid}.mjs`);
  const bundle = await rolldown({
    input: join(packageRoot(), 'test', 'supervisor', 'children', `${name}.ts`),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  });
  await bundle.write({ file: path, format: 'esm', codeSplitting: false });
  await bundle.close();
  return { program: { path, execArgv: [] }, remove: () => rm(path, { force: true }) };
}
