import type { Row } from '../measure.js';
import { roundsOf, shareRow, withSides, type Pair } from './sides.js';

const WANTED = 0.2;

/** CPU of commands that do next to nothing: what remains is loading. */
export async function benchCommandWeight(): Promise<Row[]> {
  const rounds = roundsOf(7);
  return withSides(async ({ earlier, now }) => {
    const rows: Row[] = [];
    for (const command of ['--version', 'config']) {
      const cpu: Pair = { earlier: [], now: [] };
      await Promise.all([earlier.run(command), now.run(command)]); // files come into the machine's cache
      for (let round = 0; round < rounds; round++) {
        cpu.earlier.push((await earlier.run(command)).cpuMs);
        cpu.now.push((await now.run(command)).cpuMs);
      }
      rows.push(shareRow(`CPU of parley ${command}`, cpu, 'ms', WANTED));
    }
    return rows;
  });
}
