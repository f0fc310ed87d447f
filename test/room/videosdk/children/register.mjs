/** For `node --import`: child processes of tests run TypeScript, and end with the test that started them. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);

process.once('disconnect', () => process.exit(1));
process.channel?.unref();
