/** A Realtime session that a program drives, in a room: the methods and events of OpenAI's beta client over today's API. */
export { type ConnectRealtimeOptions, connectRealtime, type RealtimePlace } from './connect-realtime.js';
export { RealtimeClient, type UserContent } from './client.js';
export type { RealtimeClientEvents, RealtimeEventLog } from './client-events.js';
export type {
  CallEndedEvent,
  CallEvent,
  CallEvents,
  CallParticipant,
  CallParticipantEvent,
  CustomCallEvent,
} from './call-events.js';
export type { EventCallback } from './event-handlers.js';
export type { FormattedItem, FormattedTool, ItemContent, ItemDelta, RealtimeItem } from './items.js';
export type { RealtimeApi, RealtimeApiEvents, WireEvent } from './realtime-api.js';
export type {
  AudioFormatName,
  RealtimeSessionFields,
  ToolDefinition as RealtimeToolDefinition,
  TurnDetection,
} from './session-config.js';
export {
  type Tool as RealtimeTool,
  type ToolHandler as RealtimeToolHandler,
  withoutReply,
} from './tool-calls.js';
export {
  type ConnectOpenAiOptions,
  type MeetingCall,
  MeetingClient,
  type MeetingClientOptions,
} from './meeting-client.js';
