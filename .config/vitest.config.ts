import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const CLIENT = join(import.meta.dirname, '../src/client/index.ts');

export default defineConfig({
  // In a browser the room server has this file; modules of the meeting page that are tested alone get its source.
  resolve: { alias: [{ find: './parley-client.js', replacement: CLIENT }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Pages in the tests load what is built of src/client.
    globalSetup: ['.config/build-client.js'],
    // Nobody pays or leaks by accident: tests never see a key, whatever the shell holds.
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One process per core: none is kept free for a person.
    maxWorkers: '100%',
  },
});
