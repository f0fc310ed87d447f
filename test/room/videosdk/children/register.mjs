/** For `node --import`: child processes of tests run TypeScript. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
