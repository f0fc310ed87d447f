/** The sign of life of a meeting process: what passes through it, once a second. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Beat } from './protocol.js';
import type { MediaCounts } from './gated-platform.js';

const BEAT_MS = 1_000;
/** The event loop is looked at so often, each time for a turn of its own. */
const LOOK_MS = 100;
const NS_PER_MS = 1e6;

/** Calls `send` once a second with what passed until now. Returns what ends it. */
export function startBeat(options: {
  counts: MediaCounts;
  isFenced: () => boolean;
  journalLost: () => number;
  send: (beat: Beat) => void;
}): () => void {
  const { counts, isFenced, journalLost, send } = options;
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
  delay.enable();
  const timer = setInterval(() => {
    // What it measures is the time between two looks.
    const loopDelayMs = Math.max(0, Math.round(delay.max / NS_PER_MS) - LOOK_MS);
    delay.reset();
    send({
      framesPulled: counts.framesPulled,
      framesHeard: counts.framesHeard,
      speaking: counts.source?.idle === false,
      openMicrophones: counts.openMicrophones.size,
      roomState: counts.room?.state.kind ?? 'idle',
      loopDelayMs,
      rssBytes: process.memoryUsage.rss(),
      fenced: isFenced(),
      journalLost: journalLost(),
    });
  }, BEAT_MS);
  return () => {
    clearInterval(timer);
    delay.disable();
  };
}
