/**
 * The whole way of a host: `parley serve`, set up, make a room, invite; two people talk by the real SDK; captions come live, a
 * language is added in mid-meeting; stop; read and search what was said.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { readWav, writeWav } from '../../../audio/index.js';
import { findRunningRooms } from '../../../src/cli/embedded/running-rooms.js';
import { launchChromium, openAndJoin, problemsOf, skipsBrowser } from '../../browser/chromium.js';
import { CliProcess } from '../../browser/cli-process.js';

const DEADLINE_MS = 600_000;
const START_MS = 120_000;
/** A phrase that is lost on a busy machine comes again: microphones loop. */
const HEARD_MS = 120_000;
const SILENCE_MS = 4_000;
const ANA_SAYS = '¿Dónde está la estación de tren más cercana?';
const ANA_SAYS_EN = 'Where is the nearest train station?';
const BEN_SAYS = 'The meeting starts tomorrow at half past nine.';
const BEN_SAYS_ES = 'La reunión empieza mañana a las nueve y media.';

const phrasebook = join(import.meta.dirname, '../../../fixtures/phrasebook');

describe.skipIf(skipsBrowser)('a host, from nothing to a transcript', { timeout: DEADLINE_MS }, () => {
  let folder: string;
  let serve: CliProcess | undefined;
  const browsers: Browser[] = [];

  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await serve?.interrupt();
    await rm(folder, { recursive: true, force: true });
  });

  /** Somebody in the room whose microphone says a phrase again and again. */
  const enter = async (
    room: URL,
    ca: string,
    name: string,
    language: string,
    phrase: string,
  ): Promise<void> => {
    const speech = readWav(await readFile(join(phrasebook, language, `${phrase}.wav`))).samples;
    const samples = new Int16Array(speech.length + 2 * 24 * SILENCE_MS);
    samples.set(speech, 24 * SILENCE_MS);
    const microphone = join(folder, `${name}.wav`);
    await writeFile(microphone, writeWav({ sampleRateHz: 24_000, channelCount: 1, samples }));
    const browser = await launchChromium({ ca }, microphone);
    browsers.push(browser);
    await openAndJoin(browser, room, room.pathname.slice(1), { name, language }, { isMicrophoneRaw: true });
  };

  const look = async (page: Page, name: string): Promise<void> => {
    const to = process.env['SCREENSHOTS'];
    if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
  };

  test('set up, invite, follow, change, stop, read and search', async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-console-'));
    const options = ['--port', '0', '--room-port', '0', '--data', join(folder, 'data')];
    serve = new CliProcess(['serve', ...options], {
      cacheFolder: folder,
      deadlineMs: DEADLINE_MS,
    });
    const link = await serve.line((line) => /set up\s+(http:\S+)/.exec(line)?.[1], START_MS);
    const [running] = await findRunningRooms(join(folder, 'parley'));
    const { ca } = running!;

    const browser = await launchChromium({ ca });
    browsers.push(browser);
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const problems = problemsOf(page);
    await page.goto(link);
    await page.getByLabel('Name of your workspace').fill('Iberia Robotics');
    await page.getByLabel('Your name').fill('Ada');
    await look(page, '1-setup');
    await page.getByRole('button', { name: 'Go on' }).click();
    const invite = page.getByRole('heading', { name: 'Bring an interpreter to your meeting' });
    const later = page.getByRole('button', { name: 'Not now' });
    await invite.or(later).waitFor();
    if (await later.isVisible()) await later.click();
    await invite.waitFor();

    await page.getByRole('button', { name: 'Make a room to try it' }).click();
    const room = new URL((await page.getByRole('link', { name: 'Open the room' }).getAttribute('href'))!);
    expect(await page.getByLabel('Meeting ID or link').inputValue()).toBe(room.pathname.slice(1));
    await look(page, '2-room');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.locator('.meeting-state', { hasText: 'Interpreting' }).waitFor({ timeout: START_MS });
    const there = page.locator('.meeting-head').getByRole('link', { name: 'Open the room' });
    expect(await there.getAttribute('href')).toBe(room.href);
    await page.getByText('A stand-in interprets here').waitFor();

    await Promise.all([
      enter(room, ca, 'Ana', 'es', 'where-is-the-station'),
      enter(room, ca, 'Ben', 'en', 'the-meeting-starts'),
    ]);
    await page.locator('.person', { hasText: 'Ana' }).getByText('hears Español').waitFor();
    await page.getByLabel('First column').selectOption('en');
    await page.getByLabel('Second column').selectOption('es');
    const row = (first: string, second: string) =>
      page.locator('.caption').filter({ hasText: first }).filter({ hasText: second }).first();
    await row(ANA_SAYS_EN, ANA_SAYS).waitFor({ timeout: HEARD_MS });
    await row(BEN_SAYS, BEN_SAYS_ES).waitFor({ timeout: HEARD_MS });
    await page.locator('.numbers', { hasText: /\d sec/ }).waitFor({ timeout: HEARD_MS });
    await look(page, '3-live');

    const changes = page.locator('parley-changes');
    await changes.getByRole('combobox', { name: 'Languages of the meeting' }).fill('français');
    await page.keyboard.press('Enter');
    await changes.getByRole('button', { name: 'Apply' }).click();
    await changes.locator('.outcomes', { hasText: 'Languages: applied' }).waitFor();
    // Nobody there has chosen it: its column says why it has no captions.
    await page.getByLabel('Second column').selectOption('fr');
    await page.locator('.captions-unread', { hasText: 'Nobody in the meeting reads French' }).waitFor();
    await look(page, '4-changed');

    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('heading', { name: 'Transcript' }).waitFor({ timeout: START_MS });
    await page.locator('.speech', { hasText: ANA_SAYS }).first().waitFor();
    await page.locator('#transcript-language').selectOption('en');
    await page.locator('.speech', { hasText: ANA_SAYS_EN }).first().waitFor();
    await look(page, '5-transcript');

    await page.getByRole('link', { name: 'Past meetings' }).click();
    await page.getByRole('searchbox').fill('estacion');
    await page.keyboard.press('Enter');
    await page.locator('.hit mark', { hasText: 'estación' }).first().waitFor();
    await look(page, '6-search');
    expect(problems).toEqual([]);
  });
});
