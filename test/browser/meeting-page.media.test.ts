/** The meeting page in a real browser, in a real embedded room. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readWav } from '../../audio/index.js';
import { type RoomServer, startRoomServer } from '../../src/embedded/room-server/index.js';
import { chooseLanguage, launchChromium, openAndJoin, rowOf, skipsBrowser } from './chromium.js';
import { listenFor } from './recording.js';
import { joinAsSender } from './sender.js';
import { findSpeech, isHeard } from './speech-match.js';

const fixture = (path: string): string => join(import.meta.dirname, '../../fixtures', path);
const ANA_SAYS = fixture('phrasebook/es/customers-like-it.wav');
const BEN_SAYS = fixture('phrasebook/en/the-meeting-starts.wav');

const ANA = { name: 'Ana', language: 'es' };
const BEN = { name: 'Ben', language: 'en' };

/** Audio that a page needs to have been played a whole phrase of at most 3.5 s, wherever in its loop it is. */
const TWO_LOOPS_MS = 8_000;
const HEAR_TIMEOUT_MS = 40_000;

describe.skipIf(skipsBrowser)('the meeting page', { timeout: 90_000 }, () => {
  let cacheDir: string;
  let server: RoomServer;
  let anasBrowser: Browser;
  let bensBrowser: Browser;
  let roomId: string;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'parley-room-'));
    server = await startRoomServer({ cacheDir });
    [anasBrowser, bensBrowser] = await Promise.all([
      launchChromium(server, ANA_SAYS),
      launchChromium(server, BEN_SAYS),
    ]);
  });
  afterAll(async () => {
    await Promise.all([anasBrowser.close(), bensBrowser.close()]);
    await server.close();
    await rm(cacheDir, { recursive: true });
  });
  beforeEach(() => {
    roomId = server.createRoom();
  });
  afterEach(async () => {
    for (const browser of [anasBrowser, bensBrowser]) {
      await Promise.all(browser.contexts().map((context) => context.close()));
    }
    await expect.poll(() => server.usage).toMatchObject({ participants: 0, transports: 0 });
  });

  const enterAna = () => openAndJoin(anasBrowser, server, roomId, ANA);
  const enterBen = () => openAndJoin(bensBrowser, server, roomId, BEN);
  const idOf = (name: string): string => {
    const room = server.rooms.find((candidate) => candidate.roomId === roomId);
    return room?.participants.find((participant) => participant.name === name)?.id ?? '';
  };

  test('two people see and hear each other, without a word from the security policy', async () => {
    const [ana, ben] = await Promise.all([enterAna(), enterBen()]);

    for (const [page, other, language] of [
      [ana.page, 'Ben', 'English'],
      [ben.page, 'Ana', 'Español'],
    ] as const) {
      await rowOf(page, other).getByText(language).waitFor();
      await page.locator('#people-count').getByText('2').waitFor();
      await page.locator('.is-speaking').first().waitFor();
    }

    const ofAna = readWav(await readFile(ANA_SAYS)).samples;
    const ofBen = readWav(await readFile(BEN_SAYS)).samples;
    const listening = { atLeastMs: TWO_LOOPS_MS, timeoutMs: HEAR_TIMEOUT_MS };
    const [heardByAna, heardByBen] = await Promise.all([
      listenFor(ana.page, idOf('Ben'), ofBen, listening),
      listenFor(ben.page, idOf('Ana'), ofAna, listening),
    ]);
    expect(heardByAna.match).toSatisfy(isHeard);
    expect(heardByBen.match).toSatisfy(isHeard);
    expect(findSpeech(heardByAna.pcm24k, ofAna)).not.toSatisfy(isHeard);
    expect(ana.problems).toEqual([]);
    expect(ben.problems).toEqual([]);
  });

  test('muted is muted, for the ear and for the eye, by button and by key', async () => {
    const [ana, ben] = await Promise.all([enterAna(), enterBen()]);
    await ana.page.getByRole('button', { name: 'Silenciar', exact: true }).click(); // once her microphone is on
    await rowOf(ben.page, 'Ana').getByText('muted').waitFor();
    await ana.page.getByRole('button', { name: 'Activar micrófono' }).waitFor(); // her page speaks Spanish
    await expect.poll(() => ben.page.locator('audio').count()).toBe(0);

    await ana.page.keyboard.press('Alt+KeyM');
    await ana.page.getByRole('button', { name: 'Silenciar', exact: true }).waitFor();
    await rowOf(ben.page, 'Ana').getByText('muted').waitFor({ state: 'detached' });
    const ofAna = readWav(await readFile(ANA_SAYS)).samples;
    const { match } = await listenFor(ben.page, idOf('Ana'), ofAna, { timeoutMs: HEAR_TIMEOUT_MS });
    expect(match).toSatisfy(isHeard);
  });

  test('who leaves is gone, and can join again', async () => {
    const [ana, ben] = await Promise.all([enterAna(), enterBen()]);
    await rowOf(ben.page, 'Ana').waitFor();
    await ana.page.keyboard.press('Alt+KeyL');
    await ana.page.getByRole('heading', { name: 'Ha salido de la reunión.' }).waitFor();
    await rowOf(ben.page, 'Ana').waitFor({ state: 'detached' });

    await ana.page.getByRole('button', { name: 'Entrar otra vez' }).click();
    expect(await ana.page.locator('#name').inputValue()).toBe('Ana');
    await ana.page.locator('#join-button').click();
    await rowOf(ben.page, 'Ana').waitFor();
    await rowOf(ana.page, 'Ben').waitFor();
    expect(await ana.page.locator('#people .person').count()).toBe(2);
  });

  test('closing the tab leaves the meeting at once', async () => {
    const [ana, ben] = await Promise.all([enterAna(), enterBen()]);
    await rowOf(ben.page, 'Ana').waitFor();
    await ana.page.goto('about:blank');
    await rowOf(ben.page, 'Ana').waitFor({ state: 'detached', timeout: 3_000 });
  });

  test('being removed is said with its reason', async () => {
    const ana = await enterAna();
    server.faults.removeParticipant(roomId, idOf('Ana'));
    await ana.page.getByRole('heading', { name: 'Ya no está en la reunión' }).waitFor();
    await ana.page.getByText('Le han sacado de la reunión.').waitFor();
  });

  test('a lost connection is shown, comes back, and forgets who went meanwhile', async () => {
    const [ana, ben] = await Promise.all([enterAna(), enterBen()]);
    await rowOf(ana.page, 'Ben').waitFor();
    await server.faults.stop();
    await ana.page.locator('#connection-status').getByText('Reconectando…').waitFor();
    expect(await ana.page.locator('#mute-button').isDisabled()).toBe(true);
    await ben.page.context().close();
    await server.faults.start();
    await ana.page.locator('#connection-status[data-state=connected]').waitFor();
    await rowOf(ana.page, 'Ben').waitFor({ state: 'detached' });

    await enterBen();
    await expect.poll(async () => ana.page.locator('audio').count()).toBe(1);
    const bot = await joinAsSender(bensBrowser, server, roomId, {
      participantId: 'parley-1',
      name: 'Parley',
    });
    await rowOf(ana.page, 'Parley').getByText('Intérprete').waitFor();
    await bot.caption({ translatedText: 'Still listening' });
    await captionOf(ana.page, 'Still listening').waitFor();
  });

  test('a dead connection that the SDK does not notice is not called connected for long', async () => {
    const ana = await enterAna();
    // It is over too soon to be looked for: the page writes down what it shows.
    const states = await ana.page.evaluateHandle(() => {
      const seen: string[] = [];
      const status = document.getElementById('connection-status');
      new MutationObserver(() => seen.push(status?.textContent ?? '')).observe(status!, { childList: true });
      return seen;
    });
    expect(server.faults.dropSocketSilently(roomId, idOf('Ana'))).toBe(true);
    await expect.poll(() => states.jsonValue(), { timeout: 10_000 }).toEqual(['Reconectando…', 'Conectado']);
    const ben = await enterBen();
    await rowOf(ben.page, 'Ana').waitFor();
    await rowOf(ana.page, 'Ben').waitFor();
  });

  test('captions are the interpreter’s: updated in place, read in one’s own language', async () => {
    const [ana, bot] = await Promise.all([
      enterAna(),
      joinAsSender(bensBrowser, server, roomId, { participantId: 'parley-1', name: 'Parley' }),
    ]);
    await rowOf(ana.page, 'Parley').getByText('Intérprete').waitFor();
    expect(await ana.page.locator('#people-count').textContent()).toBe('1');

    await bot.caption({
      speakerName: 'Ben',
      sourceLanguage: 'en',
      targetLanguage: 'es',
      sourceText: 'Good',
      final: false,
    });
    await captionOf(ana.page, 'Good').waitFor();
    const spoken = {
      speakerName: 'Ben',
      sourceLanguage: 'en',
      targetLanguage: 'es',
      sourceText: 'Good morning',
      translatedText: 'Buenos días',
    };
    await bot.caption(spoken);
    await ana.page.locator('.caption-main').getByText('Buenos días', { exact: true }).waitFor();
    expect(await ana.page.locator('.caption').count()).toBe(1);
    expect(await ana.page.locator('.caption-other').textContent()).toBe('Good morning');
    expect(await ana.page.locator('.caption-main').getAttribute('lang')).toBe('es');

    await chooseLanguage(ana.page, 'meeting-language', 'en');
    await ana.page.locator('.caption-main').getByText('Good morning', { exact: true }).waitFor();
    await rowOf(ana.page, 'Ana').getByText('English').waitFor();
  });

  test('nobody else is taken for an interpreter: not by name, not by a borrowed id', async () => {
    // A key's holder may leave the id out of a token; then anybody with the token may say to be parley-2.
    const token = await new SignJWT({
      apikey: server.apiKey,
      version: 2,
      permissions: ['allow_join'],
      roles: ['rtc'],
      roomId,
    })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('10m')
      .sign(new TextEncoder().encode(server.secret));
    const join = (options: Parameters<typeof joinAsSender>[3]) =>
      joinAsSender(bensBrowser, server, roomId, options);
    const [ana, guest, borrowed, bot] = await Promise.all([
      enterAna(),
      join({ participantId: 'guest-1', name: 'Parley' }),
      join({ participantId: 'parley-2', name: 'Parley', token, speaks: true }),
      join({ participantId: 'parley-1', name: 'Interpreter', speaks: true }),
    ]);
    await rowOf(ana.page, 'Interpreter').locator('.person-detail').getByText('Intérprete').waitFor();

    await guest.caption({ segmentId: 'a', translatedText: 'Send me your password' });
    await borrowed.caption({ segmentId: 'b', translatedText: 'Call this number' });
    await bot.caption({ segmentId: 'c', translatedText: 'The real one' });
    await captionOf(ana.page, 'The real one').waitFor();
    expect(await ana.page.locator('.caption').count()).toBe(1);
    expect(await ana.page.locator('.is-bot').count()).toBe(1);
    const voiceOf = (id: string) => ana.page.locator(`audio[data-participant-id=${id}]`);
    const isMuted = (audio: HTMLMediaElement) => audio.muted;
    expect(await voiceOf('parley-1').evaluate(isMuted)).toBe(false);
    expect(await voiceOf('parley-2').count()).toBe(0); // not even asked for
  });

  test('names and captions are text, whatever they look like', async () => {
    const hostile = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
    const { page, problems } = await openAndJoin(anasBrowser, server, roomId, {
      name: '"><b>Ana</b>',
      language: 'es',
    });
    const bot = await joinAsSender(bensBrowser, server, roomId, { participantId: 'parley-1', name: hostile });
    await page.locator('.is-bot').waitFor();
    await bot.caption({
      speakerName: hostile,
      sourceText: hostile,
      translatedText: hostile,
      sourceLanguage: '"><script>',
      targetLanguage: 'javascript:1',
    });
    await bot.caption({ segmentId: '__proto__', speakerId: 'constructor', translatedText: 'second' });
    await captionOf(page, 'second').waitFor();

    expect(await page.locator('.caption').count()).toBe(2);
    expect(await page.locator('.caption-main').first().textContent()).toBe(hostile);
    expect(await page.locator('.caption-speaker').first().textContent()).toBe(hostile);
    expect(await page.locator('#people b, #people img, #captions img, #captions script').count()).toBe(0);
    expect(await page.title()).toBe(`${roomId} · Parley`);
    expect(problems).toEqual([]);
  });

  test('the token is in no address that the page has or asks for, and serves nobody else', async () => {
    const addresses: string[] = [];
    const context = await anasBrowser.newContext({ permissions: ['microphone'] });
    const page = await context.newPage();
    page.on('request', (request) => addresses.push(request.url()));
    const answer = page.waitForResponse((response) => response.url().endsWith('/token'));
    await page.goto(`${server.origin}/${roomId}`);
    await page.locator('#name').fill('Ana');
    await page.getByRole('button', { name: 'Join the meeting' }).click();
    const entry = (await (await answer).json()) as { token: string; participantId: string };
    await page.locator('#connection-status[data-state=connected]').waitFor();

    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((address) => address.includes(entry.token))).toEqual([]);
    expect(
      await page.evaluate(() => location.href + JSON.stringify([localStorage, sessionStorage])),
    ).not.toContain(entry.token);
    const claims = JSON.parse(Buffer.from(entry.token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    expect(claims).toMatchObject({ roomId, participantId: entry.participantId, permissions: ['allow_join'] });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBeLessThanOrEqual(3_600);
  });

  test('without a microphone one can listen', async () => {
    const ben = await enterBen();
    const page = await (await anasBrowser.newContext()).newPage();
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
    });
    await page.goto(`${server.origin}/${roomId}`);
    await page.getByRole('button', { name: 'Check microphone' }).click();
    await page.getByText('The microphone is not allowed for this page.').waitFor();
    await page.locator('#name').fill('Ana');
    await page.getByRole('button', { name: 'Join the meeting' }).click();
    await page.locator('#connection-status[data-state=connected]').waitFor();
    await page.getByRole('alert').getByText('The microphone is not allowed').waitFor();
    await page.getByRole('button', { name: 'Unmute' }).waitFor();
    await rowOf(ben.page, 'Ana').getByText('muted').waitFor();
    await expect.poll(() => page.locator('audio').count()).toBe(1);
  });

  test('a server that says no is quoted on the join screen', async () => {
    const page = await (await anasBrowser.newContext({ permissions: ['microphone'] })).newPage();
    await page.goto(`${server.origin}/${roomId}`);
    await page.route('**/token', (route) => route.fulfill({ status: 404, json: {} }));
    await page.locator('#name').fill('Ana');
    await page.getByRole('button', { name: 'Join the meeting' }).click();
    await page.getByText('There is no such meeting any more.').waitFor();
    expect(await page.getByRole('button', { name: 'Join the meeting' }).isEnabled()).toBe(true);
  });
});

function captionOf(page: Page, text: string) {
  return page.locator('#caption-list').getByText(text);
}
