/** What it costs that the interpreter does not hear itself: ten microphones, while the voice speaks and while it is silent. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EchoCanceller, EchoReference, loadResampler, readWav } from '../../audio/index.js';
import { packageRoot } from '../../src/package-root.js';
import { AcousticRoom } from '../../src/room/testing/acoustic-room.js';
import type { Row } from './measure.js';

const MICROPHONES = 10;
const FRAME = 480;
const FRAMES_PER_SECOND = 100;
const SECONDS = 20;
/** Until all delays are found and the filters have settled. */
const WARM_FRAMES = 4 * FRAMES_PER_SECOND;
const WANTED_PERCENT = 2;

/** Frames of 10 ms: what is published, and what each microphone hears. */
type Scene = { name: string; published: Int16Array; heard: readonly Int16Array[]; note: string };

/** CPU time of ten microphones as a share of one core, for each scene. */
export async function benchEcho(): Promise<Row[]> {
  await loadResampler();
  const voice = await speech('es-monologue');
  const talk = await speech('en-the-meeting-starts');
  const silence = new Int16Array(voice.length);
  const echoes = Array.from({ length: MICROPHONES }, (_, n) => {
    const room = new AcousticRoom({ delayMs: 60 + 34 * n, levelDb: -20, seed: n + 1 });
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
  const voice = framesOf(published);
  const microphones = heard.map(framesOf);
  const run = (fromFrame: number, toFrame: number): void => {
    for (let frame = fromFrame; frame < toFrame; frame++) {
      reference.push(voice[frame]!, frame * FRAME);
      for (let n = 0; n < MICROPHONES; n++) cancellers[n]!.push(microphones[n]![frame]!, frame * FRAME);
    }
  };
  run(0, WARM_FRAMES);
  const started = process.cpuUsage();
  run(WARM_FRAMES, WARM_FRAMES + SECONDS * FRAMES_PER_SECOND);
  const { user, system } = process.cpuUsage(started);
  for (const canceller of cancellers) canceller.close();
  reference.close();
  return ((user + system) / 1e6 / SECONDS) * 100;
}

function framesOf(pcm: Int16Array): Int16Array[] {
  return Array.from({ length: Math.floor(pcm.length / FRAME) }, (_, n) =>
    pcm.slice(n * FRAME, (n + 1) * FRAME),
  );
}

/** A fixture's first seconds at 48 kHz, over and over if it is shorter, a multiple of a frame long. */
async function speech(name: string): Promise<Int16Array> {
  const { samples } = readWav(await readFile(join(packageRoot(), 'fixtures', `${name}.wav`)));
  return Int16Array.from({ length: 24 * 48_000 }, (_, i) => samples[i % samples.length]!);
}
