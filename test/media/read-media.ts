import { openRecording, type RecordingOptions } from '../../src/media/recording.js';

/** Sound of a whole recording in memory: mono samples at a rate that the live path takes. */
export type Media = {
  sampleRateHz: number;
  samples: Int16Array;
  durationMs: number;
  /** How the file stores it: "16-bit PCM", "mp3", "opus". */
  encoding: string;
  /** One line each: what somebody should know about it. */
  warnings: string[];
};

/** Reads a whole recording as one voice, for tests that need all of it at once. See {@link openRecording}. */
export async function readMedia(
  source: string | Uint8Array,
  options: RecordingOptions & { channels?: Exclude<RecordingOptions['channels'], 'split'> } = {},
): Promise<Media> {
  const recording = await openRecording(source, options);
  try {
    const blocks: Int16Array[] = [];
    let length = 0;
    for (let voices = await recording.read(); voices !== undefined; voices = await recording.read()) {
      const [block] = voices;
      blocks.push(block!);
      length += block!.length;
    }
    const samples = new Int16Array(length);
    let filled = 0;
    for (const block of blocks) {
      samples.set(block, filled);
      filled += block.length;
    }
    const { sampleRateHz, encoding } = recording;
    const durationMs = (length * 1000) / sampleRateHz;
    return { sampleRateHz, samples, durationMs, encoding, warnings: recording.warnings() };
  } finally {
    await recording.close();
  }
}
