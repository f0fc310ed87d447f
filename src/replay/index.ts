import type { replay as replayNow } from './replay.js';
export type { ReplayListener, ReplayResult } from './replay.js';

/**
 * Interprets recordings as a live meeting would, and writes what was said, heard and how fast. Decoders and servers are loaded
 * when it is called first. Rejects with a ParleyError for settings that do not fit; a recording that fails is told to the
 * listener.
 */
export const replay: typeof replayNow = async (...args) => (await import('./replay.js')).replay(...args);
