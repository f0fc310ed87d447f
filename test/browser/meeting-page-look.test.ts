/**
 * How the meeting page looks and reads: narrow and wide, light and dark, with long names and odd captions, by keyboard and
 * for a screen reader. The meeting is a double, so that everyone and everything can be in it.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RoomServer, startRoomServer } from '../../src/embedded/room-server/index.js';
import { seriousOf } from './accessibility.js';
import { chooseLanguage, joinMeeting, launchChromium, rowOf, skipsBrowser } from './chromium.js';

/** `window.double` of sdk-double.js. */
type Double = {
  meeting: {
    emit(event: string, ...args: unknown[]): void;
    published: readonly unknown[];
    microphones: readonly MediaStream[];
    localParticipant: { id: string };
  };
  /** Whose microphones are asked for. */
  consumed(): readonly string[];
  come(person: object): void;
  caption(senderId: string, payload: object): void;
};
type DoubleWindow = Window & { double: Double };

/** An interpreter who is not there for as long is missed. */
const PATIENCE_MS = 3_000;
const BOT_ID = 'parley-1';
/** The interpreter's voices, each a participant of its own. */
const CHANNELS = [
  { id: 'parley-1-en', displayName: 'Parley · English', language: 'en' },
  { id: 'parley-1-fr', displayName: 'Parley · Français', language: 'fr' },
];
const BOT_IDS = [BOT_ID, ...CHANNELS.map(({ id }) => id)];
const LONG = 'Grzegorz Brzęczyszczykiewicz-Wolfeschlegelsteinhausenbergerdorff';
const PEOPLE = [
  { id: 'guest-1', displayName: 'Ana María Fernández de la Cueva y Álvarez de Toledo', language: 'es' },
  { id: 'guest-2', displayName: 'יוסף', language: 'he' },
  { id: 'guest-3', displayName: LONG, language: 'pl' },
  { id: 'guest-4', displayName: 'x'.repeat(80), language: 'not a language' },
  { id: 'guest-5', displayName: '', language: 'pt-BR' },
];

describe.skipIf(skipsBrowser)('the look of the meeting page', { timeout: 240_000 }, () => {
  let cacheDir: string;
  let server: RoomServer;
  let browser: Browser;
  let double: string;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'parley-room-'));
    server = await startRoomServer({ cacheDir });
    server.createRoom('weekly-sync');
    browser = await launchChromium(server);
    double = await readFile(join(import.meta.dirname, 'sdk-double.js'), 'utf8');
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(cacheDir, { recursive: true });
  });

  async function open(
    options: { width?: number; height?: number; dark?: boolean; locale?: string; clock?: boolean } = {},
  ): Promise<Page> {
    const { width = 1280, height = 800, dark = false, locale = 'en-US' } = options;
    const context = await browser.newContext({
      permissions: ['microphone'],
      locale,
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    if (options.clock === true) await page.clock.install();
    await page.route('**/assets/videosdk.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: double }),
    );
    await page.route('**/bots', (route) => route.fulfill({ json: { botIds: BOT_IDS } }));
    await page.route('**/weekly-sync/languages', (route) =>
      route.fulfill({ json: { languages: ['es', 'en'] } }),
    );
    await page.goto(`${server.origin}/weekly-sync`);
    await page.locator('#join-screen').waitFor();
    return page;
  }

  async function openMeeting(options?: Parameters<typeof open>[0]): Promise<Page> {
    const page = await open(options);
    await joinMeeting(page, { name: 'Charlotte', language: 'en' });
    await page.evaluate(
      ([people, botId, channels]) => {
        const meeting = (window as unknown as DoubleWindow).double;
        for (const { language, ...person } of people) {
          meeting.come({ ...person, metaData: { preferredLanguage: language }, micOn: true });
        }
        meeting.come({ id: botId, displayName: 'Parley', metaData: {}, micOn: true });
        for (const { language, ...channel } of channels) {
          meeting.come({ ...channel, metaData: { parley: { channel: language } }, micOn: true });
        }
      },
      [PEOPLE, BOT_ID, CHANNELS] as const,
    );
    await page.locator('.person.is-bot').getByText('English, Français').waitFor();
    return page;
  }

  const say = (page: Page, caption: object): Promise<void> =>
    page.evaluate(
      ([senderId, payload]) => (window as unknown as DoubleWindow).double.caption(senderId, payload),
      [
        BOT_ID,
        {
          v: 2,
          kind: 'speech',
          segmentId: 'turn-1',
          turnId: 'turn-1',
          part: 0,
          original: true,
          speakerId: 'guest-1',
          speakerName: 'Ana',
          sourceLanguage: 'es',
          targetLanguage: 'en',
          sourceText: 'Buenos días',
          translatedText: 'Good morning',
          final: true,
          startMs: 0,
          endMs: 1_000,
          ...caption,
        },
      ] as const,
    );

  const emit = (page: Page, event: string, ...args: unknown[]): Promise<void> =>
    page.evaluate(
      ([name, values]) => (window as unknown as DoubleWindow).double.meeting.emit(name, ...values),
      [event, args] as const,
    );

  /** Nothing sticks out to the side, and axe has nothing serious to say. */
  async function expectGood(page: Page): Promise<void> {
    const width = await page.evaluate(() => ({
      page: document.documentElement.scrollWidth,
      window: innerWidth,
    }));
    expect(width.page).toBe(width.window);
    expect(await seriousOf(page)).toEqual([]);
  }

  describe.each([
    { width: 1280, height: 800, dark: false },
    { width: 360, height: 740, dark: true }, // colours do not depend on the width
  ])('$width px wide, dark: $dark', (tick) => {
    test('every screen fits and is accessible', async () => {
      const page = await open(tick);
      await page.getByRole('button', { name: 'Check microphone' }).click();
      await page.getByRole('meter').waitFor();
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await page.getByText('Write the name that others will see.').waitFor();
      await expectGood(page);
      await page.context().close();

      const meeting = await openMeeting(tick);
      await expectGood(meeting);
      for (let turn = 0; turn < 12; turn++) {
        await say(meeting, { segmentId: `turn-${turn}`, speakerId: `guest-${turn % 5}`, speakerName: LONG });
      }
      await say(meeting, {
        segmentId: 'long',
        speakerName: 'x'.repeat(80),
        translatedText: `W${'o'.repeat(300)}w`,
        sourceText: 'איפה תחנת הרכבת?',
        sourceLanguage: 'he',
      });
      await say(meeting, { segmentId: 'partial', translatedText: '', final: false });
      await say(meeting, { segmentId: 'cut', mark: 'cut' });
      await emit(meeting, 'speaker-changed', 'guest-3');
      await emit(meeting, 'error', { message: 'The microphone was unplugged. '.repeat(4) });
      await emit(meeting, 'socket-state-changed', { state: 'SOCKET_DISCONNECTED' });
      await meeting.locator('#connection-status').getByText('Reconnecting…').waitFor();
      await expectGood(meeting);
      // What one does must not be pushed out of the screen.
      for (const name of ['Mute', 'Leave']) {
        const box = await meeting.getByRole('button', { name, exact: true }).boundingBox();
        expect(box!.y + box!.height).toBeLessThanOrEqual(tick.height);
        expect(box!.height).toBeGreaterThanOrEqual(44);
      }

      await emit(meeting, 'meeting-left', { code: 1002 });
      await meeting.getByText('You were removed from the meeting.').waitFor();
      await expectGood(meeting);
    });
  });

  test('who is here, in an order that stays: oneself, people, interpreters', async () => {
    const page = await openMeeting();
    expect(await page.locator('#people-count').textContent()).toBe('6');
    const names = await page.locator('#people .person-name bdi').allTextContents();
    expect(names).toEqual([
      'Charlotte',
      ...PEOPLE.slice(0, 4).map(({ displayName }) => displayName),
      'Someone without a name',
      'Parley',
    ]);
    await rowOf(page, 'Parley').getByText('English, Français').waitFor();
    await rowOf(page, 'יוסף').getByText('עברית').waitFor();
    await rowOf(page, 'Someone without a name').getByText('Português (Brasil)').waitFor();

    await emit(page, 'speaker-changed', 'guest-1');
    await rowOf(page, 'Ana').getByText('speaking').waitFor();
    await emit(page, 'speaker-changed', 'guest-2');
    await rowOf(page, 'Ana').getByText('speaking').waitFor({ state: 'detached' });
    expect(await page.locator('.is-speaking').count()).toBe(1);
  });

  test('the captions scroll along, unless the reader has gone back', async () => {
    const page = await openMeeting();
    const scroll = () =>
      page.locator('#captions').evaluate(({ scrollTop, scrollHeight, clientHeight }) => ({
        scrollTop,
        left: scrollHeight - clientHeight - scrollTop,
      }));
    for (let turn = 0; turn < 20; turn++) await say(page, { segmentId: `turn-${turn}` });
    expect((await scroll()).left).toBeLessThan(2);

    await page.keyboard.press('Alt+KeyC');
    await page.keyboard.press('Home');
    await expect.poll(async () => (await scroll()).scrollTop).toBe(0);
    await say(page, { segmentId: 'new' });
    expect((await scroll()).scrollTop).toBe(0);
    await page.getByRole('button', { name: 'New captions' }).click();
    expect((await scroll()).left).toBeLessThan(2);
    await page.getByRole('button', { name: 'New captions' }).waitFor({ state: 'hidden' });
    await say(page, { segmentId: 'newer', translatedText: 'Long. '.repeat(200) });
    expect((await scroll()).left).toBeLessThan(2);
  });

  test('a screen reader is told each turn once, when it is final', async () => {
    const page = await openMeeting();
    const announced = () =>
      page.getByRole('log', { name: 'Finished captions' }).locator('p').allTextContents();
    await say(page, { translatedText: 'Good', final: false });
    await say(page, { translatedText: 'Good morn', final: false });
    expect(await announced()).toEqual([]);
    await say(page, {});
    await say(page, { translatedText: 'Good morning!' });
    expect(await announced()).toEqual(['Ana: Good morning']);
    expect(await page.locator('.caption-main').allTextContents()).toEqual(['Good morning!']);
  });

  test('a partial caption never takes the place of a final one', async () => {
    const page = await openMeeting();
    await say(page, {});
    await say(page, { translatedText: 'Good', final: false });
    expect(await page.locator('.caption-main').allTextContents()).toEqual(['Good morning']);
  });

  test('everything can be done by keyboard, in an order that makes sense', async () => {
    const page = await open();
    const focused = () =>
      page.evaluate(() => document.activeElement?.id ?? document.activeElement?.tagName ?? '');
    const order: string[] = [];
    for (let press = 0; press < 4; press++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual(['name', 'language', 'check-button', 'join-button']);

    await page.locator('#name').focus();
    await page.keyboard.type('Charlotte');
    await page.keyboard.press('Enter');
    await page.locator('#connection-status[data-state=connected]').waitFor();
    expect(await focused()).toBe('meeting-screen-heading');
    order.length = 0;
    for (let press = 0; press < 9; press++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
      expect(outline).toBe('solid');
    }
    expect(order).toEqual([
      'sample-button',
      'save-button',
      'people',
      'captions',
      'sample-empty-button',
      'mute-button',
      'meeting-language',
      'balance',
      'leave-button',
    ]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'You left the meeting.' }).waitFor();
    expect(await focused()).toBe('left-screen-heading');
  });

  test('another language is told to the meeting', async () => {
    const page = await openMeeting();
    await chooseLanguage(page, 'meeting-language', 'fr');
    const published = await page.evaluate(() => (window as unknown as DoubleWindow).double.meeting.published);
    expect(published).toEqual([
      { topic: 'PARLEY_LANGUAGE', message: 'fr', payload: { preferredLanguage: 'fr' } },
    ]);
    await rowOf(page, 'Charlotte').getByText('Français').waitFor();
  });

  test('one’s own words stand first, under a name and a time in the language of the page', async () => {
    const page = await openMeeting({ locale: 'en-GB' });
    const own = await page.evaluate(
      () => (window as unknown as DoubleWindow).double.meeting.localParticipant.id,
    );
    await say(page, {
      ...{ speakerId: own, sourceLanguage: 'en', sourceText: 'Good morning' },
      ...{ targetLanguage: 'es', translatedText: 'Buenos días' },
    });
    const written = async () => (await page.locator('#caption-list .caption').innerText()).split(/\s*\n\s*/);
    const time = expect.stringMatching(/^\d\d:\d\d$/) as string; // as Britons write it
    expect(await written()).toEqual(['Y', 'You', time, 'Good morning', 'Buenos días']);
    await chooseLanguage(page, 'meeting-language', 'fr');
    await page.locator('#caption-list').getByText('Vous', { exact: true }).waitFor();
    expect(await written()).toEqual(['V', 'Vous', time, 'Good morning', 'Buenos días']);
  });

  test("of the interpreter's voices only one's own is asked for", async () => {
    const page = await openMeeting();
    const consumed = () => page.evaluate(() => (window as unknown as DoubleWindow).double.consumed());
    const people = PEOPLE.map(({ id }) => id);
    expect(await consumed()).toEqual([...people, BOT_ID, 'parley-1-en']);
    await chooseLanguage(page, 'meeting-language', 'fr');
    expect(await consumed()).toEqual([...people, BOT_ID, 'parley-1-fr']);
    await chooseLanguage(page, 'meeting-language', 'tr');
    expect(await consumed()).toEqual([...people, BOT_ID]);
  });

  test('a caption says what is to be known of its translation', async () => {
    const page = await openMeeting();
    await say(page, { mark: 'cut' });
    await say(page, { segmentId: 'turn-2', mark: 'captions_only' });
    await say(page, { segmentId: 'turn-3', kind: 'notice', speakerName: 'Parley', sourceText: '' });
    expect(await page.locator('.caption-mark').allTextContents()).toEqual([
      'Not spoken to its end',
      'Captions only',
      '',
    ]);
    await say(page, { segmentId: 'turn-2', sourceText: '', translatedText: '' });
    expect(await page.locator('.caption').count()).toBe(2);
  });

  describe.each(['de', 'ar', 'ja'])('in %s', (language) => {
    test('the page is whole, and fits', async () => {
      const page = await open({ width: 360, height: 740 });
      await chooseLanguage(page, 'language', language);
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      expect(await page.locator('html').getAttribute('dir')).toBe(language === 'ar' ? 'rtl' : 'ltr');
      await expectGood(page);
      await page.locator('#name').fill('Charlotte');
      await page.locator('#join-button').click();
      await page.locator('#connection-status[data-state=connected]').waitFor();
      await expectGood(page);
      const box = await page.locator('#leave-button').boundingBox();
      expect(box!.y + box!.height).toBeLessThanOrEqual(740);
    });
  });

  test("the page speaks its reader's language: the browser's, then the chosen one", async () => {
    const context = await browser.newContext({ locale: 'fr-CA' });
    const page = await context.newPage();
    await page.goto(`${server.origin}/weekly-sync`);
    await page.getByRole('button', { name: 'Rejoindre la réunion' }).waitFor();
    expect(await page.locator('#language').getAttribute('data-tag')).toBe('fr');
    await chooseLanguage(page, 'language', 'es');
    await page.getByRole('button', { name: 'Entrar en la reunión' }).waitFor();
    await chooseLanguage(page, 'language', 'sw'); // the page has no texts in it
    await page.getByRole('button', { name: 'Entrar en la reunión' }).waitFor();
    await page.reload();
    await page.locator('#language[data-tag=sw]').waitFor();
  });

  test("languages are chosen from a list: the meeting's first, found by any name, by keyboard and for a screen reader", async () => {
    const page = await open();
    await page.locator('#language').click();
    const options = page.getByRole('option');
    await page.getByRole('group', { name: 'In this meeting' }).getByRole('option').first().waitFor();
    expect(await options.first().textContent()).toBe('EspañolSpanish');
    await expectGood(page);
    await page.locator('#language-search').fill('alem');
    expect((await options.allTextContents())[0]).toBe('DeutschGerman');
    await page.locator('#language-search').fill('xyzzy');
    await page.getByText('No language has this name.').waitFor();
    await page.locator('#language-search').fill('');
    await page.keyboard.press('ArrowDown');
    const active = await page.locator('#language-search').getAttribute('aria-activedescendant');
    expect(await page.locator(`#${active!}`).getAttribute('class')).toContain('is-active');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('language');
  });

  test('a meeting without an interpreter says so, and when one comes or goes', async () => {
    const page = await open({ clock: true });
    await joinMeeting(page, { name: 'Charlotte', language: 'en' });
    await page.clock.fastForward(PATIENCE_MS);
    const status = page.getByRole('status').filter({ hasText: 'interpreter' });
    await status.getByText('No interpreter is here: nothing is translated.').waitFor();
    await page.evaluate(
      (id) => (window as unknown as DoubleWindow).double.come({ id, displayName: 'Parley', micOn: true }),
      BOT_ID,
    );
    await status.waitFor({ state: 'hidden' });
    await page.getByText('You are alone here.').waitFor();
    await say(page, {});
    await emit(page, 'participant-left', { id: BOT_ID });
    await page.clock.fastForward(PATIENCE_MS);
    await status.getByText('The interpreter has left').waitFor();
    await page.locator('#caption-list').getByText('The interpreter has left').waitFor();
    await page.evaluate(
      (id) => (window as unknown as DoubleWindow).double.come({ id, displayName: 'Parley', micOn: true }),
      BOT_ID,
    );
    await page.locator('#caption-list').getByText('The interpreter is here.').waitFor();
    await status.waitFor({ state: 'hidden' });
  });

  test('a phone that is turned still follows the captions, and has room for four lines of them', async () => {
    const page = await openMeeting({ width: 360, height: 740 });
    for (let turn = 0; turn < 20; turn++) await say(page, { segmentId: `turn-${turn}` });
    const left = () =>
      page
        .locator('#captions')
        .evaluate(({ scrollTop, scrollHeight, clientHeight }) => scrollHeight - clientHeight - scrollTop);
    for (const [width, height] of [
      [740, 360],
      [360, 740],
      [740, 360],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expect.poll(left).toBeLessThan(2);
      await say(page, { segmentId: `turned-${width}-${Math.random()}` });
      await expect.poll(left).toBeLessThan(2);
    }
    const room = await page.locator('#captions').evaluate((captions) => {
      const line = parseFloat(getComputedStyle(captions.querySelector('.caption-main')!).lineHeight);
      return captions.clientHeight / line;
    });
    expect(room).toBeGreaterThan(4 + 3); // beside the speaker's name and the margins
  });

  test('a reload keeps name, language and captions; the transcript can be saved, there and afterwards', async () => {
    const page = await openMeeting();
    await say(page, { speakerId: 'guest-2', speakerName: 'יוסף', sourceText: 'שלום', sourceLanguage: 'he' });
    await say(page, { segmentId: 'turn-2' });
    await page.reload();
    await page.locator('#join-screen').waitFor();
    expect(await page.locator('#name').inputValue()).toBe('Charlotte');
    await page.locator('#join-button').click();
    await page.locator('#caption-list .caption').nth(1).waitFor();
    await say(page, { segmentId: 'turn-2', translatedText: 'Good morning to all' });
    expect(await page.locator('.caption-main').allTextContents()).toEqual([
      'Good morning',
      'Good morning to all',
    ]);
    for (const button of ['#save-button', '#left-save-button']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.locator(button).click()]);
      expect(download.suggestedFilename()).toMatch(/^weekly-sync-\d{4}-\d\d-\d\d\.txt$/);
      const text = await readFile(await download.path(), 'utf8');
      expect(text).toContain('Transcript of the meeting weekly-sync');
      expect(text).toContain('  \u2068Good morning to all\u2069\r\n  \u2068Buenos días\u2069');
      await page
        .locator('#leave-button')
        .click({ timeout: 1_000 })
        .catch(() => undefined);
    }
    expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toMatch(/eyJ/);
  });

  test('a sample phrase is sent in place of the microphone, which comes back after it', async () => {
    const page = await openMeeting();
    await page.getByRole('button', { name: 'Say a sample phrase' }).first().click();
    await page.getByText('knows these phrases and no others').waitFor();
    await expectGood(page);
    await page.getByRole('button', { name: 'Parley is interpreting this meeting.' }).click();
    const microphones = () =>
      page.evaluate(() => (window as unknown as DoubleWindow).double.meeting.microphones.length);
    await expect.poll(microphones, { timeout: 10_000 }).toBe(2);
    await page.locator('#mute-button[data-mic=on]').waitFor();
    await chooseLanguage(page, 'meeting-language', 'ja'); // the book has no phrases in it
    await page.locator('#sample-button').waitFor({ state: 'hidden' });
  });

  test('a link to no meeting, and the address alone, lead to a page from which one gets on', async () => {
    const page = await (await browser.newContext({ locale: 'en' })).newPage();
    const answer = await page.goto(`${server.origin}/no-such-meeting`);
    expect(answer!.status()).toBe(404);
    await page.getByText('There is no meeting “no-such-meeting” here.').waitFor();
    await expectGood(page);
    await page.goto(server.origin);
    await page.getByRole('button', { name: 'Go to the meeting' }).click();
    await page.getByText('Enter the link or the id that you were given.').waitFor();
    await page.locator('#meeting-link').fill(`${server.origin}/weekly-sync?from=mail`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Join the meeting' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/weekly-sync');
    await page.goto(server.origin);
    await page.getByRole('button', { name: 'Start a new meeting' }).click();
    await page.getByRole('heading', { name: 'Join the meeting' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/\w{4}-\w{4}-\w{4}$/);
  });

  test('no two people have one colour while there are enough', async () => {
    const page = await openMeeting();
    const tints = await page
      .locator('.person:not(.is-bot)')
      .evaluateAll((rows) => rows.map((row) => /tint-\d/.exec(row.getAttribute('class') ?? '')?.[0]));
    expect(new Set(tints).size).toBe(6);
  });

  test('the microphone check shows a level and lets go of the microphone', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Check microphone' }).click();
    await page.getByText('You can be heard').waitFor();
    await expect
      .poll(async () => Number(await page.getByRole('meter').getAttribute('aria-valuenow')))
      .toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Stop checking' }).click();
    await page.getByRole('meter').waitFor({ state: 'hidden' });
  });
});
