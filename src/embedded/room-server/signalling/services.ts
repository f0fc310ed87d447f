import type { Clock } from '../../../clock.js';
import type { RoomFaultState } from '../faults.js';
import type { RoomPeer } from '../live-room.js';
import type { MediaAddresses } from '../sfu/transport.js';
import type { WireLeaveReason } from './leave-reasons.js';

/** Where connections about this server go. */
export interface ServerLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What the methods of signalling work with. */
export type SignallingServices = {
  clock: Clock;
  log: ServerLog;
  faults: RoomFaultState;
  addresses: MediaAddresses;
  isFrozen: () => boolean;
  pubSubUrl: (peer: RoomPeer) => string;
  /** Sends a participant away, with a reason that its SDK understands. */
  endPeer: (peer: RoomPeer, reason: WireLeaveReason) => void;
};
