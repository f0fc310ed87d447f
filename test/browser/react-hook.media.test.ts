/** The hook of examples/react, in React itself, in Chromium. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RoomServer, startRoomServer } from '../../src/embedded/room-server/index.js';
import { launchChromium, problemsOf, skipsBrowser } from './chromium.js';

const ROOT = join(import.meta.dirname, '../..');
type DoubleWindow = Window & {
  double: {
    meeting: {
      published: readonly unknown[];
      receive(topic: string, senderId: string, payload: object): void;
    };
    come(person: object): void;
  };
};

describe.skipIf(skipsBrowser)('the hook for React', { timeout: 60_000 }, () => {
  let cacheDir: string;
  let server: RoomServer;
  let browser: Browser;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'parley-room-'));
    server = await startRoomServer({ cacheDir });
    browser = await launchChromium(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(cacheDir, { recursive: true });
  });

  test('shows captions and channels, follows the language, and ends with the meeting', async () => {
    const bundle = await rolldown({
      input: join(ROOT, 'test/browser/react-app.js'),
      platform: 'browser',
      resolve: {
        alias: { '@parley-interpreter/parley/client': join(ROOT, 'dist/client/parley-client.js') },
      },
      transform: { define: { 'process.env.NODE_ENV': '"development"' } },
    });
    const { output } = await bundle.generate({ format: 'esm' });
    const double = await readFile(join(import.meta.dirname, 'sdk-double.js'), 'utf8');
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    const problems = problemsOf(page);
    const answers = {
      '': [
        'text/html',
        '<div id="root"></div><script src="double.js"></script><script type="module" src="app.js"></script>',
      ],
      'double.js': ['text/javascript', double],
      'app.js': ['text/javascript', output[0].code],
    } as const;
    for (const [name, [contentType, body]] of Object.entries(answers))
      await page.route(`**/app/${name}`, (route) => route.fulfill({ contentType, body }));
    await page.goto(`${server.origin}/app/`);

    const say = (language: string, text: string) =>
      page.evaluate(
        ([tag, translatedText]) =>
          (window as unknown as DoubleWindow).double.meeting.receive(`PARLEY_CAPTIONS_${tag}`, 'parley-1', {
            ...{ v: 2, final: true, segmentId: translatedText, translatedText, targetLanguage: tag },
          }),
        [language, text] as const,
      );
    await page.getByRole('button', { name: 'Join' }).click();
    await page.evaluate(() =>
      (window as unknown as DoubleWindow).double.come({
        id: 'parley-1-en',
        metaData: { parley: { channel: 'en' } },
      }),
    );
    await page.locator('p').getByText('en', { exact: true }).waitFor();
    await expect
      .poll(async () => {
        await say('en', 'Good morning');
        return page.locator('li').allTextContents();
      })
      .toEqual(['Good morning']);

    await page.getByRole('button', { name: 'Español' }).click();
    await expect
      .poll(async () => {
        await say('es', 'Buenos días');
        return page.locator('li').allTextContents();
      })
      .toEqual(['Good morning', 'Buenos días']);
    expect(
      await page.evaluate(() => (window as unknown as DoubleWindow).double.meeting.published),
    ).toContainEqual({ topic: 'PARLEY_LANGUAGE', message: 'es', payload: { preferredLanguage: 'es' } });

    await page.getByRole('button', { name: 'End' }).click();
    await page.locator('li').first().waitFor({ state: 'detached' });
    await say('es', 'Otra vez');
    expect(await page.locator('li').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
