import { readFileSync } from 'node:fs';
import { cpus, freemem } from 'node:os';
import type { MachineLoad } from './capacity.js';

/** Measures this machine: each call tells of the time since the one before. */
export function machineMeter(): () => MachineLoad {
  let before = cpuTimes();
  return () => {
    const now = cpuTimes();
    const total = now.total - before.total;
    const cpu = total <= 0 ? 0 : (now.busy - before.busy) / total;
    before = now;
    return { cpu, freeBytes: availableBytes() };
  };
}

function cpuTimes(): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const { idle, ...others } = times;
    const working = Object.values(others).reduce((sum, each) => sum + each, 0);
    busy += working;
    total += working + idle;
  }
  return { busy, total };
}

/** What can be had without swapping: free memory alone leaves out what caches give back. */
function availableBytes(): number {
  try {
    const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Not on this system.
  }
  return freemem();
}
