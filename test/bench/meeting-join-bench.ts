/** How long the bot takes to be in a meeting. */
import { median, type Row } from './measure.js';
import { JOIN_TIMEOUT_MS, DemoMeeting } from './meeting-stage.js';

const ROUNDS = 5;

/** Fresh processes, one after the other, into a room without anybody else. */
export async function benchJoin(): Promise<Row[]> {
  const fromStartMs: number[] = [];
  const fromAskingMs: number[] = [];
  const againMs: number[] = [];
  await DemoMeeting.run(120_000, async (stage) => {
    for (let round = 0; round < ROUNDS; round++) {
      const bot = stage.startBot();
      const order = stage.joinOrder(false);
      const first = await bot.ask(order, 'joined', JOIN_TIMEOUT_MS);
      fromStartMs.push(first.atMs - bot.startedAtMs);
      fromAskingMs.push(first.tookMs);
      await bot.ask({ kind: 'leave' }, 'left', JOIN_TIMEOUT_MS);
      againMs.push((await bot.ask(order, 'joined', JOIN_TIMEOUT_MS)).tookMs);
      await bot.ask({ kind: 'leave' }, 'left', JOIN_TIMEOUT_MS);
      bot.kill();
    }
  });
  const row = (name: string, values: readonly number[], note: string): Row => ({
    group: 'joining a meeting',
    name,
    value: median(values),
    unit: 'ms',
    note: `${note}; median of ${ROUNDS}, worst ${Math.max(...values).toFixed(0)}`,
  });
  return [
    row('process start included', fromStartMs, 'from spawning node to being in the meeting'),
    row('process start excluded', fromAskingMs, 'SDK, WebRTC and filters are loaded in it'),
    row('again in the same process', againMs, 'everything is loaded'),
  ];
}
