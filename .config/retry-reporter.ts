import type { Reporter, TestCase } from 'vitest/node';

/** Says at the end which tests failed at first and passed when they were tried again: each is a flake to be found. */
export class RetryReporter implements Reporter {
  readonly #retried: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const retries = test.diagnostic()?.retryCount ?? 0;
    if (retries === 0) return;
    const [error] = test.result().errors ?? [];
    this.#retried.push(
      `${test.module.relativeModuleId}: ${test.fullName} (${retries} more): ${error?.message ?? ''}`,
    );
  }

  onTestRunEnd(): void {
    if (this.#retried.length === 0) return;
    const bar = '!'.repeat(78);
    process.stderr.write(
      `\n${bar}\nTRIED AGAIN, each a flake to be found:\n${this.#retried.join('\n')}\n${bar}\n`,
    );
  }
}
