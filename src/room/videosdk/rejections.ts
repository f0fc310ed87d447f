/**
 * The SDK leaves promises behind that nobody waits for, as every second when it asks a connection for its statistics.
 * In a browser their rejection is a line in the console; in Node it ends the process, and every meeting in it.
 */

/** Part of each line of a stack inside the SDK's bundle. */
const BUNDLE = '@videosdk.live/js-sdk/videosdk.js';

type OnRejection = (reason: Error) => void;

const listeners = new Set<OnRejection>();
let guarding = false;

/**
 * From now on an unhandled rejection that arises in the SDK ends nothing; it is told to `onRejection` until the returned
 * function is called. Every other one ends the process as before, unless somebody else listens for them.
 */
export function guardRejections(onRejection: OnRejection): () => void {
  if (!guarding) process.on('unhandledRejection', onUnhandled);
  guarding = true;
  const entry: OnRejection = (reason) => onRejection(reason);
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
  };
}

function onUnhandled(reason: unknown): void {
  if (reason instanceof Error && reason.stack?.includes(BUNDLE) === true) {
    for (const listener of listeners) listener(reason);
    return;
  }
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}
