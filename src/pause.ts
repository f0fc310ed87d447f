import type { Clock } from './clock.js';

/** Resolves after `durationMs`, or as soon as `signal` is aborted. */
export function pause(durationMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimer(end, durationMs);
    signal.addEventListener('abort', end, { once: true });
  });
}
