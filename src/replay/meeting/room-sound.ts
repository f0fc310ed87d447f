import { ROOM_RATE_HZ } from '../../../audio/rates.js';
import { openRecording, type RecordingOptions } from '../../media/recording.js';
import { LivePathConverter } from '../convert.js';
import type { SoundStore, StoredSound } from './sound-store.js';

/** A recording as its speaker's track would deliver it, on disk. */
export type RoomSound = {
  /** 48 kHz mono. */
  readonly sound: StoredSound;
  readonly durationMs: number;
  /** One line each: what somebody should know about the recording. */
  readonly warnings: readonly string[];
};

/**
 * Reads a recording for a meeting into `store`. Returns undefined where it lasts longer than `maxMs`; throws what
 * {@link openRecording} does.
 */
export async function readRoomSound(
  path: string,
  channels: Exclude<RecordingOptions['channels'], 'split' | undefined>,
  maxMs: number,
  store: SoundStore,
): Promise<RoomSound | undefined> {
  const recording = await openRecording(path, { channels });
  const from = store.length;
  try {
    const converter = await LivePathConverter.of(recording.sampleRateHz, ROOM_RATE_HZ);
    try {
      for (let voices = await recording.read(); voices !== undefined; voices = await recording.read()) {
        if (recording.durationMs > maxMs) return undefined;
        store.write(converter.push(voices[0]!));
      }
      for (const pcm of converter.end()) store.write(pcm);
    } finally {
      converter.close();
    }
    const { durationMs } = recording;
    const sound = store.part(from, store.length - from);
    return { sound, durationMs, warnings: recording.warnings() };
  } finally {
    await recording.close();
  }
}
