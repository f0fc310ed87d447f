/**
 * The embedded Fastino: the protocol of the Fastino Personalization API without its models. Its protocol comes from
 * Fastino's two documents, "Quick Start" and "Integrating with OpenAI Realtime" (here: the Realtime guide); where they
 * disagree it takes both. What the stand-in does in its own way:
 *
 * - A key is asked for by all five calls, although the Quick Start says that `/chunks` and `/query` need none.
 * - A summary is made of the traits and of what was ingested, the latest first, in whole sentences; a `purpose` is taken and
 *   changes nothing, as with Fastino.
 * - Chunks are found by the words that they have in common with the conversation, not by their meaning. One that has no word
 *   in common with anything gets the latest memories.
 * - `/query` answers with the memories that fit best, and keeps the answer as a stage 3 chunk. Nothing is searched by itself
 *   at memory thresholds, and what was ingested is there at once.
 * - Personal data is redacted as far as patterns find it: e-mail addresses and long numbers.
 * - Error codes other than `USER_NOT_FOUND` are not documented; these follow its manner.
 * - Everything is in memory: 10,000 users of 2,000 memories each, the oldest forgotten.
 */
export type { FastinoCall } from './calls.js';
export type { FastinoFaultControl, FastinoFaultCounts, FastinoFaults, Garbage } from './faults.js';
export type { KeyHeader } from './key-check.js';
export {
  type FastinoServer,
  type FastinoServerLog,
  type FastinoServerOptions,
  startFastinoServer,
} from './server.js';
