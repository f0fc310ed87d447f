/**
 * Servers in this process that stand in for services and speak their real protocols: a Realtime server that knows the phrases of
 * a phrasebook, and rooms that VideoSDK's SDK can join. For tests, demonstrations and a first try without keys.
 */
import type { RoomServer, RoomServerOptions } from './room-server/index.js';

export { embedded, type EmbeddedBackend, type EmbeddedOptions } from './backend.js';
export { createResponder, type ResponderName } from './responder.js';
export { type ScriptedCall, scriptedReplies, type ScriptedRule } from './phrasebook/scripted-replies.js';
export {
  type FunctionCall,
  type FunctionResult,
  type HeardTurn,
  type RealtimeServer,
  type RealtimeServerOptions,
  type Reply,
  type ReplyScript,
  type Responder,
  type ScriptedReply,
  startRealtimeServer,
} from './realtime-server/index.js';
export type { RoomServer, RoomServerOptions } from './room-server/index.js';

/**
 * Starts a room server: meetings that VideoSDK's SDK and a browser can join, on this machine. `videoSdk` joins them with the
 * server's key, secret and addresses. Its packages are loaded when it is called first.
 */
export async function startRoomServer(options: RoomServerOptions = {}): Promise<RoomServer> {
  const server = await import('./room-server/index.js');
  return server.startRoomServer(options);
}
