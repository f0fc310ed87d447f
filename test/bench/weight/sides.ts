/** Both builds in one run, measured in turn, so that what changes on the machine changes both. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package-root.js';
import { median, type Row } from '../measure.js';
import { buildOf } from './earlier-build.js';
import { Side } from './side.js';

/** What the weight is compared with; another commit with `PARLEY_BENCH_COMMIT`. */
const EARLIER = '69b0279';

/** Values of both builds, in the order in which they were measured. */
export type Pair = { earlier: number[]; now: number[] };

/** Runs a measurement with both builds; their processes end with it. */
export async function withSides<Result>(
  measure: (sides: { earlier: Side; now: Side }) => Promise<Result>,
): Promise<Result> {
  const commit = process.env['PARLEY_BENCH_COMMIT'] ?? EARLIER;
  if (!/^[0-9a-f]{7,40}$/.test(commit)) throw new Error('PARLEY_BENCH_COMMIT must be a commit');
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const earlier = new Side(commit, await buildOf(commit), join(folder, 'earlier'));
  const now = new Side('now', packageRoot(), join(folder, 'now'));
  const close = (): void => {
    earlier.close();
    now.close();
  };
  process.once('exit', close);
  try {
    return await measure({ earlier, now });
  } finally {
    process.off('exit', close);
    close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** How often each build is measured: so many times, or `PARLEY_BENCH_ROUNDS` for trying. */
export function roundsOf(otherwise: number): number {
  const rounds = Number(process.env['PARLEY_BENCH_ROUNDS'] ?? otherwise);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50)
    throw new Error('PARLEY_BENCH_ROUNDS must be 1 to 50');
  return rounds;
}

/** One line: the median of now as a share of the median before, with both and what is wanted. */
export function shareRow(name: string, pair: Pair, unit: string, wanted: number): Row {
  const [before, after] = [median(pair.earlier), median(pair.now)];
  const list = (values: readonly number[]): string => values.map((value) => value.toPrecision(3)).join(', ');
  return {
    group: 'weight',
    name,
    value: after / before,
    unit: 'of before',
    note:
      `wanted: at most ${wanted}; ${before.toPrecision(3)} -> ${after.toPrecision(3)} ${unit}; ` +
      `medians of ${list(pair.earlier)} -> ${list(pair.now)}`,
  };
}
