import type { RouteSpec } from '../../src/interpreter/plan/routes.js';

/** The route of somebody who speaks Spanish into another language. */
export function spanishRoute(speakerId: string, to: string, listenerIds: readonly string[]): RouteSpec {
  return {
    key: `${to}:${speakerId}`,
    speakerId,
    from: ['es'],
    to,
    listenerIds,
    transcribes: true,
    transcriptionLanguage: 'es',
  };
}
