/**
 * The console over the real API and a real database, whose meetings are scripted: what the page sends is taken, and what comes
 * is shown. And signing in by a passkey, with a virtual authenticator.
 */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { signIn } from '../../../src/service/auth/setup.js';
import { httpServerProcess } from '../../agent/tools/mcp/server-process.js';
import { problemsOf, skipsBrowser } from '../../browser/chromium.js';
import { describeDatabase } from '../../database/test-databases.js';
import { type ServiceWorld, serviceWorld } from '../service-world.js';
import { caption } from './sample-meeting.js';

let world: ServiceWorld;
let browser: Browser;
let problems: readonly string[] = [];

/** The console in a browser that signed in. */
async function open(hash: string): Promise<Page> {
  const { json } = await world.api('GET', '/v1/users');
  const [owner] = (json as { data: { id: string }[] }).data;
  const secret = await signIn(world.database.orm, owner!.id, 'test');
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
  const url = `http://localhost:${new URL(world.url).port}`;
  await context.addCookies([
    { name: 'parley-local', value: secret, url, httpOnly: true, sameSite: 'Strict' },
  ]);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  problems = problemsOf(page);
  await page.goto(`${url}/${hash}`);
  await page.locator('main h1').waitFor();
  return page;
}

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open());
    if (skipsBrowser) return;
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--no-first-run', '--disable-background-networking'],
    });
  });
  afterEach(async () => {
    if (skipsBrowser) return;
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(problems).toEqual([]);
  });
  afterAll(async () => {
    if (!skipsBrowser) await browser.close();
    await world.close();
  });

  it.skipIf(skipsBrowser)(
    'a host invites, follows, changes, is told what was refused, stops, reads, searches, notes and erases',
    { timeout: 300_000 },
    async () => {
      const { supervisor } = world;
      const page = await open('#/');
      await page.getByRole('button', { name: 'Make a room to try it' }).click();
      expect(await page.getByRole('link', { name: 'Open the room' }).getAttribute('href')).toBe(
        'https://localhost:8443/abcd-efgh-ijkl',
      );
      await page.getByText('More settings').click();
      await page.getByLabel('Budget in US dollars').fill('2,50');
      await page.getByLabel('Glossary').fill('es>en: acta = minutes');
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await page.locator('parley-meeting h1').waitFor();
      const botId = /bot_[\w-]+/.exec(page.url())![0];
      await expect.poll(() => supervisor.started.length).toBe(1);
      expect(supervisor.started[0]?.settings).toMatchObject({
        languages: ['en', 'es'],
        budgetUsd: 2.5,
        glossary: { 'es>en': { acta: 'minutes' } },
      });
      supervisor.state(botId, 'joining', { waitingFor: 'admission' });
      await page.locator('.meeting-state', { hasText: 'Waiting to be let in' }).waitFor();
      supervisor.state(botId, 'active');
      await page.locator('.meeting-state', { hasText: 'Interpreting' }).waitFor();

      const person = { id: 'p-ana', name: '<b>Ana</b>', isBot: false, speaks: ['es'], prefers: 'es' };
      supervisor.happens(botId, { type: 'joined', person } as never);
      supervisor.happens(
        botId,
        caption({
          sourceText: 'El acta está lista.',
          translatedText: 'The minutes are ready.',
          speakerName: '<b>Ana</b>',
        }) as never,
      );
      supervisor.happens(botId, {
        type: 'status',
        levelsDbfs: {},
        latency: { turns: 1, medianMs: 1_234 },
        spans: [
          {
            ...{ speakerId: 'p-ana', to: 'en', engine: 'live', turns: 12 },
            ...{ lastMs: 9_400, medianMs: 4_100, p95Ms: 9_800, isGrowing: true },
          },
        ],
        cost: { usd: 0.5, responses: 1, audioMs: 1_000, unpriced: 0, isLowerBound: true, budgetUsd: 2.5 },
      } as never);
      await page
        .locator('.caption', { hasText: 'The minutes are ready.' })
        .getByText('El acta está lista.')
        .waitFor();
      await page.locator('.person', { hasText: '<b>Ana</b>' }).waitFor();
      await page.locator('.numbers', { hasText: '1.2 sec' }).getByText('at least $0.50').waitFor();
      const span = page.locator('.spans li', { hasText: '<b>Ana</b> → English' });
      await span.getByText('falls behind').waitFor();
      expect(await span.locator('dd').allTextContents()).toEqual(['9.4 secs', '4.1 secs', '9.8 secs']);

      supervisor.answer = (command) =>
        command.kind === 'update' ? { report: { languages: { refused: 'no session is free for it' } } } : {};
      const changes = page.locator('parley-changes');
      await changes.getByRole('combobox', { name: 'Languages of the meeting' }).fill('de');
      await page.keyboard.press('Enter');
      await changes.getByRole('button', { name: 'Apply' }).click();
      await changes.locator('.outcomes', { hasText: 'no session is free for it' }).waitFor();
      await page.getByLabel('Say something to everyone').fill('We go on.');
      await page.getByRole('button', { name: 'Say it' }).click();
      await expect
        .poll(() => supervisor.commands.map(([, command]) => command))
        .toContainEqual({ kind: 'say', text: 'We go on.' });
      await page.getByRole('button', { name: 'Mute the voice in Spanish' }).click();
      await page.getByText('The voice in Spanish is silent.').waitFor();

      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('heading', { name: 'Transcript' }).waitFor();
      await page.locator('.speech', { hasText: 'El acta está lista.' }).waitFor();
      await page.locator('#transcript-language').selectOption('en');
      await page.locator('.speech', { hasText: 'The minutes are ready.' }).waitFor();
      await page.getByLabel('A new note').fill('Send it on Thursday.');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.locator('.notes', { hasText: 'Send it on Thursday.' }).waitFor();

      await page.getByRole('link', { name: 'Past meetings' }).click();
      await page.getByRole('searchbox').fill('esta lista');
      await page.keyboard.press('Enter');
      await page.locator('.hit mark').first().waitFor();
      await page.locator('.hit').first().click();
      await page.getByRole('button', { name: 'Erase the words…' }).click();
      await page.getByRole('button', { name: 'Erase for good' }).click();
      await page.getByText('What was said in this meeting was erased.').waitFor();
      expect((await world.api('GET', `/v1/bots/${botId}/transcript`)).status).toBe(410);
    },
  );

  it.skipIf(skipsBrowser)(
    'settings hold: a key that works, a webhook, limits; a refused field says why',
    { timeout: 240_000 },
    async () => {
      const page = await open('#/settings/keys');
      await page.getByLabel('What it is for').fill('Calendar');
      await page.getByRole('button', { name: 'Make a key' }).click();
      const key = await page.getByLabel('Your new key').inputValue();
      expect((await world.api('GET', '/v1/bots', undefined, { authorization: `Bearer ${key}` })).status).toBe(
        200,
      );
      await page.getByRole('link', { name: 'Webhooks' }).click();
      await page.getByLabel('Address').fill('not an address');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.locator('#webhook-url-problem').waitFor();
      await page.getByRole('link', { name: 'Workspace and limits' }).click();
      await page.getByLabel('Meetings at the same time, at most').fill('3');
      await page.getByLabel('Days that words are kept').fill('30');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').waitFor();
      expect((await world.api('GET', '/v1/workspace')).json).toMatchObject({
        limits: { maxBots: 3 },
        retentionDays: 30,
      });
      await page.getByRole('link', { name: 'People' }).click();
      await page.getByLabel('Name', { exact: true }).fill('Grace');
      await page.getByLabel('Email').fill('grace@example.com');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.locator('.card-row', { hasText: 'grace@example.com' }).waitFor();
    },
  );

  it.skipIf(skipsBrowser)(
    'documents and secrets: added, found, refused with its reason, deleted',
    { timeout: 240_000 },
    async () => {
      const page = await open('#/agent/documents');
      const text = '# Reisekosten\n\nBelege müssen innerhalb von 30 Tagen eingereicht werden.\n';
      await page.getByLabel('Choose files, or drop them here').setInputFiles([
        { name: '旅費 & Ünï.md', mimeType: 'text/markdown', buffer: Buffer.from(text) },
        { name: 'scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no PDF') },
      ]);
      await page.locator('.given', { hasText: 'this is no PDF file, whatever its name says' }).waitFor();
      await page.locator('.card-row', { hasText: '旅費 & Ünï.md' }).getByText('Markdown · German').waitFor();
      await page.getByLabel('A question or some words').fill('belege');
      await page.keyboard.press('Enter');
      await page.locator('.hit', { hasText: '旅費 & Ünï.md, Reisekosten' }).locator('mark').waitFor();
      await page.getByRole('button', { name: 'Delete 旅費 & Ünï.md' }).click();
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByText('There are no documents yet.').waitFor();
      await page.getByRole('link', { name: 'Secrets' }).click();
      await page.getByLabel('Name').fill('crm-key');
      await page.getByLabel('Value').fill('12 €');
      await page.getByRole('button', { name: 'Keep the secret' }).click();
      await page.locator('#secret-value-problem').waitFor();
      await page.getByLabel('Value').fill('12');
      await page.keyboard.press('Enter');
      await page.locator('.card-row', { hasText: 'crm-key' }).waitFor();
      expect((await world.api('GET', '/v1/agent/secrets')).json).toMatchObject({
        data: [{ name: 'crm-key' }],
      });
    },
  );

  it.skipIf(skipsBrowser)(
    'tools and servers of the agent: added, tried, given what they may do, changed and deleted',
    { timeout: 240_000 },
    async () => {
      await world.api('PUT', '/v1/agent/secrets/tools-key', { value: 'right' });
      const server = await httpServerProcess();
      try {
        const page = await open('#/agent/servers');
        await page.locator('#tool-name').fill('rooms');
        await page.locator('#tool-url').fill(server.url);
        await page.getByRole('button', { name: 'Add a header' }).click();
        await page.getByLabel('Secret', { exact: true }).selectOption('tools-key');
        await page.getByLabel('Believe the server which tools only read').check();
        await page.getByRole('button', { name: 'Add', exact: true }).click();
        await page.getByText('rooms is saved.').waitFor();
        await page.getByRole('button', { name: 'Try rooms' }).click();
        const add = page.getByLabel('What add may do');
        await add.waitFor();
        expect(await add.inputValue()).toBe('read');
        await page.getByLabel('What fail may do').selectOption('write');
        await page.getByText('fail is saved.').waitFor();
        expect((await world.api('GET', '/v1/mcp-servers')).json).toMatchObject({
          data: [{ name: 'rooms', url: server.url, levels: { fail: 'write' }, trustsReadOnlyHint: true }],
        });
        await page.getByRole('button', { name: 'Delete rooms' }).click();
        await page.getByRole('button', { name: 'Delete', exact: true }).click();
        await page.getByText('There are no MCP servers yet.').waitFor();
      } finally {
        server.child.kill('SIGKILL');
      }

      const page = await open('#/agent/tools');
      await page.locator('#tool-name').fill('find_room');
      await page.locator('#tool-url').fill('https://rooms.example.com/find');
      await page.locator('#tool-description').fill('Finds a room.');
      await page.getByLabel('What it may do').selectOption('read');
      await page.getByText('More settings').click();
      await page.getByLabel('Seconds to wait').fill('2,5');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('find_room is saved.').waitFor();
      await page.getByRole('button', { name: 'Change find_room' }).click();
      await page.getByLabel('Seconds to wait').fill('');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('find_room is saved.').waitFor();
      const { json } = await world.api('GET', '/v1/tools');
      expect(json).toMatchObject({ data: [{ name: 'find_room', level: 'read' }] });
      expect((json as { data: object[] }).data[0]).not.toHaveProperty('timeoutMs');
    },
  );

  it.skipIf(skipsBrowser)(
    'a passkey is made, signs its person in again, and signs nobody in once it is deleted',
    { timeout: 240_000 },
    async () => {
      const page = await open('#/settings/sign-in');
      const devices = await page.context().newCDPSession(page);
      await devices.send('WebAuthn.enable');
      await devices.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
          ...{ isUserVerified: true, automaticPresenceSimulation: true },
        },
      });
      await page.getByRole('button', { name: 'Make a passkey' }).click();
      await page.getByText('The passkey is made.').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await page.getByRole('heading', { name: 'Bring an interpreter to your meeting' }).waitFor();
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('link', { name: 'Your sign-in' }).click();
      await page.locator('.card-row').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('The passkey is deleted.').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await page.getByText('this passkey is not known here').waitFor();
    },
  );

  it('a challenge holds once, for the page that asked, and nothing that is made up signs anybody in', async () => {
    const { json } = await world.api('POST', '/v1/sign-in/options', undefined, { origin: world.url });
    // Passkeys hold for names: at 127.0.0.1 browsers have none.
    expect(json).toMatchObject({ code: 'conflict' });
    const made = {
      ...{ id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {} },
      response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
    };
    const origin = `http://localhost:${new URL(world.url).port}`;
    expect(await world.api('POST', '/v1/sign-in', { credential: made }, { origin })).toMatchObject({
      status: 403,
      json: { code: 'forbidden' },
    });
    expect(await world.api('POST', '/v1/passkeys/options', undefined, { origin })).toMatchObject({
      status: 403,
    });
  });
});
