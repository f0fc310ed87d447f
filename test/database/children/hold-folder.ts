/** Takes the folder that it is given, and says so, or why not. */
import { lockFolder } from '../../../src/database/folder-lock.js';
import { messageOf } from '../../../src/errors.js';

try {
  await lockFolder(process.argv[2]!);
  process.stdout.write('held\n');
  setInterval(() => undefined, 1_000);
} catch (error) {
  process.stdout.write(`${messageOf(error)}\n`);
}
