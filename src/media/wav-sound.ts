import { SUPPORTED_RATES_HZ } from '../../audio/resampler.js';
import {
  decodeWavSamples,
  readWavLayout,
  WavError,
  wavEncodingName,
  type WavLayout,
} from '../../audio/wav.js';
import type { ByteSource } from './byte-source.js';
import { openFfmpegSound, openWavAtOtherRate } from './ffmpeg/open-ffmpeg.js';
import { checkLength, type Sound, type SoundFormat } from './sound.js';
import { askedTrack } from './tracks.js';

/** How a WAV file is opened. */
export type WavSoundOptions = { bytes: ByteSource; audioTrack?: number | undefined; deadlineMs: number };

/** Bytes read at a time. */
const PIECE_BYTES = 2 ** 18;
/** Bits in a channel mask (Microsoft's mmreg.h, SPEAKER_FRONT_CENTER and SPEAKER_LOW_FREQUENCY). */
const FRONT_CENTRE = 0x4;
const LOW_FREQUENCY = 0x8;

/**
 * Opens a WAV file: directly, or through ffmpeg where its samples are compressed or at a rate that the live path does not take.
 * @throws WavError, or ParleyError as {@link openFfmpegSound}
 */
export async function openWavSound(options: WavSoundOptions): Promise<Sound> {
  const { bytes, audioTrack, deadlineMs } = options;
  let layout: WavLayout;
  try {
    layout = readWavLayout(bytes);
  } catch (error) {
    if (!(error instanceof WavError) || !error.isCompressed) throw error;
    return openFfmpegSound({ bytes, kind: 'wav', audioTrack, deadlineMs });
  }
  if (audioTrack !== undefined) askedTrack(audioTrack, 1);
  const format = formatOf(layout);
  checkLength(format.declaredMs);
  if (!SUPPORTED_RATES_HZ.includes(layout.sampleRateHz))
    return openWavAtOtherRate(bytes, layout, { format, deadlineMs });
  return new WavSound(bytes, layout, format);
}

function formatOf(layout: WavLayout): SoundFormat {
  const { sampleRateHz, channelCount, encoding, channelMask, dataBytes, blockBytes } = layout;
  /** Channels stand in the order of their bits. */
  const channelOf = (bit: number): number | undefined => {
    const below = (channelMask & (bit - 1)).toString(2).replaceAll('0', '').length;
    return (channelMask & bit) !== 0 && channelCount > 2 && below < channelCount ? below : undefined;
  };
  const effects = channelOf(LOW_FREQUENCY);
  return {
    sampleRateHz,
    channelCount,
    ignoredChannels: effects === undefined ? [] : [effects],
    centreChannel: channelOf(FRONT_CENTRE),
    encoding: wavEncodingName(encoding),
    declaredMs: ((dataBytes / blockBytes) * 1000) / sampleRateHz,
  };
}

/** Reads the samples of a WAV file piece by piece. */
class WavSound implements Sound {
  readonly format: SoundFormat;
  readonly #bytes: ByteSource;
  readonly #layout: WavLayout;
  #span = 0;
  #at = 0;

  constructor(bytes: ByteSource, layout: WavLayout, format: SoundFormat) {
    this.#bytes = bytes;
    this.#layout = layout;
    this.format = format;
  }

  read(): Promise<Int16Array | undefined> {
    const { spans, blockBytes } = this.#layout;
    for (let span = spans[this.#span]; span !== undefined; span = spans[++this.#span]) {
      const left = span.length - this.#at;
      if (left > 0) {
        const wanted = Math.min(left, PIECE_BYTES - (PIECE_BYTES % blockBytes));
        const piece = this.#bytes.read(span.at + this.#at, wanted);
        this.#at += wanted;
        const whole = piece.subarray(0, piece.length - (piece.length % blockBytes));
        if (whole.length > 0) return Promise.resolve(decodeWavSamples(this.#layout, whole));
      }
      this.#at = 0;
    }
    return Promise.resolve(undefined);
  }

  warnings(): string[] {
    return [...this.#layout.warnings];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
