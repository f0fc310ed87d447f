import { systemClock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import type { OpenTransport } from '../transport.js';

/** A server that is not there at once is asked again after this. */
const CHECK_AGAIN_MS = 1_000;

/**
 * Opens a connection and closes it at once; nothing is said, and nothing billed. Rejects as `open` does; with
 * `service_unavailable` when that was so twice. `begin`: does more with it than that.
 */
export async function checkConnection(
  open: OpenTransport,
  begin: (open: OpenTransport) => Promise<void> = openAndClose,
): Promise<void> {
  const tryOnce = (): Promise<void> => begin(open);
  try {
    await tryOnce();
  } catch (error) {
    if (!(error instanceof ParleyError && error.code === 'service_unavailable')) throw error;
    // Servers elsewhere live in real time, whatever clock the meeting has.
    await new Promise<void>((resolve) => {
      systemClock.setTimer(resolve, CHECK_AGAIN_MS);
    });
    await tryOnce();
  }
}

async function openAndClose(open: OpenTransport): Promise<void> {
  const transport = await open({ message: () => undefined, closed: () => undefined });
  transport.close();
}
