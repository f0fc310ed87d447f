/** How a meeting gets its sessions. */
import type { Clock } from '../clock.js';
import type { RouteSpec } from '../interpreter/routes.js';
import { spokenLanguage } from '../languages/languages.js';
import type { ConversationConfig } from '../realtime/conversation-config.js';
import { ConversationSession } from '../realtime/conversation.js';
import type { InterpretingSession } from '../realtime/session.js';
import type { OpenTransport } from '../realtime/transport.js';

/** What a session of a meeting is for. */
export type SessionRequest = {
  /** Unique in the process, and short: turn ids begin with it. */
  name: string;
  route: RouteSpec;
  instructions: string;
};

/** Makes a session that is not connected yet. */
export type OpenSession = (request: SessionRequest) => InterpretingSession;

/**
 * Conversation sessions of one server. Only the route that transcribes asks for a transcription, in the speaker's
 * language where that is one and known, unless `config` names one.
 */
export function conversationSessions(options: {
  open: OpenTransport;
  clock: Clock;
  config: ConversationConfig;
}): OpenSession {
  const { open, clock, config } = options;
  return ({ name, route, instructions }) => {
    const [language, ...others] = route.from;
    const spoken = language === undefined || others.length > 0 ? {} : { language: spokenLanguage(language) };
    const transcription =
      config.transcription === undefined || !route.transcribes
        ? undefined
        : { ...spoken, ...config.transcription };
    return new ConversationSession({
      open,
      clock,
      name,
      config: { ...config, transcription },
      instructions,
    });
  };
}
