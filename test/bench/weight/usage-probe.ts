/**
 * Loaded before a program that is measured (`node --import`): says what the process uses, when it is asked over IPC and when
 * the process ends. It loads nothing itself, and keeps nothing running.
 */

/** What a process used since it was started. `cpuMs` is of all of its threads. */
export type Usage = { kind: 'usage'; cpuMs: number; rssMib: number; heapMib: number };

function tell(): void {
  const { user, system } = process.cpuUsage();
  const { rss, heapTotal } = process.memoryUsage();
  const usage: Usage = {
    kind: 'usage',
    cpuMs: (user + system) / 1000,
    rssMib: rss / 1_048_576,
    heapMib: heapTotal / 1_048_576,
  };
  process.send?.(usage, undefined, {}, () => undefined); // whoever asked may be gone
}

process.on('message', tell);
process.on('exit', tell); // a pipe's write is done at once, as long as there is room
process.channel?.unref();
