/**
 * `npm run soak`: an eight-hour day of meeting on a virtual clock. `-- --hours 0.5 --engine translate --seed 3` for less of it,
 * the other engine, another day. Exits with 1 where a phrase was lost or doubled outside of a cut, memory was not flat, or
 * something was left open.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { messageOf } from '../../src/errors.js';
import type { EngineName } from '../../src/realtime/engines.js';
import { type DayResult, runDay } from './day.js';
import { ENGINES } from './engines.js';
import { leftOpen, type MemorySample, spread } from './memory-watch.js';
import type { TallyCounts } from './tally.js';

const MINUTE_MS = 60_000;
/** Before that memory grows to what it takes: compiled code, caches, buffers. */
const WARM_UP_MS = 60 * MINUTE_MS;
const FLAT_WITHIN = 0.1;

function options(): { engine: EngineName; hours: number; seed: number } {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string', default: 'conversation' },
      hours: { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
    },
  });
  const engine = ENGINES.find((name) => name === values.engine);
  const [hours, seed] = [Number(values.hours), Number(values.seed)];
  if (engine === undefined) throw new Error(`--engine is ${ENGINES.join(' or ')}`);
  if (!(hours >= 0.1 && hours <= 24)) throw new Error('--hours is 0.1 to 24');
  if (!Number.isInteger(seed)) throw new Error('--seed is a whole number');
  return { engine, hours, seed };
}

/** What is not as it should be, one line each. */
function verdict(
  { tally, handlesBefore, handlesAfter }: DayResult,
  steady: readonly MemorySample[],
): string[] {
  const wrong = [...tally.failures];
  if (!tally.whole && wrong.length === 0) wrong.push('not everything arrived exactly once');
  for (const what of ['rssMib', 'heapMib'] as const) {
    const off = spread(steady.map((sample) => sample[what]));
    if (off > FLAT_WITHIN) wrong.push(`${what} is off its middle by ${(off * 100).toFixed(1)} %`);
  }
  for (const [kind, count] of Object.entries(leftOpen(handlesBefore, handlesAfter))) {
    wrong.push(`${count} × ${kind} left open`);
  }
  return wrong;
}

function emitted(samples: readonly number[], unit: string): string {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(0);
  return `${at(0)} / ${at(0.5)} / ${at(1)} ${unit}`;
}

/** A line for each that is not nought. */
function countersShown(counters: Readonly<Record<string, number>>): string {
  const lines = Object.entries(counters).map(([name, count]) =>
    count === 0 ? '' : `${name} ${Math.round(count)}`,
  );
  return lines.filter((line) => line !== '').join('\n');
}

function arrived({ expected, once, never, repeated }: TallyCounts): string {
  return `${once} of ${expected} once, ${never} never, ${repeated} repeatedly`;
}

function report(result: DayResult, steady: readonly MemorySample[]): string {
  const { tally, cuts, totals, sessionsOpened, phrases, wallMs, notices } = result;
  const table = new Table({ style: { head: [], border: [] }, wordWrap: true });
  table.push(
    ['phrases said', String(phrases)],
    ['outside cuts: heard', arrived(tally.heard)],
    ['outside cuts: captioned', arrived(tally.captioned)],
    ['in cuts: heard', arrived(tally.heardInCuts)],
    ['in cuts: captioned', arrived(tally.captionedInCuts)],
    ['heard, not said', String(tally.stray)],
    ['not understood', String(tally.garbled)],
    ['cuts', String(cuts.length)],
    [
      'ready again after the server was back: least / middle / most',
      emitted(
        cuts.map((cut) => cut.recoveredMs),
        'ms',
      ),
    ],
    [
      'RSS, steady: least / middle / most',
      emitted(
        steady.map(({ rssMib }) => rssMib),
        'MiB',
      ),
    ],
    [
      'heap, steady: least / middle / most',
      emitted(
        steady.map(({ heapMib }) => heapMib),
        'MiB',
      ),
    ],
    ['sessions opened', String(sessionsOpened)],
    ['counters of all sessions', countersShown(totals)],
    ['wall time', `${(wallMs / MINUTE_MS).toFixed(1)} min`],
  );
  const said = [...notices].map(([notice, count]) => `${count} × ${notice}`);
  return [table.toString(), ...said].join('\n');
}

async function main(): Promise<void> {
  const { engine, hours, seed } = options();
  const startedMs = performance.now();
  const result = await runDay({
    engine,
    seed,
    durationMs: hours * 60 * MINUTE_MS,
    sessionDurationMs: MINUTE_MS,
    cutEveryMs: 5 * MINUTE_MS,
    sampleEveryMs: Math.min(10, hours * 6) * MINUTE_MS, // a short day is looked at ten times
    stepMs: 40,
    onSample: ({ atMs, rssMib, heapMib, handles }) => {
      const wallMin = ((performance.now() - startedMs) / MINUTE_MS).toFixed(1);
      process.stderr.write(
        `${(atMs / MINUTE_MS).toFixed(0)} min in ${wallMin}: RSS ${rssMib.toFixed(0)} MiB, heap ${heapMib.toFixed(0)} MiB, ${JSON.stringify(handles)}\n`,
      );
    },
  });
  const steady = result.samples.filter(({ atMs }) => atMs > Math.min(WARM_UP_MS, hours * 30 * MINUTE_MS));
  process.stdout.write(`${report(result, steady)}\n`);
  const wrong = verdict(result, steady);
  for (const line of wrong) process.stdout.write(`wrong: ${line}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`the soak failed: ${error instanceof Error ? error.stack : messageOf(error)}\n`);
  process.exit(1);
});
