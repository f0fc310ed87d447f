/** The embedded Realtime server in a process of its own. */
import { z } from 'zod';
import { startChildServer } from './child-server.js';

const startedSchema = z.object({ url: z.string(), key: z.string() });
/** What `parley realtime --for-parent` says when it listens, as its only line. */
export type RealtimeStarted = z.infer<typeof startedSchema>;

/** A running server; it ends with this process, whatever happens. */
export type RealtimeProcess = RealtimeStarted & { readonly end: () => Promise<void> };

/** Starts it at any free port, with a key that nobody else knows. Rejects with ParleyError `service_unavailable`. */
export async function startRealtimeProcess(
  env: Readonly<Record<string, string | undefined>>,
): Promise<RealtimeProcess> {
  const { started, end } = await startChildServer(['realtime', '--port', '0'], startedSchema, env);
  return { ...started, end };
}
