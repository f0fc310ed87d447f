/**
 * The embedded Realtime server: the protocol of the OpenAI Realtime API (`/v1/realtime`, GA shape) without a model. What the
 * stand-in does in its own way:
 *
 * - Sessions report the model `parley-embedded`; what is said comes from a {@link Responder}, functions are called when a
 *   {@link ReplyScript} says so, several at a time where it does. A reply with nothing to say is a completed response with an empty `output`.
 * - A response without `input` answers every turn of the conversation that no response has answered, joined in order; after
 *   one cut by `max_output_tokens` it goes on with the rest.
 * - What a function gave back is taken once for each call. That the API refuses a second output is an assumption; that it refuses one
 *   without its call is known.
 * - Semantic VAD goes by the length of the phrase (turn-detector.ts).
 * - A commit by the client while somebody speaks takes what was said so far. VAD goes on: no further `speech_started`, and
 *   `speech_stopped` names another item, which holds the rest (InputAudioBufferSpeechStartedEvent, openai@7.55.0). That the
 *   first item keeps the announced id, and that nothing is committed twice, is an assumption.
 * - `languages` of a transcription is told for `gpt-transcribe`, as documented there.
 * - It has Azure's path too (GA form, deployments instead of models), and compatible servers' ways (server-form.ts).
 * - `noise_reduction`, `truncation`, `prompt`, `reasoning` and `tracing` are checked, kept and reported, and change
 *   nothing. MCP tools are taken and never called. `type: "transcription"` sessions are refused.
 * - The last ten minutes of a conversation's audio can be retrieved; uncommitted audio is kept for ten minutes.
 */
export type { ClientSocket } from './server/client-connection.js';
export type { FaultControl, FaultCounts, Faults } from './server/faults.js';
export type { FunctionCall, FunctionResult, ReplyScript, ScriptedReply } from './responses/reply-plan.js';
export type { HeardTurn, Reply, Responder } from './responses/responder.js';
export type { ServerForm } from './server/server-form.js';
export type { ServerLog } from './server/server-log.js';
export { type RealtimeServer, type RealtimeServerOptions, startRealtimeServer } from './server/server.js';
export { EMBEDDED_MODEL } from './config/session-config.js';
export { type HostedSession, SessionHost, type SessionHostOptions } from './server/session-host.js';
