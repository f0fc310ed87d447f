/** What a page plays, recorded, and listened to until a phrase is in it. */
import type { Page } from 'playwright-core';
import { InputAdapter, loadResampler, ROOM_RATE_HZ, StreamingResampler } from '../../audio/index.js';
import { concatAudio } from '../../src/embedded/realtime-server/input/audio-format.js';
import { findSpeech, isHeard, type SpeechMatch } from './speech-match.js';

/** How often a recording is looked at, and how much of it beside the phrase that is looked for. */
const LOOK_EVERY_MS = 1_000;
const LOOK_AROUND_MS = 2_000;

/** Chromium's way to a track's samples; TypeScript does not know it yet. */
type TrackProcessing = {
  MediaStreamTrackProcessor: new (options: { track: MediaStreamTrack }) => {
    readable: ReadableStream<AudioData>;
  };
};

/** What a page played: 24 kHz mono PCM16, and when the first sample of it was, in milliseconds since 1970. */
export type Recording = { pcm24k: Int16Array; startedAtMs: number };

/**
 * Listens to a participant on a page until a phrase is heard, for `timeoutMs` at most: where the machine is too busy to keep up,
 * audio has holes, and a phrase that comes again is heard then. Resolves with the best match and all that was heard.
 */
export async function listenFor(
  page: Page,
  participantId: string,
  phrase: Int16Array,
  { atLeastMs = 0, timeoutMs }: { atLeastMs?: number; timeoutMs: number },
): Promise<{ match: SpeechMatch; pcm24k: Int16Array }> {
  const recorder = await startRecording(page, participantId);
  const startedMs = performance.now();
  let best: SpeechMatch | undefined;
  for (;;) {
    await page.waitForTimeout(LOOK_EVERY_MS);
    const { pcm24k } = await recorder.recorded();
    const match = findSpeech(pcm24k.subarray(-(phrase.length + 24 * LOOK_AROUND_MS)), phrase);
    if (best === undefined || match.correlation > best.correlation) best = match;
    const passedMs = performance.now() - startedMs;
    if ((isHeard(best) && passedMs >= atLeastMs) || passedMs > timeoutMs) {
      await recorder.stop();
      return { match: best, pcm24k };
    }
  }
}

/** A recording that goes on until it is stopped; what there is of it until now can be had meanwhile. */
type Recorder = { recorded(): Promise<Recording>; stop(): Promise<void> };

/** Records what the page plays of a participant, taken from the very stream that its audio element plays. */
export async function startRecording(page: Page, participantId: string): Promise<Recorder> {
  await loadResampler();
  await page.locator(`audio[data-participant-id="${participantId}"]`).waitFor({ state: 'attached' });
  const recorder = await page.evaluateHandle((id) => {
    const element = [...document.querySelectorAll('audio')].find(
      (audio) => audio.dataset['participantId'] === id && !audio.muted,
    );
    if (!(element?.srcObject instanceof MediaStream)) throw new Error(`nothing of ${id} is played`);
    const { MediaStreamTrackProcessor } = window as unknown as TrackProcessing;
    const [track] = element.srcObject.getAudioTracks();
    const reader = new MediaStreamTrackProcessor({ track: track! }).readable.getReader();
    let frames: PageFrame[] = [];
    const over = new AbortController();
    const recording = (async () => {
      while (!over.signal.aborted) {
        const { value: data } = await reader.read();
        if (data === undefined) break;
        const samples = new Float32Array(data.numberOfFrames);
        data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
        const pcm = Int16Array.from(samples, (sample) => Math.round(sample * 32_767));
        const base64 = btoa(String.fromCharCode(...new Uint8Array(pcm.buffer)));
        frames.push({ sampleRateHz: data.sampleRate, base64 });
        data.close();
      }
      await reader.cancel();
    })();
    return {
      startedAtMs: Date.now(),
      /** What came since the last call. */
      take: () => {
        const taken = frames;
        frames = [];
        return taken;
      },
      stop: async () => {
        over.abort();
        await recording;
      },
    };
  }, participantId);
  const startedAtMs = await recorder.evaluate((started) => started.startedAtMs);
  const to24k = new PageAudio();
  return {
    recorded: async () => {
      to24k.add(await recorder.evaluate(({ take }) => take()));
      return { pcm24k: to24k.pcm24k, startedAtMs };
    },
    stop: () => recorder.evaluate(({ stop }) => stop()),
  };
}

/** What a page's recorder had at a time. */
type PageFrame = { sampleRateHz: number; base64: string };

/** Frames of a page, one after the other, as 24 kHz mono PCM16. */
class PageAudio {
  readonly #adapter = new InputAdapter();
  readonly #resampler = new StreamingResampler(ROOM_RATE_HZ, 24_000);
  pcm24k: Int16Array = new Int16Array(0);

  add(frames: readonly PageFrame[]): void {
    const heard = frames.map(({ sampleRateHz, base64 }) => {
      const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
      const frame = { samples: new Int16Array(bytes.buffer), sampleRateHz, channelCount: 1 };
      return this.#resampler.process(this.#adapter.process(frame)).slice();
    });
    this.pcm24k = concatAudio([this.pcm24k, ...heard]);
  }
}
