/**
 * Parley as a library: `interpret` joins a meeting and interprets it. Beside it stand the ports that a program can implement
 * itself (room, platform, backend, profiles, record), and makers of those that come along. Other entries: `./audio`,
 * `./embedded`, `./testing`, `./schemas`, `./client`.
 */
export { interpret, type InterpretOptions, type MeetingPlace } from './bot/interpret.js';
export type { Interpreter, InterpreterStatus } from './bot/interpreter.js';
export type { UpdateReport } from './bot/settings-change.js';
export type { ChangeOutcome, PersonSettings } from './meeting/meeting-change.js';
export type {
  MeetingContext,
  MeetingPart,
  MeetingPlan,
  RouteSessionView,
  RouteSnapshot,
  SaidSpeech,
  TurnAttribution,
} from './meeting/meeting-part.js';
export type { Metric } from './metrics.js';
export type { BotEvent, BotEventMap, EventsLost } from './bot/event-log.js';
export type { JoinCounters, JoinEvent, JoinEventOf, JoinPerson, Latency } from './bot/events.js';
export type { StayEnd, StayEndCause } from './bot/stay-watch.js';
export type { Said } from './meeting/speaking/announcer.js';

export {
  DEFAULT_MEETING_SETTINGS,
  meetingSettings,
  type MeetingSettingName,
  type MeetingSettings,
  type MeetingSettingsInput,
  type MeetingSettingsPatch,
  metaOf,
  parseMeetingSettings,
  type PatchOutcome,
  patchSettings,
} from './bot/meeting-settings.js';

export type { AudioFrame } from '../audio/index.js';
export {
  BOT_ID_PREFIX,
  type DataMessage,
  isBotId,
  type LeaveReason,
  type OnAudio,
  type Participant,
  type PublishOptions,
  type Room,
  type RoomCapabilities,
  type RoomEvents,
  type RoomState,
  type TrackSource,
} from './room/room.js';
export type {
  MeetingPlatform,
  PlaceRequest,
  PlatformCapabilities,
  RoomInfo,
  TokenRequest,
} from './room/meeting-platform.js';
export { newBotId } from './room/new-bot-id.js';
export { stream, type StreamPlatformOptions } from './room/stream/platform.js';
export { videoSdk, type VideoSdkPlatformOptions } from './room/videosdk/platform.js';
export type { OpenChannel } from './meeting/speaking/channel-rooms.js';

export type {
  EngineOffer,
  ModelNames,
  SpeechBackend,
  SpeechOffer,
  SpeechRequest,
} from './realtime/speech-backend.js';
export { type EngineAbilities, type EngineName, ENGINES } from './realtime/engines.js';
export type { EngineChoice } from './interpreter/plan/engine.js';
export {
  azureOpenAi,
  type AzureOpenAiOptions,
  openAi,
  type OpenAiOptions,
  realtimeServer,
  type RealtimeServerBackendOptions,
} from './realtime/providers/makers.js';
export { type ConnectionBackendOptions, connectionBackend, offerAll } from './realtime/connection-backend.js';
export { LIST_PRICES, type Price, type PriceTable } from './cost/prices.js';

export type {
  CallOptions,
  ChunksQuery,
  Profile,
  ProfileChunk,
  ProfileSource,
  SaidText,
} from './profiles/profile-source.js';
export type { MeetingRecord, StartRecord } from './bot/meeting-record.js';
export { type FolderRecord, recordIn } from './records/folder-record.js';
export { type ReadRecord, readRecord } from './records/read-record.js';
export { TRANSCRIPT_FORMATS, type TranscriptFormat, writeTranscript } from './captions/transcript-formats.js';

export { type Clock, systemClock, type TimerHandle } from './clock.js';
export { EXIT_CODES, ParleyError, type ParleyErrorCode } from './errors.js';
export { EventEmitter, type EventMap, type EventSource } from './events.js';
export { createLogger, type Logger } from './log.js';

export type { Caption, CaptionMark } from './captions/caption.js';
export { type Cue, cuesOfTurns } from './captions/cue.js';
export { writeSrt } from './captions/srt.js';
export { captionsTopic } from './captions/topics.js';
export { writeVtt } from './captions/vtt.js';
export { languageName, type LanguageTag, parseLanguage, sameLanguage } from './languages/languages.js';
export { type Glossary, type GlossaryEntry, parseGlossary } from './interpreter/instructions/glossary.js';
export {
  buildInstructions,
  type InstructionsInput,
  type PersonContext,
} from './interpreter/instructions/instructions.js';

export {
  ConversationSession,
  type ConversationOptions,
} from './realtime/conversation/conversation-session.js';
export {
  type ConversationConfig,
  DEFAULT_CONVERSATION_CONFIG,
} from './realtime/conversation/conversation-config.js';
export type { TranslateConfig } from './realtime/translate/translate-config.js';
export { REALTIME_RATE_HZ, ROOM_RATE_HZ } from '../audio/rates.js';
export { AudioChunk } from './realtime/uplink/audio-chunk.js';
export { connectWebSocket, type ConnectionOptions } from './realtime/connection/websocket-transport.js';
export { type Endpoint, type EndpointRequest, resolveEndpoint } from './realtime/providers/endpoint.js';
export { openEndpoint } from './realtime/providers/open-endpoint.js';
export { type Provider, type ProviderRequest, resolveProvider } from './realtime/providers/providers.js';
export type * from './realtime/session.js';
export type {
  OpenTransport,
  RealtimeTransport,
  TransportClose,
  TransportHandlers,
} from './realtime/transport.js';

export {
  type AudioFormatName,
  type CallEndedEvent,
  type CallEvent,
  type CallEvents,
  type CallParticipant,
  type CallParticipantEvent,
  type ConnectOpenAiOptions,
  connectRealtime,
  type ConnectRealtimeOptions,
  type CustomCallEvent,
  type EventCallback,
  type FormattedItem,
  type FormattedTool,
  type ItemContent,
  type ItemDelta,
  type MeetingCall,
  MeetingClient,
  type MeetingClientOptions,
  type RealtimeApi,
  type RealtimeApiEvents,
  RealtimeClient,
  type RealtimeClientEvents,
  type RealtimeEventLog,
  type RealtimeItem,
  type RealtimePlace,
  type RealtimeSessionFields,
  type RealtimeTool,
  type RealtimeToolDefinition,
  type RealtimeToolHandler,
  type TurnDetection,
  type UserContent,
  type WireEvent,
  withoutReply,
} from './realtime-client/index.js';

export { replay, type ReplayListener, type ReplayResult } from './replay/index.js';
export type { ReplayDocument, ReplayedFile, ReplayTurn } from './replay/output/document.js';
export type { MeetingDocument } from './replay/meeting/document.js';
export type { BackendSettings, ReplaySettings } from './replay/settings.js';
export type { EngineSettings } from './meeting/routes/route-engine.js';
export type { TranslateSettings } from './meeting/open-session.js';
