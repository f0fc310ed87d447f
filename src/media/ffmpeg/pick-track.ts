import { loadSpeechDetector, SpeechDetector } from '../../../audio/index.js';
import type { MediaKind } from '../sniff.js';
import { SpeechMeter } from '../speech-meter.js';
import { askedTrack, chooseTrack, ENOUGH_SPEECH_MS, tracksNote, tracksToTry } from '../tracks.js';
import type { FfmpegWorker } from './ffmpeg-worker.js';
import { inputArgs, type Track } from './probe.js';

const SURVEY_RATE_HZ = 16_000;
const FRAME_SAMPLES = SURVEY_RATE_HZ / 100;

/** The track that was asked for, or the one with speech; listens only where there is a choice. */
export async function pickTrack(
  ffmpeg: FfmpegWorker,
  kind: MediaKind,
  tracks: readonly Track[],
  asked: number | undefined,
): Promise<{ track: Track; notes: string[] }> {
  if (asked !== undefined) return { track: tracks[askedTrack(asked, tracks.length)]!, notes: [] };
  if (tracks.length === 1) return { track: tracks[0]!, notes: [] };
  const candidates = tracks.map(({ isDefault }) => ({
    isDefault,
    speechMs: undefined as number | undefined,
  }));
  for (const index of tracksToTry(tracks)) {
    const speechMs = await speechOf(ffmpeg, kind, tracks[index]!);
    candidates[index]!.speechMs = speechMs;
    if (speechMs >= ENOUGH_SPEECH_MS) break;
  }
  const chosen = chooseTrack(candidates);
  return { track: tracks[chosen]!, notes: tracksNote(candidates, chosen) };
}

/** How much speech a track has, up to what is enough. */
async function speechOf(ffmpeg: FfmpegWorker, kind: MediaKind, { index }: Track): Promise<number> {
  await loadSpeechDetector();
  const detector = new SpeechDetector(SURVEY_RATE_HZ);
  const output = ['-map', `0:a:${index}`, '-ar', String(SURVEY_RATE_HZ), '-ac', '1', '-f', 's16le', '/sound'];
  const blocks = ffmpeg.stream(['-nostdin', '-hide_banner', '-y', ...inputArgs(kind), ...output]);
  const meter = new SpeechMeter();
  let rest = new Uint8Array(0);
  try {
    for await (const block of blocks) {
      const all = new Uint8Array(rest.length + block.length);
      all.set(rest);
      all.set(block, rest.length);
      const samples = new Int16Array(all.buffer, 0, all.length >> 1);
      rest = all.slice(samples.byteLength);
      for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
        const frame = samples.subarray(at, at + FRAME_SAMPLES);
        meter.push(frame, detector.push(frame));
      }
      if (meter.speechMs >= ENOUGH_SPEECH_MS) break;
    }
  } finally {
    detector.close();
  }
  meter.end();
  return meter.speechMs;
}
