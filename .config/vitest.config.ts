import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './long-first.js';
import { RetryReporter } from './retry-reporter.js';

const CLIENT = join(import.meta.dirname, '../src/client/index.ts');

/** Audio, and people of the room, in real time: two files at a time, which wait more than they compute. */
const MEDIA = 'test/**/*.media.test.ts';
/** What is heard in these must have no hole, or few, while many processes talk at once: they need both cores of a small machine. */
const MEDIA_ALONE = [
  'test/browser/lost-connection.media.test.ts',
  'test/room/videosdk/faults.media.test.ts',
  'test/whole-path/four-people.media.test.ts',
];

/** Folders of tests that leave nothing behind in their process: no global, no server, no listener of the process. */
const SHARED = [
  'test/{agent,audio,bot,captions,cost,fleet,interpreter,languages,meeting,meeting-process}/**/*.test.ts',
  'test/{profiles,realtime,realtime-client,records,replay,search,settings}/**/*.test.ts',
  'test/embedded/{fastino-server,phrasebook,realtime-server}/**/*.test.ts',
];
/** Packages bring tests of their own: those of other clients are installed beneath our tests. */
const OF_PACKAGES = '**/node_modules/**';
/** What measures the time, memory, handles or first steps of its process, or what a child inherits, has one of its own all the same. */
const MEASURED = [
  'test/agent/tools/mcp/mcp-processes.test.ts',
  'test/audio/resampler-memory.test.ts',
  'test/realtime/connection/event-reader.test.ts',
  'test/embedded/phrasebook/recogniser.test.ts',
  'test/embedded/realtime-server/responses/time-stretch.test.ts',
  'test/embedded/realtime-server/turn-detection.test.ts',
  'test/realtime/conversation/hostile-events.test.ts',
  'test/realtime/protocol/events.test.ts',
];

export default defineConfig({
  // In a browser the room server has this file; modules of the meeting page that are tested alone get its source.
  resolve: { alias: [{ find: './parley-client.js', replacement: CLIENT }] },
  test: {
    // Pages in the tests load what is built of src/client and src/service/console, and processes the bundled command.
    globalSetup: [
      '.config/build-client.js',
      '.config/build-console.js',
      '.config/build-bundle.js',
      '.config/postgres-for-tests.ts',
    ],
    // Nobody pays or leaks by accident: tests never see a key, whatever the shell holds.
    setupFiles: ['test/setup.ts'],
    // The few tests that need more say so themselves.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is waited for is a condition: how long it takes on a busy machine says nothing.
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', new RetryReporter()],
    pool: 'forks',
    // Two more than there are cores: about so many files wait at a time, for processes and for times that a service keeps.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        // Loading the modules once per process and not once per file halves the time of a small file.
        test: {
          name: 'shared',
          include: SHARED,
          exclude: [OF_PACKAGES, MEDIA, ...MEASURED],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [OF_PACKAGES, MEDIA, ...SHARED] },
      },
      {
        extends: true,
        test: { name: 'measured', include: MEASURED },
      },
      {
        extends: true,
        test: {
          name: 'media',
          include: [MEDIA],
          exclude: [OF_PACKAGES, ...MEDIA_ALONE],
          maxWorkers: 2,
          sequence: { groupOrder: 1 }, // after the others: nothing else runs beside it
        },
      },
      {
        extends: true,
        test: {
          name: 'media-alone',
          include: MEDIA_ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
