/** Files that this server needs beside its code. They stay in the source tree, which is part of the package. */
import { join } from 'node:path';
import { packageRoot } from '../../../package-root.js';

/** The path of a file of this folder, whether the code runs from the source tree or from dist. */
export function assetPath(...names: readonly string[]): string {
  return join(packageRoot(), 'src', 'embedded', 'room-server', ...names);
}
