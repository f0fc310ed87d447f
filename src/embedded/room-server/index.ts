/** The embedded room server. */
export type { RoomFaultControls, RoomFaultCounts, RoomFaultName, RoomFaults } from './faults.js';
export { isRoomId } from './room-registry.js';
export {
  type RoomServer,
  type RoomServerOptions,
  type RoomServerUsage,
  type RoomSummary,
  startRoomServer,
} from './server.js';
export type { ServerLog } from './signalling/services.js';
