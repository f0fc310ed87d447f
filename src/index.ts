/** Parley as a library: interpret recordings, hold sessions, start the embedded server. Signal code is in `./audio`. */
export { type Clock, systemClock, type TimerHandle, VirtualClock } from './clock.js';
export { EXIT_CODES, ParleyError, type ParleyErrorCode } from './errors.js';

export { type Cue, cuesOfTurns } from './captions/cue.js';
export { writeSrt } from './captions/srt.js';
export { writeVtt } from './captions/vtt.js';

export { languageName, type LanguageTag, parseLanguage, sameLanguage } from './languages/languages.js';
export { type Glossary, type GlossaryEntry, parseGlossary } from './interpreter/instructions/glossary.js';
export type { EngineChoice } from './interpreter/plan/engine.js';
export { type EngineAbilities, type EngineName, ENGINES } from './realtime/engines.js';
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
  REALTIME_SAMPLE_RATE_HZ,
} from './realtime/conversation/conversation-config.js';
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
  type RealtimeServer,
  type RealtimeServerOptions,
  type Responder,
  startRealtimeServer,
} from './embedded/realtime-server/index.js';

export {
  type ReplayDocument,
  replayDocumentSchema,
  type ReplayedFile,
  replayedFileSchema,
  type ReplayTurn,
  replayTurnSchema,
} from './replay/output/document.js';
export { type MeetingDocument, meetingDocumentSchema } from './replay/meeting/document.js';
export { type JoinEvent, joinEventSchema } from './bot/events.js';
export type { Caption, CaptionMark } from './captions/caption.js';
export { captionsTopic } from './captions/topics.js';
export { replay, type ReplayListener, type ReplayResult } from './replay/replay.js';
export type { EngineSettings } from './meeting/routes/route-engine.js';
export type { TranslateSettings } from './meeting/open-session.js';
export type { BackendSettings, ReplaySettings } from './replay/settings.js';
export type { ResponderName } from './embedded/responder.js';
