/** The sessions of one engine, whatever a meeting asks for, over lines to the embedded server. */
import type { VirtualClock } from '../../src/clock.js';
import type { EngineName } from '../../src/realtime/engines.js';
import { backendSessions, type OpenSession } from '../../src/meeting/open-session.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../src/realtime/translate/translate-config.js';
import type { OpenTransport } from '../../src/realtime/transport.js';
import { backendOver } from '../realtime/backend-over.js';

export const ENGINES: readonly EngineName[] = ['conversation', 'translate'];

const PATHS = {
  conversation: '?model=parley-embedded',
  translate: '/translations?model=gpt-realtime-translate',
} as const;

/** @param lineTo a line to what is behind the address of the server's conversation sessions */
export function sessionsOf(
  engine: EngineName,
  clock: VirtualClock,
  lineTo: (path: string) => OpenTransport,
): OpenSession {
  const openSession = backendSessions({
    backend: backendOver(({ engine: of }) => lineTo(PATHS[of])),
    meetingId: 'soak',
    model: 'parley-embedded',
    clock,
    conversation: DEFAULT_CONVERSATION_CONFIG,
    translate: DEFAULT_TRANSLATE_SETTINGS,
  });
  return (request) => openSession({ ...request, engine });
}
