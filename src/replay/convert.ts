import { StreamingResampler } from '../../audio/index.js';
import { framesOf, type DecodedAudio } from './recording/file-frames.js';

/** Rates that a recording can be converted to: what tracks (48), Realtime (24) and recognisers (16 kHz) take. */
export const CONVERT_RATES_HZ = [16_000, 24_000, 48_000] as const;
/** One of {@link CONVERT_RATES_HZ}. */
export type ConvertRateHz = (typeof CONVERT_RATES_HZ)[number];

const TRACK_RATE_HZ = 48_000;

/**
 * Takes a recording through the live streaming path, frame by frame of 10 ms, and nothing else: input adapter to 48 kHz
 * mono, then the streaming resampler. The result is mono PCM16, as long as the input to the nearest sample and aligned
 * with it: the resampler's delay (2.67 ms to 24 kHz, 4 ms to 16 kHz) is cut off at the front once its tail is out.
 */
export async function convertAudio(audio: DecodedAudio, rateHz: ConvertRateHz): Promise<Int16Array> {
  const frames = await framesOf(audio, { pad: false });
  const resampler = new StreamingResampler(TRACK_RATE_HZ, rateHz);
  const durationS = audio.samples.length / audio.channelCount / audio.sampleRateHz;
  const out = new Int16Array(Math.round(durationS * rateHz));
  let skip = Math.round((resampler.delayInputSamples * rateHz) / TRACK_RATE_HZ);
  let filled = 0;
  const take = (pcm: Int16Array): void => {
    const skipped = Math.min(skip, pcm.length);
    skip -= skipped;
    const rest = pcm.subarray(skipped, skipped + out.length - filled);
    out.set(rest, filled);
    filled += rest.length;
  };
  try {
    for (let frame = frames.next(); frame.done !== true; frame = frames.next()) {
      take(resampler.process(frame.value));
    }
    take(resampler.flush());
  } finally {
    resampler.close();
  }
  return out;
}
