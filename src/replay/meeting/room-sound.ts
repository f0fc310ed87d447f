import { ROOM_RATE_HZ } from '../../../audio/rates.js';
import { openRecording, type RecordingOptions } from '../../media/recording.js';
import { LivePathConverter } from '../convert.js';

/** A recording as its speaker's track would deliver it, in memory: 345 MB an hour. */
export type RoomSound = {
  /** 48 kHz mono. */
  readonly samples: Int16Array;
  readonly durationMs: number;
  /** One line each: what somebody should know about the recording. */
  readonly warnings: readonly string[];
};

/**
 * Reads a recording for a meeting, and holds nothing else of it. Returns undefined where it lasts longer than `maxMs`; throws
 * what {@link openRecording} does.
 */
export async function readRoomSound(
  path: string,
  channels: Exclude<RecordingOptions['channels'], 'split' | undefined>,
  maxMs: number,
): Promise<RoomSound | undefined> {
  const recording = await openRecording(path, { channels });
  const blocks: Int16Array[] = [];
  let length = 0;
  const take = (pcm: Int16Array): void => {
    blocks.push(pcm.slice());
    length += pcm.length;
  };
  try {
    const converter = await LivePathConverter.of(recording.sampleRateHz, ROOM_RATE_HZ);
    try {
      for (let voices = await recording.read(); voices !== undefined; voices = await recording.read()) {
        if (recording.durationMs > maxMs) return undefined;
        take(converter.push(voices[0]!));
      }
      for (const pcm of converter.end()) take(pcm);
    } finally {
      converter.close();
    }
    const { durationMs } = recording;
    return { samples: joined(blocks, length), durationMs, warnings: recording.warnings() };
  } finally {
    await recording.close();
  }
}

function joined(blocks: readonly Int16Array[], length: number): Int16Array {
  const samples = new Int16Array(length);
  let at = 0;
  for (const block of blocks) {
    samples.set(block, at);
    at += block.length;
  }
  return samples;
}
