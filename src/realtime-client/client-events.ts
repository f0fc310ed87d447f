import type { ParleyError } from '../errors.js';
import type { CallEvent, CallEvents } from './call-events.js';
import type { ItemDelta, RealtimeItem } from './items.js';
import type { WireEvent } from './realtime-api.js';

/** An event on its way, either way; `time` is ISO 8601. */
export type RealtimeEventLog = { time: string; source: 'client' | 'server'; event: WireEvent | CallEvent };

/** What a {@link RealtimeClient} tells, by name. */
export type RealtimeClientEvents = CallEvents & {
  /** Every event of the session both ways as it travelled, and every event of the call; after the named ones that come of it. */
  'realtime.event': RealtimeEventLog;
  /** An item is new, or has changed; `delta` is what was added to it, where that is it. */
  'conversation.updated': { item: RealtimeItem; delta: ItemDelta | null };
  'conversation.item.appended': { item: RealtimeItem };
  /** Told once of each item that is completed; never of one that was cancelled. */
  'conversation.item.completed': { item: RealtimeItem };
  /** Somebody started to speak: what the agent was saying in the room has been cut. */
  'conversation.interrupted': undefined;
  /** The session is over; `error`: by a failure, which `error` has told. */
  close: { error: boolean };
  /** The server's own `error` event; or why the session failed. It ends nothing by itself. */
  error: WireEvent | ParleyError;
};
