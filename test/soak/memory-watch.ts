/** What a long run keeps: memory after garbage was collected, and what the process holds open. */
import { keptMemory } from '../kept-memory.js';

const MIB = 1_048_576;
/** V8's own threads give back what was freed, a moment later. */
const GIVING_BACK_MS = 300;

/** One look. `atMs` is the clock's. */
export type MemorySample = {
  atMs: number;
  rssMib: number;
  heapMib: number;
  buffersMib: number;
  /** Open sockets, servers and timers of the process, by kind. */
  handles: Readonly<Record<string, number>>;
};

/** Collects garbage, and looks when it is given back; blocks the process until then. */
export function sampleMemory(atMs: number): MemorySample {
  const { heapBytes, bufferBytes } = keptMemory();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, GIVING_BACK_MS);
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  return {
    atMs,
    rssMib: process.memoryUsage.rss() / MIB,
    heapMib: heapBytes / MIB,
    buffersMib: bufferBytes / MIB,
    handles,
  };
}

/** How far the values are from their middle at most, as a share of it. */
export function spread(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return 0;
  return Math.max(sorted.at(-1)! - middle, middle - sorted[0]!) / middle;
}

/** What there is more of than before, by kind. */
export function leftOpen(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const more = Object.entries(after).map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}
