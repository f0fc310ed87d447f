/** How late the playout clock hands over frames, with the main thread idle and with stalls. */
import type { PlayoutReport } from './children/messages.js';
import { withChildren } from './child-process.js';
import type { Row } from './measure.js';
import { longMeasurementMs } from './meeting-stage.js';

/** One mode after the other, each in a process of its own. */
export async function benchPlayout(): Promise<Row[]> {
  const durationMs = longMeasurementMs() / 4;
  const rows: Row[] = [];
  for (const [mode, name] of [
    ['idle', 'main thread idle'],
    ['stalled', '40 ms stalls every 200 ms'],
  ] as const) {
    const { latenessMs, frames, reanchors } = await withChildren(durationMs + 20_000, (start) =>
      start<never, PlayoutReport>('playout-child', [mode, String(durationMs)]).next(
        'measured',
        durationMs + 15_000,
      ),
    );
    const group = `playout lateness: ${name}`;
    const note = `${frames} frames, ${reanchors} re-anchors; 20 ms of lead not taken off`;
    for (const share of ['p50', 'p99', 'max'] as const)
      rows.push({
        group,
        name: share,
        value: latenessMs[share],
        unit: 'ms',
        note: share === 'p50' ? note : '',
      });
  }
  return rows;
}
