/** Backends with one engine, over lines to the embedded server. */
import { ParleyError } from '../../src/errors.js';
import { connectionBackend, offerAll } from '../../src/realtime/connection-backend.js';
import type { EngineName } from '../../src/realtime/engines.js';
import type { SpeechBackend } from '../../src/realtime/speech-backend.js';
import type { OpenTransport } from '../../src/realtime/transport.js';

export const ENGINES: readonly EngineName[] = ['conversation', 'translate', 'live'];

/** A backend with this engine and no other. @param connectionTo a connection to the server's sessions of this kind */
export function backendOf(
  engine: EngineName,
  connectionTo: (engine: EngineName) => OpenTransport,
): SpeechBackend {
  return connectionBackend({
    description: 'the soak',
    prices: undefined,
    offer: (asked) => {
      const both = offerAll('parley-embedded')(asked);
      const error = new ParleyError('config', 'it is not part of this soak');
      const missing = { kind: 'missing', error } as const;
      const engines = {
        conversation: missing,
        translate: missing,
        live: missing,
        [engine]: both.engines[engine],
      };
      return { ...both, engines };
    },
    connectionsFor: ({ engine: of }) => connectionTo(of),
  });
}
