/** What `work` computes for, in milliseconds of CPU time: on a busy machine it takes longer, and computes no more. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
