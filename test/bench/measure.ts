/** What every benchmark here returns, and the arithmetic they share. */

/** One line of the table. */
export type Row = {
  group: string;
  name: string;
  value: number;
  unit: string;
  /** What a reader should compare it with, or know about it. */
  note: string;
};

/** The value below which `share` (0 to 1) of `values` lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Resident memory of this process in MiB. */
export function rssMib(): number {
  return process.memoryUsage.rss() / 1_048_576;
}
