import { FfmpegWorker, locateFfmpeg } from '../../src/media/ffmpeg/ffmpeg-worker.js';
import { writeWav } from '../../audio/wav.js';

/** A short burst, of a kilohertz or so, that is found again after any codec. */
function burst(sampleRateHz: number): Int16Array {
  return Int16Array.from({ length: Math.round(sampleRateHz * 0.004) }, (_, index) =>
    Math.round(20_000 * Math.exp((-index * 1000) / sampleRateHz) * Math.cos((2 * Math.PI * index) / 12)),
  );
}

/** Silence with a burst at each of these times, in seconds, as mono. */
export function clicks(sampleRateHz: number, seconds: number, atS: readonly number[]): Int16Array {
  const samples = new Int16Array(Math.round(sampleRateHz * seconds));
  for (const at of atS) samples.set(burst(sampleRateHz), Math.round(at * sampleRateHz));
  return samples;
}

/** Where the burst between two times is, in milliseconds: its loudest sample. */
export function clickAtMs(samples: Int16Array, sampleRateHz: number, fromS: number, toS: number): number {
  let loudest = 0;
  let at = NaN;
  const end = Math.min(samples.length, toS * sampleRateHz);
  for (let index = Math.max(0, Math.round(fromS * sampleRateHz)); index < end; index++) {
    const magnitude = Math.abs(samples[index]!);
    if (magnitude > loudest) [loudest, at] = [magnitude, index];
  }
  return (at * 1000) / sampleRateHz;
}

/** One run of ffmpeg: the inputs by their names, and the file that comes out. */
export type Encoding = { inputs: Record<string, Uint8Array>; args: readonly string[]; out: string };

/** Runs ffmpeg once, in a core of its own: an encoder that ran before can spoil the next. */
export async function encode({ inputs, args, out }: Encoding): Promise<Uint8Array> {
  const ffmpeg = await FfmpegWorker.start(locateFfmpeg(), 60_000);
  try {
    for (const [name, bytes] of Object.entries(inputs)) await ffmpeg.writeFile(name, bytes);
    const { status, log } = await ffmpeg.exec(['-v', 'level+error', '-y', ...args, out]);
    if (status !== 0) throw new Error(log.map(({ text }) => text).join('\n'));
    return await ffmpeg.readFile(out);
  } finally {
    await ffmpeg.close();
  }
}

/** Mono samples in any codec and container. */
export function encodeSamples(
  samples: Int16Array,
  sampleRateHz: number,
  args: readonly string[],
  out: string,
): Promise<Uint8Array> {
  const wav = writeWav({ sampleRateHz, channelCount: 1, samples });
  return encode({ inputs: { 'in.wav': wav }, args: ['-i', 'in.wav', ...args], out });
}
