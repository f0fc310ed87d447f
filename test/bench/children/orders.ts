/** The child's side of a benchmark: orders in, reports out, and an end with the process that started it. */
import type { Failure } from '../child-process.js';

/** Says something to the process that started this one. */
export function notify(report: object): void {
  process.send?.(report, undefined, {}, () => undefined); // that process may be gone
}

/** Runs `follow` for each order, reports what it returns, and says so when it fails. */
export function followOrders(
  follow: (order: never) => Promise<object | undefined> | object | undefined,
): void {
  process.once('disconnect', () => process.exit(1));
  process.on('message', (order) => {
    void (async () => {
      try {
        const report = await follow(order as never);
        if (report !== undefined) notify(report);
      } catch (error) {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        notify({ kind: 'failed', message } satisfies Failure);
      }
    })();
  });
}
