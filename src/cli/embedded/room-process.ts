/** An embedded room in a process of its own. */
import { z } from 'zod';
import { startChildServer } from './child-server.js';

const startedSchema = z.object({ meetingId: z.string(), page: z.string() });
/** What `parley room --for-parent` says when it listens, as its only line. */
export type RoomStarted = z.infer<typeof startedSchema>;

/** A running room; it ends with this process, whatever happens. */
export type RoomProcess = RoomStarted & { readonly end: () => Promise<void> };

/** Starts `parley room` with these arguments. Rejects with ParleyError `service_unavailable` and what it said. */
export async function startRoomProcess(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<RoomProcess> {
  const { started, end } = await startChildServer(['room', ...args], startedSchema, env);
  return { ...started, end };
}
