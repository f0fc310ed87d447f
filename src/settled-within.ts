/** Waiting for something that may take too long. */
import type { Clock } from './clock.js';

/** Resolves when `promise` is settled, or after `timeoutMs`. */
export async function settledWithin(
  promise: Promise<unknown>,
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = clock.setTimer(resolve, timeoutMs);
    void promise.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
