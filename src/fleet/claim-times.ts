/**
 * The times of a claim, which have to fit together (docs/service.md has the sum): a process that stood still for longer than its
 * fence allows (`epoch-fence.ts`) is silent before anybody else may have its meeting, and a transaction of a machine that stands
 * still is ended by the server (`postgres.ts`) before its claim is lost.
 */

/** A worker shows so often that its claims live. */
export const HOLD_MS = 1_000;
/** A claim that nobody has shown to live for so long may be taken away. */
export const HEARTBEAT_MS = 7_000;
/** After the database was away, every worker has shown again that it lives within this. */
export const RETURN_MS = 8_000;
