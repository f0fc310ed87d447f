import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { CliIo } from '../io.js';

/** `$XDG_DATA_HOME/parley`, or `~/.local/share/parley`. */
export function dataFolderOf({ env }: Pick<CliIo, 'env'>): string {
  const xdg = env['XDG_DATA_HOME'];
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share'), 'parley');
}
