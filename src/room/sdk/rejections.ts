/**
 * SDKs leave promises behind that nobody waits for: VideoSDK's every second, when it asks a connection for its statistics.
 * In a browser their rejection is a line in the console; in Node it ends the process, and every meeting in it.
 */

type OnRejection = (reason: Error) => void;
/** `file`: part of each line of a stack inside the SDK. */
type Guard = { file: string; onRejection: OnRejection };

/** SDKs stay guarded: what they left behind may be rejected after their last meeting. */
const files = new Set<string>();
const guards = new Set<Guard>();
let guarding = false;

/**
 * From now on an unhandled rejection whose stack has `file` in it ends nothing; it is told to `onRejection` until the returned
 * function is called. Every other one ends the process as before, unless somebody else listens for them.
 */
export function guardRejections(file: string, onRejection: OnRejection): () => void {
  if (!guarding) process.on('unhandledRejection', onUnhandled);
  guarding = true;
  files.add(file);
  const guard = { file, onRejection };
  guards.add(guard);
  return () => {
    guards.delete(guard);
  };
}

function onUnhandled(reason: unknown): void {
  const stack = reason instanceof Error ? (reason.stack ?? '') : '';
  if (reason instanceof Error && [...files].some((file) => stack.includes(file))) {
    for (const { file, onRejection } of guards) if (stack.includes(file)) onRejection(reason);
    return;
  }
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}
