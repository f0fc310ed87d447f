/** How a meeting gets its sessions. */
import type { Clock } from '../clock.js';
import type { RouteSpec } from '../interpreter/routes.js';
import type { ConversationConfig } from '../realtime/conversation-config.js';
import { ConversationSession } from '../realtime/conversation.js';
import type { InterpretingSession } from '../realtime/session.js';
import type { OpenTransport } from '../realtime/transport.js';

/** Silence that ends a turn of a whole room. */
const ROOM_SILENCE_MS = 200;

/** What a session of a meeting is for. */
export type SessionRequest = {
  /** Unique in the process, and short: turn ids begin with it. */
  name: string;
  route: RouteSpec;
  instructions: string;
  /** It is given texts of ours to speak, and hears nobody. */
  speaks?: true;
};

/** Makes a session that is not connected yet. */
export type OpenSession = (request: SessionRequest) => InterpretingSession;

/**
 * Conversation sessions of one server; those of routes without a target never answer, and the one of a whole room answers
 * by itself, after a short silence. What is transcribed, and in which language, is for the route to say, unless `config`
 * names a language or has no model for it.
 */
export function conversationSessions(options: {
  open: OpenTransport;
  clock: Clock;
  config: ConversationConfig;
}): OpenSession {
  const { open, clock, config } = options;
  const listening: ConversationConfig = { ...config, responses: 'none' };
  const speaking: ConversationConfig = { ...config, responses: 'client', transcription: undefined };
  const twoWay: ConversationConfig = {
    ...config,
    responses: 'server',
    vad: { ...config.vad, silenceDurationMs: ROOM_SILENCE_MS },
  };
  const configOf = ({ route, speaks }: SessionRequest): ConversationConfig => {
    if (speaks === true) return speaking;
    if (route.to === undefined) return listening;
    return route.back === undefined ? config : twoWay;
  };
  return (request) =>
    new ConversationSession({
      open,
      clock,
      name: request.name,
      config: configOf(request),
      instructions: request.instructions,
    });
}
