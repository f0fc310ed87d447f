/** A real Chromium on the meeting page, with a WAV for a microphone. */
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

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
  // Nobody looks: what moves would be drawn sixty times a second.
  const context = await browser.newContext({ permissions: ['microphone'], reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
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
