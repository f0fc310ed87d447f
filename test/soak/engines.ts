/** The sessions of each engine, as a meeting opens them, over lines to the embedded server. */
import type { VirtualClock } from '../../src/clock.js';
import { conversationSessions, type OpenSession } from '../../src/meeting/open-session.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation-config.js';
import { translationLanguageOf } from '../../src/realtime/translation-config.js';
import { TranslationSession } from '../../src/realtime/translation.js';
import type { OpenTransport } from '../../src/realtime/transport.js';

export const ENGINES = ['conversation', 'translate'] as const;
export type Engine = (typeof ENGINES)[number];

/** @param lineTo a line to what is behind the address of the server's conversation sessions */
export function sessionsOf(
  engine: Engine,
  clock: VirtualClock,
  lineTo: (path: string) => OpenTransport,
): OpenSession {
  if (engine === 'conversation') {
    const open = lineTo('?model=parley-embedded');
    return conversationSessions({ open: () => open, clock, config: DEFAULT_CONVERSATION_CONFIG });
  }
  const open = lineTo('/translations?model=gpt-realtime-translate');
  return ({ name, route, patienceMs = 0 }) => {
    const language = route.to === undefined ? undefined : translationLanguageOf(route.to);
    if (language === undefined) throw new Error(`no translation session speaks ${route.to ?? 'nothing'}`);
    return new TranslationSession({
      open,
      clock,
      name,
      patienceMs,
      config: {
        language,
        transcriptionModel: 'gpt-realtime-whisper',
        noiseReduction: undefined,
        pauseAfterSilenceMs: undefined,
      },
    });
  };
}
