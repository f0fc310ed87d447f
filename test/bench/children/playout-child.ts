/** How late the playout clock is. Arguments: `idle` or `stalled`, and for how many milliseconds. */
import { systemClock } from '../../../src/clock.js';
import { playoutClockOn } from '../../../src/room/webrtc/playout-clock.js';
import { sleep } from '../child-process.js';
import { quantile } from '../measure.js';
import type { PlayoutReport } from './messages.js';
import { followOrders, notify } from './orders.js';

const FRAME_MS = 10;
const STALL_MS = 40;
const STALL_EVERY_MS = 200;
/** The process itself comes to rest. */
const SETTLE_MS = 500;

followOrders(() => undefined);
const [mode, durationMs] = [process.argv[2], Number(process.argv[3])];
const clock = playoutClockOn(systemClock);
const latenessMs: number[] = [];
if (mode === 'stalled') {
  setInterval(() => {
    const untilMs = systemClock.nowMs() + STALL_MS;
    while (systemClock.nowMs() < untilMs);
  }, STALL_EVERY_MS);
}
await sleep(SETTLE_MS);
let dueMs: number | undefined;
const stop = clock.add({
  playFrame: (atMs) => {
    // After a re-anchor the frame stands for a later moment than the one that was its turn.
    dueMs ??= atMs - clock.leadMs;
    latenessMs.push(systemClock.nowMs() - dueMs);
    dueMs = atMs - clock.leadMs + FRAME_MS;
  },
});
await sleep(durationMs);
stop();
notify({
  kind: 'measured',
  latenessMs: {
    p50: quantile(latenessMs, 0.5),
    p99: quantile(latenessMs, 0.99),
    max: Math.max(...latenessMs),
  },
  frames: latenessMs.length,
  reanchors: clock.stats.reanchors,
} satisfies PlayoutReport);
