/** The embedded Realtime server. */
export type { FaultControl, FaultCounts, Faults } from './faults.js';
export type { FunctionCall, ReplyScript } from './reply-plan.js';
export type { HeardTurn, Reply, Responder } from './responder.js';
export { type RealtimeServer, type RealtimeServerOptions, startRealtimeServer } from './server.js';
export type { ServerLog } from './session.js';
