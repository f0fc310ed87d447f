/** A real Chromium on the meeting page, with a WAV for a microphone. */
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { InputAdapter, loadResampler, ROOM_RATE_HZ, StreamingResampler } from '../../audio/index.js';

const CHROMIUM_PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** CI installs Chromium, so that a missing one is a failure there and a skipped test elsewhere. */
export const skipsBrowser = !existsSync(CHROMIUM_PATH) && process.env['CI'] === undefined;
if (skipsBrowser) {
  process.stderr.write(
    `No Chromium at ${CHROMIUM_PATH}: set CHROMIUM_PATH to run the tests in test/browser.\n`,
  );
}

/** A browser that trusts this server's certificate and no other, and hears `microphoneWav` (in a loop) or beeps. */
export function launchChromium(server: { ca: string }, microphoneWav?: string): Promise<Browser> {
  const publicKey = new X509Certificate(server.ca).publicKey.export({ type: 'spki', format: 'der' });
  return chromium.launch({
    executablePath: CHROMIUM_PATH,
    timeout: 30_000,
    args: [
      '--no-sandbox', // tests run as root in containers
      `--ignore-certificate-errors-spki-list=${createHash('sha256').update(publicKey).digest('base64')}`,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      ...(microphoneWav === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphoneWav}`]),
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Chromium's way to a track's samples; TypeScript does not know it yet. */
type TrackProcessing = {
  MediaStreamTrackProcessor: new (options: { track: MediaStreamTrack }) => {
    readable: ReadableStream<AudioData>;
  };
};

/** What went wrong in a page: exceptions, and what its security policy refused. Empty in a good test. */
export function problemsOf(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) problems.push(message.text());
  });
  return problems;
}

export type Person = { name: string; language: string };

/** Chooses a language by its tag with the button `id`, as a person does: opens the list, looks for it, takes it. */
export async function chooseLanguage(
  page: Page,
  id: 'language' | 'meeting-language',
  tag: string,
): Promise<void> {
  await page.locator(`#${id}`).click();
  await page.locator('#language-search').fill(tag);
  await page.locator('#language-search').press('Enter');
  await page.locator(`#${id}[data-tag="${tag}"]`).waitFor();
}

/** Fills in the join screen and joins; resolves when the page says that it is connected. */
export async function joinMeeting(page: Page, { name, language }: Person): Promise<void> {
  await page.locator('#name').fill(name);
  await chooseLanguage(page, 'language', language);
  await page.locator('#join-button').click();
  await page.locator('#connection-status[data-state=connected]').waitFor();
}

/**
 * In the page: the microphone without echo cancelling and its like. A file has no echo, and the canceller's filters change
 * a recording more than the embedded server accepts as the same one: of phrases that pass through them, it recognises half.
 */
function takeMicrophoneRaw(): void {
  const devices = navigator.mediaDevices;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints) =>
    getUserMedia({
      ...constraints,
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
}

/** Opens the meeting page in a browser profile of its own and joins. */
export async function openAndJoin(
  browser: Browser,
  server: { origin: string },
  roomId: string,
  person: Person,
  options: { isMicrophoneRaw?: boolean } = {},
): Promise<{ page: Page; problems: readonly string[] }> {
  const context = await browser.newContext({ permissions: ['microphone'] });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  if (options.isMicrophoneRaw === true) await page.addInitScript(takeMicrophoneRaw);
  const problems = problemsOf(page);
  await page.goto(`${server.origin}/${roomId}`);
  await joinMeeting(page, person);
  return { page, problems };
}

/** The row of a participant in the list of who is here. */
export function rowOf(page: Page, name: string): Locator {
  return page.locator('#people .person').filter({ has: page.locator('bdi', { hasText: name }) });
}

/** What a page played: 24 kHz mono PCM16, and when the first sample of it was, in milliseconds since 1970. */
export type Recording = { pcm24k: Int16Array; startedAtMs: number };

/** What the page plays of a participant for a while, as 24 kHz mono PCM16. */
export async function recordVoice(
  page: Page,
  participantId: string,
  durationMs: number,
): Promise<Int16Array> {
  const stop = await startRecording(page, participantId);
  await page.waitForTimeout(durationMs);
  return (await stop()).pcm24k;
}

/**
 * Records what the page plays of a participant, taken from the very stream that its audio element plays, until it is told
 * to stop.
 */
export async function startRecording(page: Page, participantId: string): Promise<() => Promise<Recording>> {
  await page.locator(`audio[data-participant-id="${participantId}"]`).waitFor({ state: 'attached' });
  const recorder = await page.evaluateHandle((id) => {
    const element = [...document.querySelectorAll('audio')].find(
      (audio) => audio.dataset['participantId'] === id && !audio.muted,
    );
    if (!(element?.srcObject instanceof MediaStream)) throw new Error(`nothing of ${id} is played`);
    const { MediaStreamTrackProcessor } = window as unknown as TrackProcessing;
    const [track] = element.srcObject.getAudioTracks();
    const reader = new MediaStreamTrackProcessor({ track: track! }).readable.getReader();
    const frames: { sampleRateHz: number; base64: string }[] = [];
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
      stop: async () => {
        over.abort();
        await recording;
        return frames;
      },
    };
  }, participantId);
  return async () => {
    const frames = await recorder.evaluate(({ stop }) => stop());
    const startedAtMs = await recorder.evaluate((started) => started.startedAtMs);
    return { pcm24k: await at24k(frames), startedAtMs };
  };
}

async function at24k(frames: readonly { sampleRateHz: number; base64: string }[]): Promise<Int16Array> {
  await loadResampler();
  const adapter = new InputAdapter();
  const resampler = new StreamingResampler(ROOM_RATE_HZ, 24_000);
  const heard = frames.map(({ sampleRateHz, base64 }) => {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    const frame = { samples: new Int16Array(bytes.buffer), sampleRateHz, channelCount: 1 };
    return resampler.process(adapter.process(frame)).slice();
  });
  return Int16Array.from(heard.flatMap((chunk) => [...chunk]));
}
