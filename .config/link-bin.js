/** Puts the `parley` command of this checkout into node_modules/.bin, where npm scripts and `npm exec` of other packages look. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'node_modules', '.bin');
const command = join(folder, 'parley');

mkdirSync(folder, { recursive: true });
if (process.platform === 'win32') {
  writeFileSync(`${command}.cmd`, '@node "%~dp0\\..\\..\\dist\\bundle\\parley.js" %*\r\n');
} else {
  rmSync(command, { force: true });
  symlinkSync(join('..', '..', 'dist', 'bundle', 'parley.js'), command);
}
