import { AudioError, Framer, InputAdapter, loadResampler } from '../../../audio/index.js';
import { ParleyError } from '../../errors.js';

/** Decoded audio of a file: interleaved PCM16. */
export type DecodedAudio = { samples: Int16Array; sampleRateHz: number; channelCount: number };

/** What a frame of a recording is, whatever the file was: 10 ms, 48 kHz, mono. */
export const FRAME_SAMPLES = 480;

/**
 * A recording as a track would deliver it: frames of 480 samples (10 ms, 48 kHz, mono), each valid until the next is
 * asked for. With `pad` the last frame is filled up with silence, otherwise it may be shorter. Throws ParleyError
 * `input_unusable` for a rate or a channel count that the input adapter does not take.
 */
export async function framesOf(
  audio: DecodedAudio,
  options: { pad: boolean },
): Promise<Iterator<Int16Array, undefined>> {
  await loadResampler();
  const frames = generate(audio, options);
  return {
    next: () => {
      try {
        return frames.next();
      } catch (error) {
        if (error instanceof AudioError)
          throw new ParleyError('input_unusable', error.message, { cause: error });
        throw error;
      }
    },
  };
}

function* generate(audio: DecodedAudio, options: { pad: boolean }): Generator<Int16Array, undefined> {
  const { samples, sampleRateHz, channelCount } = audio;
  const adapter = new InputAdapter();
  const framer = new Framer(FRAME_SAMPLES);
  const ready: Int16Array[] = [];
  const keep = (frame: Int16Array): void => {
    ready.push(frame.slice());
  };
  const chunkLength = Math.max(1, Math.round(sampleRateHz / 100)) * channelCount;
  try {
    for (let start = 0; start < samples.length; start += chunkLength) {
      const chunk = samples.subarray(start, start + chunkLength);
      framer.push(adapter.process({ samples: chunk, sampleRateHz, channelCount }), keep);
      yield* ready.splice(0);
    }
    framer.push(adapter.flush(), keep);
    framer.flush(keep, options);
    yield* ready;
  } finally {
    adapter.close();
  }
  return undefined;
}
