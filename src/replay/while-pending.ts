import { setImmediate as turn } from 'node:timers/promises';

/** Does `work` again and again until `promise` settles, then returns or throws what it did. Throws what `work` throws. */
export async function whilePending<T>(promise: Promise<T>, work: () => Promise<void>): Promise<T> {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  watched.catch(() => undefined); // thrown below, unless `work` throws first
  await turn();
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callback above
  while (!settled) {
    await work();
    await turn();
  }
  return watched;
}
