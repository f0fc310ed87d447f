/** Counters at the beginning of a session. */
import type { SessionCounters } from './session.js';

/** Nothing has been counted. */
export function newSessionCounters(): SessionCounters {
  return {
    audioSentMs: 0,
    audioDroppedMs: 0,
    staleAudioDroppedMs: 0,
    silenceFedMs: 0,
    audioReceivedMs: 0,
    fillerDroppedMs: 0,
    lateAudioDroppedMs: 0,
    turns: 0,
    responses: 0,
    responsesRetried: 0,
    continuations: 0,
    truncations: 0,
    itemsDeleted: 0,
    lateDeltas: 0,
    delegations: 0,
    endsWithoutUsage: 0,
    unknownEvents: 0,
    malformedEvents: 0,
    benignErrors: 0,
    reconnects: 0,
    rotations: 0,
    listenerErrors: 0,
  };
}
