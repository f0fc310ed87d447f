import { collectGarbage } from '../../kept-memory.js';
import { monotonicMs } from '../child-process.js';
import { rssMib } from '../measure.js';

let collectingMs = 0;

/**
 * What this process used so far: CPU of all its threads, and memory once garbage is collected. Collecting it is no part of what is
 * measured: what it costs, which grows with the heap, is left out.
 */
export function ownUsage(): { cpuMs: number; atMs: number; rssMib: number } {
  const [usedMs, atMs] = [cpuMs(), monotonicMs()];
  const used = { cpuMs: usedMs - collectingMs, atMs };
  collectGarbage();
  collectingMs += cpuMs() - usedMs;
  return { ...used, rssMib: rssMib() };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
