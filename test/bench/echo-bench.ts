/** What it costs that the interpreter does not hear itself: ten microphones, while the voice speaks and while it is silent. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EchoCanceller, EchoReference, loadResampler, readWav } from '../../audio/index.js';
import { packageRoot } from '../../src/package-root.js';
import { SimulatedRoom } from '../../src/room/simulated-room.js';
import type { Row } from './measure.js';

const MICROPHONES = 10;
const FRAME = 480;
const FRAMES_PER_SECOND = 100;
const SECONDS = 20;
const WANTED_PERCENT = 2;

/** Frames of 10 ms: what is published, and what each microphone hears. */
type Scene = { name: string; published: Int16Array; heard: readonly Int16Array[]; note: string };

/** CPU time of ten microphones as a share of one core, for each scene; 4 s of it warm up and find the delays. */
export async function benchEcho(): Promise<Row[]> {
  await loadResampler();
  const voice = await speech('es-monologue');
  const talk = await speech('en-the-meeting-starts');
  const silence = new Int16Array(voice.length);
  const echoes = Array.from({ length: MICROPHONES }, (_, n) => {
    const room = new SimulatedRoom({ delayMs: 60 + 34 * n, levelDb: -20, seed: n + 1 });
    return Int16Array.from(room.play(voice), Math.round);
  });
  const same = (pcm: Int16Array): Int16Array[] => Array.from({ length: MICROPHONES }, () => pcm);
  const scenes: Scene[] = [
    {
      name: 'the voice speaks, all hear it by loudspeaker',
      published: voice,
      heard: echoes,
      note: `wanted: at most ${WANTED_PERCENT} %`,
    },
    {
      name: 'the voice speaks, nobody hears it by loudspeaker',
      published: voice,
      heard: same(silence),
      note: '',
    },
    {
      name: 'the voice speaks, all talk over it with headphones',
      published: voice,
      heard: same(talk),
      note: 'the worst there is: every look is taken',
    },
    { name: 'the voice is silent, all talk', published: silence, heard: same(talk), note: '' },
  ];
  return scenes.map(({ name, published, heard, note }) => ({
    group: `echo: ${MICROPHONES} microphones, share of one core`,
    name,
    value: measurePercent(published, heard),
    unit: '%',
    note,
  }));
}

function measurePercent(published: Int16Array, heard: readonly Int16Array[]): number {
  const reference = new EchoReference();
  const cancellers = heard.map(() => new EchoCanceller(reference, () => undefined));
  const run = (fromFrame: number, toFrame: number): void => {
    for (let frame = fromFrame; frame < toFrame; frame++) {
      const at = (frame * FRAME) % (published.length - FRAME);
      reference.push(published.subarray(at, at + FRAME), frame * FRAME);
      for (const [index, canceller] of cancellers.entries()) {
        canceller.push(heard[index]!.subarray(at, at + FRAME), frame * FRAME);
      }
    }
  };
  const warmFrames = 4 * FRAMES_PER_SECOND;
  run(0, warmFrames);
  const started = process.cpuUsage();
  run(warmFrames, warmFrames + SECONDS * FRAMES_PER_SECOND);
  const { user, system } = process.cpuUsage(started);
  for (const canceller of cancellers) canceller.close();
  reference.close();
  return ((user + system) / 1e6 / SECONDS) * 100;
}

/** A fixture's first seconds at 48 kHz, over and over if it is shorter, a multiple of a frame long. */
async function speech(name: string): Promise<Int16Array> {
  const { samples } = readWav(await readFile(join(packageRoot(), 'fixtures', `${name}.wav`)));
  return Int16Array.from({ length: 24 * 48_000 }, (_, i) => samples[i % samples.length]!);
}
