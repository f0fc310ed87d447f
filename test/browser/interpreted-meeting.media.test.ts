/** The whole way: `parley room`, `parley join`, and two people with browsers who hear and read each other translated. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWav, writeWav } from '../../audio/index.js';
import { chooseLanguage, launchChromium, openAndJoin, rowOf, skipsBrowser } from './chromium.js';
import { CliProcess } from './cli-process.js';
import { listenFor } from './recording.js';
import { isHeard, type SpeechMatch } from './speech-match.js';

const DEADLINE_MS = 240_000;
const START_TIMEOUT_MS = 30_000;
/** A microphone is silent before its phrase, while its owner comes in, and after it; then all that comes again. */
const SILENCE_BEFORE_MS = 4_000;
const SILENCE_AFTER_MS = 4_000;
/**
 * Where the machine is too busy to keep up, a phrase loses samples, and the embedded server recognises only what is whole:
 * then it is listened for again, since microphones say it again and again.
 */
const HEAR_TIMEOUT_MS = 64_000;

const phrasebook = join(import.meta.dirname, '../../fixtures/phrasebook');
const rendering = async (language: string, phrase: string): Promise<Int16Array> =>
  readWav(await readFile(join(phrasebook, language, `${phrase}.wav`))).samples;

describe.skipIf(skipsBrowser)('an interpreted meeting', { timeout: DEADLINE_MS }, () => {
  let folder: string;
  let origin: string;
  let meetingId: string;
  let parleyId: string;
  const processes: CliProcess[] = [];
  const browsers: Browser[] = [];
  let ana: Page;
  let ben: Page;
  const start = (...args: string[]): CliProcess => {
    const started = new CliProcess(args, { cacheFolder: folder, deadlineMs: DEADLINE_MS });
    processes.push(started);
    return started;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-interpreted-'));
    const room = start('room', '--port', '0');
    [origin, meetingId] = await room.line((line) => {
      const found = /meeting page\s+(https:\/\/[^/]+)\/(\S+)/.exec(line);
      return found === null ? undefined : ([found[1]!, found[2]!] as const);
    }, START_TIMEOUT_MS);
    const parley = start('join', meetingId, '--json', '--no-announcement');
    parleyId = await parley.line((line) => {
      const event = JSON.parse(line) as { type: string; participantId?: string };
      return event.type === 'started' ? event.participantId : undefined;
    }, START_TIMEOUT_MS);
  }, 2 * START_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(processes.map((each) => each.interrupt()));
    await rm(folder, { recursive: true });
  });

  const enter = async (name: string, language: string, phrase: string): Promise<Page> => {
    const speech = await rendering(language, phrase);
    const samples = new Int16Array(speech.length + 24 * (SILENCE_BEFORE_MS + SILENCE_AFTER_MS));
    samples.set(speech, 24 * SILENCE_BEFORE_MS);
    const microphone = join(folder, `${name}.wav`);
    await writeFile(microphone, writeWav({ sampleRateHz: 24_000, channelCount: 1, samples }));
    const browser = await launchChromium({ ca: await certificateOf(folder) }, microphone);
    browsers.push(browser);
    return (await openAndJoin(browser, { origin }, meetingId, { name, language }, { isMicrophoneRaw: true }))
      .page;
  };

  /** The participant whose voice is the translation on a page, beside the interpreter itself. */
  const channelHeardOn = async (page: Page): Promise<string> => {
    const ids = await page
      .locator('audio[data-participant-id^=parley-]')
      .evaluateAll((elements: HTMLMediaElement[]) =>
        elements.filter(({ muted }) => !muted).map(({ dataset }) => dataset['participantId']),
      );
    const [id, ...others] = ids.filter((each) => each !== parleyId);
    expect(others).toEqual([]);
    return id!;
  };

  /** How well a phrase is heard on a page, in the voice that its listener chose. */
  const hears = async (page: Page, language: string, phrase: string): Promise<SpeechMatch> => {
    const wanted = await rendering(language, phrase);
    // The voice of a language comes into the meeting by itself, a moment after its language is shown.
    await expect.poll(() => channelHeardOn(page), { timeout: START_TIMEOUT_MS }).not.toBe(undefined);
    const voiceId = await channelHeardOn(page);
    const { match } = await listenFor(page, voiceId, wanted, { timeoutMs: HEAR_TIMEOUT_MS });
    return match;
  };

  test('two people hear and read each other in their own languages', async () => {
    await Promise.all(browsers.splice(0).map((browser) => browser.close())); // of an earlier try
    [ana, ben] = await Promise.all([
      enter('Ana', 'es', 'where-is-the-station'),
      enter('Ben', 'en', 'the-meeting-starts'),
    ]);
    await ben.locator('#mute-button[data-mic=on]').click();
    await rowOf(ana, 'Parley').getByText('Español').waitFor();
    await rowOf(ben, 'Parley').getByText('English, Español').waitFor();

    expect(await hears(ben, 'en', 'where-is-the-station')).toSatisfy(isHeard);
    await reads(ben, 'Where is the nearest train station?', '¿Dónde está la estación de tren más cercana?');
    await reads(ana, '¿Dónde está la estación de tren más cercana?', 'Where is the nearest train station?');

    await ana.locator('#mute-button[data-mic=on]').click();
    await ben.locator('#mute-button[data-mic=off]').click();
    expect(await hears(ana, 'es', 'the-meeting-starts')).toSatisfy(isHeard);
    await reads(
      ana,
      'La reunión empieza mañana a las nueve y media.',
      'The meeting starts tomorrow at half past nine.',
    );
    await reads(
      ben,
      'The meeting starts tomorrow at half past nine.',
      'La reunión empieza mañana a las nueve y media.',
    );
  });

  test('another language is chosen in the midst of it: heard, read, and nobody else notices', async () => {
    await ben.locator('#mute-button[data-mic=on]').click();
    await chooseLanguage(ben, 'meeting-language', 'fr');
    await rowOf(ana, 'Ben').getByText('Français').waitFor();
    await rowOf(ben, 'Parley').getByText('Français').waitFor();
    await expect.poll(() => channelHeardOn(ben)).not.toBe(undefined);

    await ana.locator('#mute-button[data-mic=off]').click();
    expect(await hears(ben, 'fr', 'where-is-the-station')).toSatisfy(isHeard);
    await reads(ben, 'Où se trouve la gare la plus proche ?', '¿Dónde está la estación de tren más cercana?');
  });
});

/** A finished caption with `main` for its reader to read first and `other` below it. */
async function reads(page: Page, main: string, other: string): Promise<void> {
  const caption = page.locator('.caption.is-final').filter({
    has: page.locator('.caption-main').getByText(main, { exact: true }),
  });
  await caption.first().locator('.caption-other').getByText(other, { exact: true }).waitFor();
}

/** What the running room tells its clients to trust. */
async function certificateOf(folder: string): Promise<string> {
  const { findRunningRooms } = await import('../../src/cli/embedded/running-rooms.js');
  const [running] = await findRunningRooms(join(folder, 'parley'));
  return running!.ca;
}
