/** How late people hear the interpreter after its process stood still for a moment, beside the rule that left out what it missed. */
import type { StallReport } from './children/messages.js';
import { withChildren } from './child-process.js';
import type { Row } from './measure.js';

/** What is caught up with: all of it, and, as a comparison, what a clock that lets time go catches up with. */
const CATCH_UP_MS = { now: 2_000, compared: 60 };
const WANTED_SHARE = 0.4;
const MEASURED_MS = 60_000;

/** One stall each, in one process with both rules. */
export async function benchStall(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const stallMs of [300, 1_000]) {
    const { beforeMs, afterMs } = await withChildren(MEASURED_MS, (start) =>
      start<never, StallReport>('stall-child', [
        String(stallMs),
        `${CATCH_UP_MS.now},${CATCH_UP_MS.compared}`,
      ]).next('measured', MEASURED_MS),
    );
    const group = `receiver's delay 12 s after a stall of ${stallMs} ms in speech`;
    const row = (name: string, value: number, unit: string, note = ''): Row => ({
      ...{ group, name, value, unit, note },
    });
    rows.push(
      row('what was missed is sent at once', afterMs[0]!, 'ms', `${beforeMs[0]!.toFixed(0)} ms before it`),
      row('beyond 60 ms it is left out', afterMs[1]!, 'ms', `${beforeMs[1]!.toFixed(0)} ms before it`),
      row('share', afterMs[0]! / afterMs[1]!, '', stallMs === 300 ? `wanted: at most ${WANTED_SHARE}` : ''),
    );
  }
  return rows;
}
