/**
 * Other resamplers from npm, each behind one face. They live in `peers/`, a package of their own that the bench's first
 * run installs (`npm ci`), so that installing Parley stays light.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { float32ToInt16, int16ToFloat32, StreamingResampler } from '../../audio/index.js';

export const FROM_HZ = 48_000;
export const TO_HZ = 24_000;
export const FRAME_SAMPLES = FROM_HZ / 100;

/** One way to take mono int16 from 48 to 24 kHz in frames of 10 ms, state kept from frame to frame. */
export type Candidate = {
  name: string;
  /** Takes a frame in an array over its whole buffer; returns what came out, valid until the next call. */
  process(frame: Int16Array): Int16Array;
  close(): void;
};

/** Makes candidates in a fresh state, once for measuring time and once for measuring delay. */
export type MakeCandidate = () => Promise<Candidate>;

const EMPTY = new Int16Array(0);

export const makeOurs: MakeCandidate = () => {
  const resampler = new StreamingResampler(FROM_HZ, TO_HZ);
  return Promise.resolve({
    name: 'parley (speexdsp SIMD, quality 7)',
    process: (frame) => resampler.process(frame),
    close: () => resampler.close(),
  });
};

/** The parts of the peers' interfaces that are used here; their own types are not installed when this is compiled. */
type LiveKitFrame = { data: Int16Array };
type LiveKit = {
  AudioFrame: new (
    data: Int16Array,
    rateHz: number,
    channels: number,
    samplesPerChannel: number,
  ) => LiveKitFrame;
  AudioResampler: new (
    fromHz: number,
    toHz: number,
    channels: number,
  ) => { push(frame: LiveKitFrame): LiveKitFrame[]; close(): void };
  dispose(): Promise<void>;
};
type LibSampleRate = {
  create(
    channels: number,
    fromHz: number,
    toHz: number,
    options: { converterType: number },
  ): Promise<{
    full(input: Float32Array, output: Float32Array, written: { frames: number }): Float32Array;
    destroy(): void;
  }>;
  ConverterType: { SRC_SINC_FASTEST: number; SRC_SINC_BEST_QUALITY: number };
};
type Speex = {
  new (channels: number, fromHz: number, toHz: number): { processChunk(chunk: Buffer): Buffer };
  initPromise: Promise<unknown>;
};

export const LIVEKIT_NAME = '@livekit/rtc-node 1.1.0 (soxr, default quality)';

/** The peers, ready to be made. `dispose` stops what livekit keeps running. */
export function loadPeers(folder: string): { makers: MakeCandidate[]; dispose: () => Promise<void> } {
  const require = createRequire(join(folder, 'package.json'));
  const liveKit = require('@livekit/rtc-node') as LiveKit;
  const sampleRate = require('@alexanderolsen/libsamplerate-js') as LibSampleRate;
  const { default: speex } = require('speex-resampler') as { default: Speex };
  const { SRC_SINC_FASTEST, SRC_SINC_BEST_QUALITY } = sampleRate.ConverterType;
  return {
    makers: [
      () => Promise.resolve(makeLiveKit(liveKit)),
      () => makeSampleRate(sampleRate, SRC_SINC_FASTEST, 'default (fastest sinc)'),
      () => makeSampleRate(sampleRate, SRC_SINC_BEST_QUALITY, 'best sinc'),
      () => makeSpeex(speex),
    ],
    dispose: () => liveKit.dispose(),
  };
}

function makeLiveKit({ AudioFrame, AudioResampler }: LiveKit): Candidate {
  const resampler = new AudioResampler(FROM_HZ, TO_HZ, 1);
  return {
    name: LIVEKIT_NAME,
    // AudioFrame ignores byteOffset: the frame must begin at its buffer's first byte.
    process(frame) {
      const out = resampler.push(new AudioFrame(frame, FROM_HZ, 1, FRAME_SAMPLES));
      return out.length === 0 ? EMPTY : out.length === 1 ? out[0]!.data : joinFrames(out);
    },
    close: () => resampler.close(),
  };
}

function joinFrames(frames: readonly LiveKitFrame[]): Int16Array {
  const joined = new Int16Array(frames.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of frames) {
    joined.set(data, at);
    at += data.length;
  }
  return joined;
}

async function makeSampleRate(
  library: LibSampleRate,
  converterType: number,
  quality: string,
): Promise<Candidate> {
  const converter = await library.create(1, FROM_HZ, TO_HZ, { converterType });
  const input = new Float32Array(FRAME_SAMPLES);
  const output = new Float32Array(FRAME_SAMPLES);
  const samples = new Int16Array(FRAME_SAMPLES);
  const written = { frames: 0 };
  return {
    name: `@alexanderolsen/libsamplerate-js 2.1.2, ${quality}`,
    process(frame) {
      converter.full(int16ToFloat32(frame, input), output, written);
      return float32ToInt16(output, samples).subarray(0, written.frames);
    },
    close: () => converter.destroy(),
  };
}

async function makeSpeex(Resampler: Speex): Promise<Candidate> {
  await Resampler.initPromise;
  const resampler = new Resampler(1, FROM_HZ, TO_HZ);
  return {
    name: 'speex-resampler 3.0.1, default quality',
    process(frame) {
      const out = resampler.processChunk(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
      return new Int16Array(out.buffer, out.byteOffset, out.length / 2);
    },
    close: () => undefined, // it has no way to free its state
  };
}
