/** examples/host-page in Chromium: a page that is not ours, with the module that the package publishes. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RoomServer, startRoomServer } from '../../src/embedded/room-server/index.js';
import { createAccessToken } from '../../src/room/videosdk/tokens.js';
import { launchChromium, problemsOf, skipsBrowser } from './chromium.js';
import { joinAsSender, type Sender } from './sender.js';

const ROOT = join(import.meta.dirname, '../..');
const SPEECH = join(ROOT, 'fixtures/phrasebook/en/the-meeting-starts.wav');
const GUEST_ID = 'guest-of-the-app';

const eventually = <T>(probe: () => T) => expect.poll(probe, { timeout: 15_000 });

describe.skipIf(skipsBrowser)("a host's own page", { timeout: 90_000 }, () => {
  let cacheDir: string;
  let server: RoomServer;
  let listening: Browser;
  let speaking: Browser;
  let roomId: string;
  let page: Page;
  let problems: readonly string[];
  /** What the host's server answers. */
  let entry: object;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'parley-room-'));
    server = await startRoomServer({ cacheDir });
    [listening, speaking] = await Promise.all([launchChromium(server), launchChromium(server, SPEECH)]);
  });
  afterAll(async () => {
    await Promise.all([listening.close(), speaking.close()]);
    await server.close();
    await rm(cacheDir, { recursive: true });
  });
  beforeEach(async () => {
    roomId = server.createRoom();
    // What the test answers in a server's place comes from no address: Chromium asks before such a page may call this machine.
    const context = await listening.newContext({ permissions: ['microphone', 'local-network-access'] });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    problems = problemsOf(page);
    const { apiKey, secret, signalingBaseUrl } = server;
    const own = { roomId, participantId: GUEST_ID, expiresInSeconds: 600 };
    entry = {
      token: createAccessToken({ apiKey, secret, ...own }),
      meetingId: roomId,
      participantId: GUEST_ID,
      name: 'Guest',
      signalingBaseUrl,
    };
    const files = {
      '': 'examples/host-page/index.html',
      'videosdk.js': 'node_modules/@videosdk.live/js-sdk/videosdk.js',
      'parley-client.js': 'dist/client/parley-client.js',
    };
    for (const [name, path] of Object.entries(files))
      await page.route(`**/app/${name}`, (route) => route.fulfill({ path: join(ROOT, path) }));
    await page.route('**/app/my-meeting-token', (route) => route.fulfill({ json: entry }));
    await page.goto(`${server.origin}/app/`);
  });
  afterEach(async () => {
    for (const browser of [listening, speaking]) {
      await Promise.all(browser.contexts().map((context) => context.close()));
    }
  });

  const joinOnPage = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Join' }).click();
    await eventually(() => server.rooms.find((room) => room.roomId === roomId)?.participants.at(-1)?.id).toBe(
      GUEST_ID,
    );
  };
  const enter = (participantId: string, metaData: object, speaks = true): Promise<Sender> =>
    joinAsSender(speaking, server, roomId, { participantId, name: participantId, metaData, speaks });
  /** What is played of somebody; undefined for nobody. */
  const played = (participantId: string) =>
    page.evaluate((id) => {
      const element = [...document.querySelectorAll('audio')].find(
        (audio) => audio.dataset['participantId'] === id,
      );
      if (element === undefined) return undefined;
      return { isHeard: !element.muted, volume: Math.round(element.volume * 100) / 100 };
    }, participantId);

  test("one's own channel is heard, the originals step back while it speaks, and another can be chosen", async () => {
    await joinOnPage();
    await enter('guest-ben', { preferredLanguage: 'en' });
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 1 });

    const [spanish, english] = await Promise.all([
      enter('parley-1-es', { parley: { channel: 'es' } }),
      enter('parley-1-en', { parley: { channel: 'en' } }),
    ]);
    await eventually(() => played('parley-1-es')).toEqual({ isHeard: true, volume: 1 });
    expect(await played('parley-1-en')).toBeUndefined(); // not even asked for
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 0.16 });

    await page.getByRole('slider').fill('0.5');
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 1 });
    await page.getByRole('slider').fill('1');
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 0 });

    expect(await english.heardOn('PARLEY_LANGUAGE')).toEqual([]);
    await page.getByRole('combobox').selectOption('en');
    await eventually(() => played('parley-1-en')).toEqual({ isHeard: true, volume: 1 });
    await eventually(() => played('parley-1-es')).toBeUndefined();
    await eventually(() => english.heardOn('PARLEY_LANGUAGE')).toEqual([
      { senderId: GUEST_ID, payload: { preferredLanguage: 'en' } },
    ]);

    await Promise.all([spanish.leave(), english.leave()]);
    await eventually(() => played('parley-1-en')).toBeUndefined();
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 1 });
    expect(problems).toEqual([]);
  });

  test("captions are read in one's own language, and from nobody but the interpreter", async () => {
    await joinOnPage();
    const lines = page.locator('ol li');
    const [parley, somebody] = await Promise.all([
      enter('parley-1', {}, false),
      enter('guest-ben', {}, false),
    ]);
    const ben = { speakerName: '<b>Ben</b>', sourceLanguage: 'en', targetLanguage: 'es' };
    await parley.caption({ ...ben, sourceText: 'Good', final: false });
    await eventually(() => lines.allTextContents()).toEqual(['<b>Ben</b>: Good']);
    await somebody.caption({ ...ben, segmentId: 'forged', translatedText: 'Send me your password' });
    await parley.caption({ ...ben, sourceText: 'Good morning', translatedText: 'Buenos días' });
    await eventually(() => lines.allTextContents()).toEqual(['<b>Ben</b>: Buenos días']);
    expect(await lines.first().getAttribute('lang')).toBe('es');

    await page.getByRole('combobox').selectOption('en');
    await eventually(async () => {
      await parley.caption({ segmentId: 'turn-2', sourceText: 'Hola', translatedText: 'Hello' }, 'en');
      return lines.allTextContents();
    }).toEqual(['<b>Ben</b>: Good morning', 'Ana: Hello']);
    await parley.caption({ segmentId: 'turn-3', translatedText: 'Para otros' }, 'es');
    await parley.caption({ segmentId: 'turn-2', sourceText: '', translatedText: '' }, 'en');
    await eventually(() => lines.allTextContents()).toEqual(['<b>Ben</b>: Good morning']);
    expect(problems).toEqual([]);
  });

  test('what keeps it from joining stands in the page, with what to do', async () => {
    await page.route('**/app/my-meeting-token', (route) =>
      route.fulfill({ json: { ...entry, signalingBaseUrl: 'localhost:1' } }),
    );
    await page.getByRole('button', { name: 'Join' }).click();
    await eventually(() => page.getByRole('status').textContent()).toMatch(
      /^Not joined: .+ Open its page once, trust its certificate, and join again\.$/,
    );
    expect(problems).toEqual([]);
  });

  test('who comes late reads what the meeting has kept', async () => {
    const parley = await enter('parley-1', {}, false);
    await parley.caption({ segmentId: 'a', translatedText: 'Buenos días', targetLanguage: 'es' }, 'es', true);
    await parley.caption({ segmentId: 'b', translatedText: 'No guardado', targetLanguage: 'es' });
    await joinOnPage();
    await eventually(() => page.locator('ol li').allTextContents()).toEqual(['Ana: Buenos días']);
    expect(problems).toEqual([]);
  });

  test('the documentation shows this very page', async () => {
    const markdown = await readFile(join(ROOT, 'docs/host-app.md'), 'utf8');
    const html = await readFile(join(ROOT, 'examples/host-page/index.html'), 'utf8');
    expect(markdown).toContain(`\`\`\`html\n${html}\`\`\``);
    expect(html.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });
});
