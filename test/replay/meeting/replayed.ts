/** Meetings of the fixtures, replayed, and what an ear beside the interpreter's voices understands of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadResampler, measureLevel, StreamingResampler } from '../../../audio/index.js';
import { readWav } from '../../../audio/wav.js';
import { type MeetingSettingsInput, parseMeetingSettings } from '../../../src/bot/meeting-settings.js';
import { Recogniser } from '../../../src/embedded/phrasebook/recogniser.js';
import type { MeetingDocument } from '../../../src/replay/meeting/document.js';
import { replayMeeting } from '../../../src/replay/meeting/replay-meeting.js';
import { loadScenario } from '../../../src/replay/meeting/scenario-file.js';
import { loadBook } from '../../embedded/phrasebook/book.js';

export const MEETINGS = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'meetings');

const PAUSE = new Int16Array(24 * 300);
/** Sound below this is none (-60 dBFS). */
const SILENT = 33;

/** Replays a meeting of the fixtures, or the one in a folder. */
export async function replayed(
  meeting: string,
  outDir: string,
  meetingSettings: MeetingSettingsInput = {},
): Promise<MeetingDocument> {
  const loaded = await loadScenario(meeting.includes('/') ? meeting : join(MEETINGS, meeting));
  const { document } = await replayMeeting({
    loaded,
    settings: {
      backend: { kind: 'embedded', responder: 'phrasebook' },
      pace: 'max',
      outDir,
      meeting: parseMeetingSettings(meetingSettings),
    },
    host: 'test',
    signal: new AbortController().signal,
    onProgress: () => undefined,
  }).finally(() => loaded.close());
  return document;
}

/** Every file in a folder, by name. */
export function filesIn(folder: string): Map<string, Buffer> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** `language:phrase` of all that an ear makes out in a voice between two times, in order; `?` for what is no phrase. */
export async function understood(
  wavPath: string,
  spans: readonly [fromMs: number, toMs: number][],
): Promise<string[]> {
  await loadResampler();
  const recogniser = new Recogniser(await loadBook(), { takesConcealment: false });
  const { samples, sampleRateHz } = readWav(readFileSync(wavPath));
  const downsampler = new StreamingResampler(sampleRateHz, 24_000);
  const heard = spans.flatMap(([fromMs, toMs]) => {
    downsampler.reset();
    const [from, to] = [fromMs, toMs].map((ms) => Math.round((ms * sampleRateHz) / 1000));
    const speech = downsampler.process(samples.subarray(from, to));
    const pcm = new Int16Array(speech.length + 2 * PAUSE.length);
    pcm.set(speech, PAUSE.length);
    const phrases = recogniser.recognise(pcm) ?? [];
    return phrases.length === 0 ? ['?'] : phrases.map(({ language, phraseId }) => `${language}:${phraseId}`);
  });
  downsampler.close();
  return heard;
}

/** Milliseconds in which a voice sounds outside of these spans, give or take 20 ms at their edges. */
export function soundBeyond(wavPath: string, spans: readonly [fromMs: number, toMs: number][]): number {
  const { samples, sampleRateHz } = readWav(readFileSync(wavPath));
  const frame = sampleRateHz / 100;
  let beyondMs = 0;
  for (let start = 0; start < samples.length; start += frame) {
    const atMs = (start * 1000) / sampleRateHz;
    if (spans.some(([fromMs, toMs]) => atMs >= fromMs - 20 && atMs <= toMs + 20)) continue;
    if (samples.subarray(start, start + frame).some((sample) => Math.abs(sample) > SILENT)) beyondMs += 10;
  }
  return beyondMs;
}

/** The RMS level of a voice between two times. */
export function levelDbfs(wavPath: string, fromMs: number, toMs: number): number {
  const { samples, sampleRateHz } = readWav(readFileSync(wavPath));
  const [from, to] = [fromMs, toMs].map((ms) => Math.round((ms * sampleRateHz) / 1000));
  return measureLevel(samples.subarray(from, to)).rmsDbfs;
}
