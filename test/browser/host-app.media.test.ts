/** The snippet of docs/host-app.md, word for word, on a page that is not ours. */
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

/** The first block of this language in a page of Markdown. */
function codeBlock(markdown: string, language: string): string {
  const found = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(markdown)?.[1];
  if (found === undefined) throw new Error(`docs/host-app.md has no ${language}`);
  return found;
}

describe.skipIf(skipsBrowser)("Parley in a host's own app", { timeout: 90_000 }, () => {
  let cacheDir: string;
  let server: RoomServer;
  let listening: Browser;
  let speaking: Browser;
  let roomId: string;
  let page: Page;
  let problems: readonly string[];

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
    const markdown = await readFile(join(ROOT, 'docs/host-app.md'), 'utf8');
    const { apiKey, secret, signalingBaseUrl } = server;
    const own = { roomId, participantId: GUEST_ID, expiresInSeconds: 600 };
    const entry = {
      token: createAccessToken({ apiKey, secret, ...own }),
      meetingId: roomId,
      participantId: GUEST_ID,
      signalingBaseUrl,
    };
    const html = `<!doctype html><html lang="en"><title>An app</title><script src="/assets/videosdk.js"></script>${codeBlock(markdown, 'html')}`;
    await page.route('**/app/', (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await page.route('**/app/parley-client.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: codeBlock(markdown, 'js') }),
    );
    await page.route('**/my-meeting-token', (route) => route.fulfill({ json: entry }));
    await page.goto(`${server.origin}/app/`);
    await page.getByRole('button', { name: 'Join' }).click();
    await eventually(() => server.rooms.find((room) => room.roomId === roomId)?.participants.length).toBe(1);
  });
  afterEach(async () => {
    for (const browser of [listening, speaking]) {
      await Promise.all(browser.contexts().map((context) => context.close()));
    }
  });

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
    await enter('guest-ben', { preferredLanguage: 'en' });
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 1 });

    const [spanish, english] = await Promise.all([
      enter('parley-1-es', { parley: { channel: 'es' } }),
      enter('parley-1-en', { parley: { channel: 'en' } }),
    ]);
    await eventually(() => played('parley-1-es')).toEqual({ isHeard: true, volume: 1 });
    await eventually(() => played('parley-1-en')).toMatchObject({ isHeard: false });
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 0.16 });

    await page.locator('#balance').fill('0.5');
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 1 });
    await page.locator('#balance').fill('1');
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 0 });

    expect(await english.heardOn('PARLEY_LANGUAGE')).toEqual([]);
    await page.locator('#language').selectOption('en');
    await eventually(() => played('parley-1-en')).toEqual({ isHeard: true, volume: 1 });
    expect(await played('parley-1-es')).toMatchObject({ isHeard: false });
    await eventually(() => english.heardOn('PARLEY_LANGUAGE')).toEqual([
      { senderId: GUEST_ID, payload: { preferredLanguage: 'en' } },
    ]);

    await Promise.all([spanish.leave(), english.leave()]);
    await eventually(() => played('parley-1-en')).toBeUndefined();
    await eventually(() => played('guest-ben')).toEqual({ isHeard: true, volume: 1 });
    expect(problems).toEqual([]);
  });

  test("captions are read in one's own language, and from nobody but the interpreter", async () => {
    const lines = page.locator('#captions li');
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

    await page.locator('#language').selectOption('en');
    await eventually(async () => {
      await parley.caption({ segmentId: 'turn-2', sourceText: 'Hola', translatedText: 'Hello' }, 'en');
      return lines.allTextContents();
    }).toEqual(['<b>Ben</b>: Buenos días', 'Ana: Hello']);
    await parley.caption({ segmentId: 'turn-3', translatedText: 'Para otros' }, 'es');
    await parley.caption({ segmentId: 'turn-2', sourceText: '', translatedText: '' }, 'en');
    await eventually(() => lines.allTextContents()).toEqual(['<b>Ben</b>: Buenos días']);
    expect(problems).toEqual([]);
  });
});
