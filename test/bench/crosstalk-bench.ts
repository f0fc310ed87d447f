/** What it costs to find out whether two microphones hear the same person: both speak on and on, alike and not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MicrophonePair, MicrophoneTrace, readWav } from '../../audio/index.js';
import { packageRoot } from '../../src/package-root.js';
import { AcousticRoom } from '../../src/room/testing/acoustic-room.js';
import type { Row } from './measure.js';

const FRAME = 480;
const SECONDS = 60;
const WARM_SECONDS = 10;
const COMPARE_EVERY_FRAMES = 30;
const WANTED_PERCENT = 0.5;

/** CPU time of one pair as a share of one core, its two microphones included. */
export async function benchCrosstalk(): Promise<Row[]> {
  const voice = await speech('es-monologue');
  const other = await speech('en-the-meeting-starts');
  const far = Int16Array.from(new AcousticRoom({ delayMs: 12, levelDb: -14 }).play(voice), Math.round);
  const row = (name: string, second: Int16Array): Row => ({
    group: 'two microphones: one pair, share of one core',
    name,
    value: measurePercent(voice, second),
    unit: '%',
    note: `wanted: at most ${WANTED_PERCENT} %`,
  });
  return [row('both hear one person', far), row('two people talk at the same time', other)];
}

function measurePercent(first: Int16Array, second: Int16Array): number {
  const [one, two] = [new MicrophoneTrace(), new MicrophoneTrace()];
  const pair = new MicrophonePair(one, two);
  let position = 0;
  const run = (frames: number): void => {
    for (let frame = 0; frame < frames; frame++, position += FRAME) {
      const at = position % (first.length - FRAME);
      one.push(first.subarray(at, at + FRAME), position);
      two.push(second.subarray(at, at + FRAME), position);
      if ((position / FRAME) % COMPARE_EVERY_FRAMES === 0) pair.compare();
      if (!pair.shared) continue;
      pair.hears(one);
      pair.hears(two);
    }
  };
  run(WARM_SECONDS * 100);
  const started = process.cpuUsage();
  run(SECONDS * 100);
  const { user, system } = process.cpuUsage(started);
  return ((user + system) / 1e6 / SECONDS) * 100;
}

/** A fixture's first seconds at 48 kHz, over and over if it is shorter. */
async function speech(name: string): Promise<Int16Array> {
  const { samples } = readWav(await readFile(join(packageRoot(), 'fixtures', `${name}.wav`)));
  return Int16Array.from({ length: 24 * 48_000 }, (_, i) => samples[i % samples.length]!);
}
