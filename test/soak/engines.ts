/** Backends with one engine, over lines to the embedded server. */
import { ParleyError } from '../../src/errors.js';
import { connectionBackend, offerBoth } from '../../src/realtime/connection-backend.js';
import type { EngineName } from '../../src/realtime/engines.js';
import type { SpeechBackend } from '../../src/realtime/speech-backend.js';
import type { OpenTransport } from '../../src/realtime/transport.js';

export const ENGINES: readonly EngineName[] = ['conversation', 'translate'];

const PATHS = {
  conversation: '?model=parley-embedded',
  translate: '/translations?model=gpt-realtime-translate',
} as const;

/** A backend with this engine and no other. @param lineTo a line to what is behind the address of the server's conversation sessions */
export function backendOf(engine: EngineName, connectionTo: (path: string) => OpenTransport): SpeechBackend {
  return connectionBackend({
    description: 'the soak',
    prices: undefined,
    offer: (asked) => {
      const both = offerBoth('parley-embedded')(asked);
      const error = new ParleyError('config', 'it is not part of this soak');
      const missing = { kind: 'missing', error } as const;
      const engines = { conversation: missing, translate: missing, [engine]: both.engines[engine] };
      return { ...both, engines };
    },
    connectionsFor: ({ engine: of }) => connectionTo(PATHS[of]),
  });
}
