import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { CliProcess } from '../../browser/cli-process.js';

const DEADLINE_MS = 180_000;
/** For a test that runs the demo: longer than the demo itself may take. */
export const DEMO_TIMEOUT_MS = DEADLINE_MS + 10_000;

/** A folder for each test, and `parley demo` in it; what still runs when a test is over is ended. */
export class DemoStage {
  dir = '';
  #demo: CliProcess | undefined;

  constructor() {
    beforeEach(() => {
      this.dir = mkdtempSync(join(tmpdir(), 'parley-demo-'));
    });
    afterEach(async () => {
      this.#demo?.send('SIGKILL');
      await this.#demo?.ended;
      rmSync(this.dir, { recursive: true });
    });
  }

  run(
    args: readonly string[] = [],
    more: Partial<ConstructorParameters<typeof CliProcess>[1]> = {},
  ): CliProcess {
    this.#demo = new CliProcess(['demo', ...args], {
      cacheFolder: this.dir,
      deadlineMs: DEADLINE_MS,
      ...more,
    });
    return this.#demo;
  }
}
