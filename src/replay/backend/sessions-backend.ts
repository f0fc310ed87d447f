import { connectionBackend, offerBoth } from '../../realtime/connection-backend.js';
import type { SpeechBackend, SpeechRequest } from '../../realtime/speech-backend.js';
import type { OpenTransport } from '../../realtime/transport.js';
import type { ReplayBackend } from './replay-backend.js';

/** The sessions of a replay's other end; `tap` wraps the connections of each. */
export function sessionsBackend(
  { connectionsFor }: Pick<ReplayBackend, 'connectionsFor'>,
  tap: (open: OpenTransport, request: SpeechRequest) => OpenTransport,
): SpeechBackend {
  return connectionBackend({
    description: 'a replay',
    prices: undefined,
    offer: offerBoth('replay'),
    connectionsFor: (request) => {
      const { engine, speakerId } = request;
      const sessions = engine === 'conversation' ? 'conversation' : 'translation';
      return tap(connectionsFor({ sessions, speakerId }), request);
    },
  });
}
