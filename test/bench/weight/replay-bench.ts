import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav, writeWav } from '../../../audio/wav.js';
import { packageRoot } from '../../../src/package-root.js';
import type { Row } from '../measure.js';
import { roundsOf, shareRow, withSides, type Pair } from './sides.js';

const MINUTES = 10;
/** At least 1.5 times as fast. */
const WANTED = 0.667;

/** How fast a recording is replayed beside an earlier build: the same file, by the command line, start and end included. */
export async function benchReplayWeight(): Promise<Row[]> {
  const rounds = roundsOf(5);
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const path = join(folder, 'long.wav');
    writeLongRecording(path);
    return await withSides(async ({ earlier, now }) => {
      const args = ['replay', path, '--from', 'es', '--to', 'en', '--out'];
      const cpu: Pair = { earlier: [], now: [] };
      for (let round = 0; round < rounds; round++) {
        cpu.earlier.push((await earlier.run(...args, join(folder, 'earlier'))).cpuMs);
        cpu.now.push((await now.run(...args, join(folder, 'now'))).cpuMs);
      }
      return [shareRow(`CPU of parley replay, ${MINUTES} min of stereo`, cpu, 'ms', WANTED)];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A monologue again and again, the same on both channels. */
function writeLongRecording(path: string): void {
  const source = readWav(readFileSync(join(packageRoot(), 'fixtures', 'es-monologue.wav')));
  const repeats = Math.ceil((MINUTES * 60_000) / source.durationMs);
  const once = new Int16Array(source.samples.length * 2);
  source.samples.forEach((sample, index) => once.fill(sample, index * 2, index * 2 + 2));
  const samples = new Int16Array(once.length * repeats);
  for (let index = 0; index < repeats; index++) samples.set(once, index * once.length);
  writeFileSync(path, writeWav({ sampleRateHz: source.sampleRateHz, channelCount: 2, samples }));
}
