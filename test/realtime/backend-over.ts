import { connectionBackend, offerAll } from '../../src/realtime/connection-backend.js';
import type { SpeechBackend, SpeechRequest } from '../../src/realtime/speech-backend.js';
import type { OpenTransport } from '../../src/realtime/transport.js';

/** A backend over connections of a test's own. */
export function backendOver(
  connectionsFor: (request: SpeechRequest) => OpenTransport,
  model = 'test',
): SpeechBackend {
  return connectionBackend({
    description: 'a test',
    prices: undefined,
    offer: offerAll(model),
    connectionsFor,
  });
}
