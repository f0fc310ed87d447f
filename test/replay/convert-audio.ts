import { type ConvertRateHz, LivePathConverter } from '../../src/replay/convert.js';

/** Converts mono that is in memory. */
export async function convertAudio(
  { samples, sampleRateHz }: { samples: Int16Array; sampleRateHz: number },
  rateHz: ConvertRateHz,
): Promise<Int16Array> {
  const converter = await LivePathConverter.of(sampleRateHz, rateHz);
  const out = new Int16Array(Math.round((samples.length / sampleRateHz) * rateHz));
  let filled = 0;
  const take = (pcm: Int16Array): void => {
    const part = pcm.subarray(0, out.length - filled);
    out.set(part, filled);
    filled += part.length;
  };
  try {
    for (let at = 0; at < samples.length; at += sampleRateHz)
      take(converter.push(samples.subarray(at, at + sampleRateHz)));
    for (const pcm of converter.end()) take(pcm);
  } finally {
    converter.close();
  }
  return out;
}
