import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Nobody pays or leaks by accident: tests never see a key, whatever the shell holds.
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One process per core: none is kept free for a person.
    maxWorkers: '100%',
  },
});
