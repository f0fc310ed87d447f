/**
 * The console in a real Chromium, over a stand-in for the service: what a host does, by keyboard and for a screen reader,
 * narrow and wide, and what happens when the connection is lost.
 */
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seriousOf } from '../../browser/accessibility.js';
import { problemsOf, skipsBrowser } from '../../browser/chromium.js';
import { BOT, botRow, FakeService, PAST_BOT } from './fake-service.js';
import { caption, PEOPLE, SNAPSHOT, TRANSCRIPT } from './sample-meeting.js';

const isFocused = (element: Element): boolean => element === document.activeElement;
const NEVER = 'http://127.0.0.1:9';

describe.skipIf(skipsBrowser)('the console', { timeout: 240_000 }, () => {
  let browser: Browser;
  let fake: FakeService;
  const problems: (readonly string[])[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--no-first-run', '--disable-background-networking', `--proxy-server=${NEVER}`],
    });
  });
  beforeEach(async () => {
    fake = await FakeService.start();
    fake.snapshot = SNAPSHOT();
    fake.bots.set(BOT, botRow({ settings: { languages: ['en', 'es'], engine: 'conversation' } }));
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await fake.close();
    for (const each of problems.splice(0)) expect(each).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
  });

  async function open(hash: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
    return openIn(await context.newPage(), hash);
  }

  async function openIn(page: Page, hash: string): Promise<Page> {
    page.setDefaultTimeout(60_000);
    problems.push(problemsOf(page));
    await page.goto(`${fake.origin}/${hash}`);
    await page.locator('main h1').waitFor();
    return page;
  }

  /** The page follows its meeting: what it shows at first is read before, and an event that comes sooner is nobody's. */
  const followed = (): Promise<void> => expect.poll(() => fake.feeds).toBeGreaterThan(0);

  /** For somebody who wants to see it. */
  async function look(page: Page, name: string): Promise<void> {
    const to = process.env['SCREENSHOTS'];
    if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
  }

  const fill = (): void => {
    const day = new Date(Date.now() - 86_400_000).toISOString();
    const over = { id: PAST_BOT, state: 'ended', reason: 'asked', joinedAt: day, endedAt: day };
    fake.bots.set(PAST_BOT, botRow(over));
    fake.bots.set(
      'bot_3',
      botRow({
        id: 'bot_3',
        meetingId: 'soon',
        state: 'scheduled',
        joinAt: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    );
    fake.transcripts.set(PAST_BOT, TRANSCRIPT);
    fake.hits = [
      {
        in: 'transcripts',
        bot: PAST_BOT,
        meetingId: 'abcd-efgh-ijkl',
        at: day,
        by: 'Ana',
        quote: { text: 'El <b>plazo</b> sigue.', matches: [[6, 11]] },
        score: 1,
      },
    ];
    fake.keys.push({ id: 'k1', name: 'CRM', prefix: 'pk_a', scopes: ['bots:read'], createdAt: day });
    fake.webhooks.push({
      id: 'wh_1',
      url: 'https://example.com/h',
      events: [],
      createdAt: day,
      failingSince: day,
    });
    fake.workers.push({
      id: 'wrk_1',
      version: '0.1.0',
      slots: 8,
      used: 3,
      load: 0.4,
      rssMib: 640,
      state: 'running',
      seenAt: day,
      startedAt: day,
    });
    fake.documents.push({
      ...{
        id: 'doc_1',
        name: 'handbook-of-travel-and-expenses-of-all-departments.pdf',
        title: '<b>Handbook</b>',
      },
      ...{ format: 'pdf', language: 'de', bytes: 2_400_000, pages: 12, passages: 40, addedAt: day },
      warnings: ['the file is damaged: some pages may be missing'],
    });
    fake.secrets.push({ name: 'crm-key', createdAt: day, updatedAt: day });
    fake.tools.push({
      ...{
        id: 'tool_1',
        name: 'find_room_for_a_number_of_people',
        level: 'read',
        url: 'https://rooms.example.com/find',
      },
      description: '<b>Finds</b> a free room for a number of people, in any of our buildings.',
    });
    fake.servers.push({ id: 'mcp_1', name: 'crm', url: 'https://crm.example.com/mcp', levels: {} });
    fake.users.push(
      { id: 'usr_1', name: 'Ada', role: 'owner', createdAt: day },
      { id: 'usr_2', name: 'Grace', role: 'host', createdAt: day },
    );
  };
  const VIEWS = [
    '#/',
    `#/meeting/${BOT}`,
    `#/meeting/${PAST_BOT}`,
    '#/past',
    '#/past?q=plazo',
    ...['documents', 'tools', 'servers', 'secrets'].map((part) => `#/agent/${part}`),
    ...['keys', 'webhooks', 'workers', 'workspace', 'people', 'sign-in'].map((part) => `#/settings/${part}`),
    '#/setup/right',
  ];

  test.each([
    {
      name: 'narrow and dark',
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark' as const,
      views: VIEWS,
    },
    {
      name: 'wide and light',
      viewport: { width: 1440, height: 900 },
      colorScheme: 'light' as const,
      views: VIEWS.slice(0, 3),
    },
  ])(
    '$name: nothing serious for axe, and nothing sticks out',
    { timeout: 300_000 },
    async ({ viewport, colorScheme, views }) => {
      fill();
      const page = await open('#/', { viewport, colorScheme });
      for (const hash of views) {
        await page.evaluate((to) => (location.hash = to), hash);
        await page.locator('main h1').waitFor();
        await page.waitForTimeout(250);
        for (const summary of await page.locator('details:not([open]) > summary').all())
          await summary.click();
        expect(await seriousOf(page), hash).toEqual([]);
        const sticksOut = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(sticksOut, hash).toBeLessThanOrEqual(0);
      }
    },
  );

  test('documents are dropped or chosen, taken one after the other, searched, and deleted after a second look', async () => {
    const page = await open('#/');
    await page.getByRole('link', { name: 'Agent' }).click();
    await page.getByRole('heading', { name: 'What the agent works with' }).waitFor();
    await page.getByText('There are no documents yet.').waitFor();
    await page.getByLabel('Their language').selectOption('es');
    const files = [
      { name: 'viajes & gastos.txt', mimeType: 'application/json', buffer: Buffer.from('Recibos: 30 días.') },
      { name: 'nada.txt', mimeType: 'text/plain', buffer: Buffer.from('') },
    ];
    await page.getByLabel('Choose files, or drop them here').setInputFiles(files);
    await page.locator('.given li', { hasText: 'viajes & gastos.txt' }).getByText('Added').waitFor();
    const refused = page.locator('.given li', { hasText: 'nada.txt' });
    await refused.getByText('Not taken').waitFor();
    await refused.locator('[lang=en]', { hasText: 'the file is empty' }).waitFor();
    await page.locator('.drop').evaluate((zone) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['Recibos: 30 días.'], 'viajes & gastos.txt'));
      zone.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    await page.locator('.given li').getByText('Was there already').waitFor();
    expect(await page.locator('.card-row').allTextContents()).toHaveLength(1);
    expect(fake.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/v1/documents', { file: 'Recibos: 30 días.' }],
      ['POST', '/v1/documents', { file: '' }],
      ['POST', '/v1/documents', { file: 'Recibos: 30 días.' }],
    ]);
    expect(fake.documents[0]).toMatchObject({ name: 'viajes & gastos.txt', language: 'es' });
    fake.passages = [
      {
        ...{ document: 'doc_1', name: 'v.txt', source: '<i>v.txt</i>', headings: [], text: '', score: 1 },
        quote: { text: '<b>Recibos</b>: 30 días.', matches: [[3, 10]] },
      },
    ];
    await page.getByLabel('A question or some words').fill('recibos');
    await page.keyboard.press('Enter');
    await page.getByText('1 passage fits').waitFor();
    expect(await page.locator('.hit').textContent()).toMatch(/<i>v\.txt<\/i>\s+<b>Recibos<\/b>: 30 días\./);
    expect(await page.locator('.hit mark').allTextContents()).toEqual(['Recibos']);
    expect(await seriousOf(page)).toEqual([]);

    await page.getByRole('button', { name: 'Delete viajes & gastos.txt' }).press('Enter');
    const sure = page.getByRole('group', { name: 'Delete it? The agent then no longer answers from it.' });
    await expect.poll(() => sure.getByRole('button', { name: 'Delete' }).evaluate(isFocused)).toBe(true);
    await sure.getByRole('button', { name: 'Cancel' }).press('Enter');
    const again = page.getByRole('button', { name: 'Delete viajes & gastos.txt' });
    await expect.poll(() => again.evaluate(isFocused)).toBe(true);
    await again.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('The document is deleted.').waitFor();
    expect(fake.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/documents/doc_1' });
    await expect.poll(() => page.locator('h2').first().evaluate(isFocused)).toBe(true);
  });

  test('secrets are set, replaced and deleted, and stand nowhere on the page', async () => {
    const page = await open('#/agent/secrets');
    await page.getByLabel('Name').fill('CRM key');
    await page.getByRole('button', { name: 'Keep the secret' }).click();
    await page.locator('#secret-name-problem').waitFor();
    await page.locator('#secret-value-problem', { hasText: 'Enter the value.' }).waitFor();
    expect(fake.requests).toEqual([]);
    await page.getByLabel('Name').fill('crm-key');
    await page.getByLabel('Value').fill('s3cret-value');
    await page.keyboard.press('Enter');
    await page.getByText('crm-key is kept.').waitFor();
    expect(fake.requests.at(-1)).toMatchObject({
      ...{ method: 'PUT', path: '/v1/agent/secrets/crm-key', body: { value: 's3cret-value' } },
    });
    expect(await page.getByLabel('Value').inputValue()).toBe('');
    expect(await page.content()).not.toContain('s3cret-value');
    await page.getByRole('button', { name: 'Replace crm-key' }).click();
    await expect.poll(() => page.getByLabel('Value').evaluate(isFocused)).toBe(true);
    await page.keyboard.type('another');
    await page.locator('form').getByRole('button', { name: 'Replace' }).click();
    await page.locator('.card-row').getByText('Replaced:').waitFor();
    await page.getByRole('button', { name: 'Delete crm-key' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('There are no secrets yet.').waitFor();
  });

  test('HTTP tools: added with a secret in a header, refused beside the field, changed back to defaults, deleted', async () => {
    fake.secrets.push({
      name: 'rooms-key',
      createdAt: new Date().toISOString(),
      updatedAt: new Date().toISOString(),
    });
    const page = await open('#/agent/tools');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    for (const name of ['name', 'url', 'description']) await page.locator(`#tool-${name}-problem`).waitFor();
    await expect.poll(() => page.locator('#tool-name').evaluate(isFocused)).toBe(true);
    expect(fake.requests).toEqual([]);
    await page.locator('#tool-name').fill('find_room');
    await page.locator('#tool-url').fill('http://10.0.0.1/find');
    await page.locator('#tool-description').fill('Finds a room.');
    await page.getByLabel('What it may do').selectOption('read');
    await page.getByText('More settings').click();
    await page.getByLabel('What it takes, as JSON Schema').fill('{"type": "object"');
    await page.getByLabel('Seconds to wait').fill('2,5');
    await page.getByRole('button', { name: 'Add a header' }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('#tool-parameters-problem', { hasText: 'This is no JSON.' }).waitFor();
    await page.getByLabel('What it takes, as JSON Schema').fill('{"type": "object"}');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('#tool-url-problem', { hasText: 'Only https addresses' }).waitFor();
    expect(await seriousOf(page)).toEqual([]);
    await look(page, 'tools');
    await page.locator('#tool-url').fill('https://rooms.example.com/find');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('find_room is saved.').waitFor();
    expect(fake.requests.at(-1)?.body).toEqual({
      ...{ name: 'find_room', url: 'https://rooms.example.com/find', description: 'Finds a room.' },
      ...{ level: 'read', parameters: { type: 'object' }, timeoutMs: 2_500 },
      headers: { Authorization: { secret: 'rooms-key', prefix: 'Bearer ' } },
    });
    await page.getByRole('button', { name: 'Change find_room' }).click();
    await expect
      .poll(() => page.getByRole('heading', { name: 'Change find_room' }).evaluate(isFocused))
      .toBe(true);
    expect(await page.getByLabel('Seconds to wait').inputValue()).toBe('2.5');
    await page.getByLabel('Seconds to wait').fill('');
    await page.getByRole('button', { name: 'Remove the header Authorization' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('find_room is saved.').waitFor();
    expect(fake.requests.at(-1)).toMatchObject({
      ...{ method: 'PATCH', path: '/v1/tools/tool_1' },
      body: { headers: null, signedWith: null, timeoutMs: null, level: 'read' },
    });
    await page.getByRole('button', { name: 'Delete find_room' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('There are no HTTP tools yet.').waitFor();
  });

  test('an MCP server is tried, and each of its tools gets what it may do', async () => {
    fake.servers.push({
      id: 'mcp_1',
      name: 'crm',
      url: 'https://crm.example.com/mcp',
      levels: { delete: 'host' },
    });
    fake.serverTest = {
      ok: true,
      tools: [
        { name: 'search', description: '<b>Finds</b> customers.', level: 'confirm', usable: true },
        { name: 'delete', description: 'Deletes one.', level: 'host', usable: false },
      ],
    };
    const page = await open('#/agent/servers');
    await page.getByRole('button', { name: 'Try crm' }).click();
    await page.getByText('2 tools').waitFor();
    await page.getByText('<b>Finds</b> customers.').waitFor();
    await page.getByText('Takes more than a model can be told').waitFor();
    await page.getByLabel('What search may do').selectOption('read');
    await page.getByText('search is saved.').waitFor();
    expect(fake.requests.at(-1)).toMatchObject({
      ...{ method: 'PATCH', path: '/v1/mcp-servers/mcp_1' },
      body: { levels: { delete: 'host', search: 'read' } },
    });
    expect(await page.getByLabel('What search may do').inputValue()).toBe('read');
    await look(page, 'servers');
    expect(await seriousOf(page)).toEqual([]);
    fake.serverTest = { ok: false, tools: [], problem: 'the server does not answer' };
    await page.getByRole('button', { name: 'Try crm' }).click();
    await page.getByText('the server does not answer').waitFor();
  });

  test.each([
    { role: 'host', scopes: ['bots:read', 'bots:write', 'records:read', 'agent:write'], form: 1 },
    { role: 'viewer', scopes: ['bots:read', 'records:read'], form: 0 },
  ])('a $role has the documents alone, and adds some or not', async ({ role, scopes, form }) => {
    fake.me = { ...fake.me, role, scopes };
    fill();
    const page = await open('#/agent/secrets');
    await page.locator('.card-row', { hasText: 'handbook' }).waitFor();
    expect(await page.locator('.tabs a').allTextContents()).toEqual(['Documents']);
    const controls = [page.locator('#document-files'), page.getByRole('button', { name: /^Delete/ })];
    expect(await Promise.all(controls.map((each) => each.count()))).toEqual([form, form]);
  });

  test('signing in: nothing serious, and the provider is offered', async () => {
    fake.me = undefined;
    const page = await open('#/');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    expect(await page.getByRole('link', { name: 'Sign in with Example ID' }).getAttribute('href')).toBe(
      '/v1/sign-in/oidc',
    );
    expect(await seriousOf(page)).toEqual([]);
  });

  test('a host invites with the keyboard alone: the field, the languages, the button', async () => {
    fake.bots.clear();
    const page = await open('#/', { locale: 'es-ES' });
    await page.getByLabel('ID o enlace de la reunión').focus();
    await page.keyboard.type('https://example.com/meet/abcd-efgh-ijkl');
    await page.keyboard.press('Tab'); // the first chip's cross
    await page.getByRole('combobox', { name: 'Idiomas de la reunión' }).focus();
    await page.keyboard.type('jap');
    await page.keyboard.press('Enter');
    expect(await page.locator('parley-home .chip bdi').allTextContents()).toEqual([
      'Español',
      'English',
      '日本語',
    ]);
    await page.keyboard.press('Backspace');
    await page.keyboard.type('aleman');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Invitar' }).press('Enter');
    await page.locator('parley-meeting h1').waitFor();
    expect(fake.requests).toEqual([
      {
        method: 'POST',
        path: '/v1/bots',
        body: { meetingId: 'abcd-efgh-ijkl', languages: ['es', 'en', 'de'] },
        ifMatch: undefined,
      },
    ]);
    expect(page.url()).toContain(`#/meeting/${BOT}`);
  });

  test('what is wrong stands beside its field, and has the focus', async () => {
    const page = await open('#/');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const field = page.getByLabel('Meeting ID or link');
    expect(await field.evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#meeting-problem').textContent()).toBe(
      'Enter the ID of the meeting, or paste its link.',
    );
    fake.instead.set('POST /v1/bots', {
      status: 422,
      json: {
        code: 'invalid_request',
        detail: 'several fields',
        errors: [
          { path: 'meetingId', problem: 'is no meeting' },
          { path: 'languages[1]', problem: 'is no language' },
          { path: 'budgetUsd', problem: 'is too little' },
        ],
      },
    });
    await field.fill('soon');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.locator('#meeting-problem', { hasText: 'is no meeting' }).waitFor();
    expect(await page.locator('#languages-problem').textContent()).toBe('languages[1]: is no language');
    expect(await page.locator('#invite-budget-problem').textContent()).toBe('is too little'); // the fold is open
    expect(await page.locator('#invite-budget-problem').isVisible()).toBe(true);
    expect(await seriousOf(page)).toEqual([]);
  });

  test('a meeting that has its interpreter is one click away', async () => {
    const page = await open('#/');
    await page.getByLabel('Meeting ID or link').fill('abcd-efgh-ijkl');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByRole('link', { name: 'Open the meeting that it is in' }).click();
    await page.locator('parley-live-captions .caption').first().waitFor();
  });

  test('a meeting of the embedded room leads to its page, and tells that a stand-in interprets', async () => {
    fake.workspace['standIn'] = true;
    fake.bots.set(BOT, botRow({ place: 'embedded', meetingId: 'try it' }));
    const page = await open(`#/meeting/${BOT}`, { viewport: { width: 360, height: 740 } });
    const link = page.locator('.meeting-head').getByRole('link', { name: 'Open the room' });
    expect(await link.getAttribute('href')).toBe('https://localhost:8443/try%20it');
    await page.getByText('A stand-in interprets here, to try it out').waitFor();
    expect(await seriousOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await followed();
    fake.emit(BOT, 'bot', { state: 'ended', reason: 'asked' });
    await page.locator('parley-past-meeting').waitFor();
    expect([await link.count(), await page.getByText('A stand-in interprets here').count()]).toEqual([0, 0]);
  });

  test('a meeting that is elsewhere, or has lost its room, has no link to a page, and is followed all the same', async () => {
    fake.bots.set(PAST_BOT, botRow({ id: PAST_BOT, place: 'embedded', meetingId: 'lost-room' }));
    const page = await open(`#/meeting/${BOT}`);
    const looks: string[] = [];
    page.on('response', (answer) => {
      if (answer.url().includes('/v1/rooms')) looks.push(`${answer.status()} ${answer.url()}`);
    });
    for (const botId of [BOT, PAST_BOT]) {
      await page.goto(`${fake.origin}/#/meeting/${botId}`);
      await page.locator('.caption').first().waitFor();
    }
    // The room of one is looked for, that of the other is not.
    await expect.poll(() => looks).toEqual([`404 ${fake.origin}/v1/rooms/lost-room?place=embedded`]);
    expect(await page.getByRole('link', { name: 'Open the room' }).count()).toBe(0);
    expect(await page.getByText('A stand-in interprets here').count()).toBe(0);
  });

  test('captions come live in two languages that the reader chooses; untrusted text stays text', async () => {
    const page = await open(`#/meeting/${BOT}`);
    await page.locator('.caption').first().waitFor();
    await followed();
    fake.emit(
      BOT,
      'caption',
      caption({
        segmentId: 'live',
        turnId: 'live',
        sourceText: '<b>Adiós</b>',
        translatedText: '<i>Bye',
        final: false,
      }),
    );
    const last = page.locator('.caption').last();
    await last.getByText('<b>Adiós</b>').waitFor();
    expect(
      await last
        .locator('.caption-words')
        .allTextContents()
        .then((all) => all.map((words) => words.trim())),
    ).toEqual(['<i>Bye', '<b>Adiós</b>']);
    expect(await last.locator('.caption-words').first().getAttribute('lang')).toBe('en');
    await page.getByLabel('First column').selectOption('he');
    expect(await last.locator('.tag').first().textContent()).toBe('Spanish');
    expect(await page.locator('.people .person-name').allTextContents()).toContain(
      '<img src=x onerror=alert(1)>',
    );
    expect(await page.locator('.people img').count()).toBe(0);
    // Screen readers are not flooded: only who asks for it hears them, and finished ones only.
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('off');
    await page.getByLabel('Let the screen reader say new captions').check();
    fake.emit(
      BOT,
      'caption',
      caption({ segmentId: 'live', turnId: 'live', sourceText: 'Adiós.', translatedText: 'Bye.' }),
    );
    await page.locator('.captions > [aria-live=polite]', { hasText: 'Adiós.' }).waitFor();
    fake.emit(
      BOT,
      'caption',
      caption({ segmentId: 'unheard', turnId: 'unheard', sourceText: '', translatedText: 'Something' }),
    );
    await page.locator('.caption').last().getByText('not written down').first().waitFor();
  });

  test('state, delay and cost in words and numbers as they come', async () => {
    const page = await open(`#/meeting/${BOT}`);
    await page.locator('.meeting-state', { hasText: 'Interpreting' }).waitFor();
    await followed();
    fake.emit(BOT, 'status', {
      latency: { turns: 20, medianMs: 2_345 },
      cost: { usd: 4.5, responses: 1, audioMs: 1, unpriced: 0, budgetUsd: 5 },
    });
    await page.locator('.numbers', { hasText: '2.3 sec' }).waitFor();
    expect(await page.locator('.numbers').textContent()).toMatch(/\$4\.50\s+of \$5\.00/);
    fake.emit(BOT, 'bot', { ...fake.bots.get(BOT), state: 'recovering' });
    await page.locator('.meeting-state', { hasText: 'comes back by itself' }).waitFor();
    fake.emit(BOT, 'bot', { ...fake.bots.get(BOT), state: 'joining', waitingFor: 'admission' });
    await page.locator('.meeting-state', { hasText: 'Waiting to be let in' }).waitFor();
  });

  test('the host changes a language, sees what was refused and why, says something, and stops', async () => {
    const page = await open(`#/meeting/${BOT}`);
    const changes = page.locator('parley-changes');
    await changes.getByRole('combobox', { name: 'Languages of the meeting' }).fill('de');
    await page.keyboard.press('Enter');
    await changes.getByRole('button', { name: 'Apply' }).click();
    await changes.locator('.outcomes', { hasText: 'Languages: applied' }).waitFor();
    expect(fake.requests.at(-1)).toMatchObject({
      method: 'PATCH',
      body: { languages: ['en', 'es', 'de'] },
      ifMatch: '"1"',
    });
    await followed();
    fake.emit(BOT, 'change', {
      botId: BOT,
      revision: 2,
      changes: { languages: { refused: 'no session is free' } },
    });
    await changes.locator('.outcomes', { hasText: 'refused: no session is free' }).waitFor();

    fake.instead.set(`PATCH /v1/bots/${BOT}`, {
      status: 412,
      json: { code: 'changed_meanwhile', detail: 'read it again' },
    });
    await changes.getByRole('combobox', { name: 'Languages of the meeting' }).fill('fr');
    await page.keyboard.press('Enter');
    await changes.getByRole('button', { name: 'Apply' }).click();
    await changes.getByRole('alert').filter({ hasText: 'Somebody else changed this' }).waitFor();

    await page.getByRole('button', { name: 'Mute the voice in Spanish' }).click();
    await page.getByText('The voice in Spanish is silent.').waitFor();
    expect(fake.requests.at(-1)?.body).toEqual({ muted: true, language: 'es' });
    await page.getByLabel('Say something to everyone').fill('We go on at three.');
    await page.getByRole('button', { name: 'Say it' }).click();
    await page.getByText('It is being said, translated.').waitFor();
    expect(fake.requests.at(-1)?.body).toEqual({ text: 'We go on at three.' });

    await page.getByRole('button', { name: 'Change languages of Tom' }).click();
    await page.getByLabel('Hears').selectOption('de');
    await page.getByText('Changed for Tom.').waitFor();
    expect(fake.requests.at(-1)).toMatchObject({
      path: `/v1/bots/${BOT}/people/p-tom`,
      body: { preferredLanguage: 'de' },
    });

    await page.getByRole('button', { name: 'Stop' }).click();
    await page.locator('.meeting-state', { hasText: 'Leaving' }).waitFor();
    fake.transcripts.set(BOT, TRANSCRIPT);
    fake.emit(BOT, 'bot', {
      ...fake.bots.get(BOT),
      state: 'ended',
      reason: 'asked',
      endedAt: new Date().toISOString(),
    });
    await page.getByRole('heading', { name: 'Transcript' }).waitFor();
  });

  test('a lost connection is said, and comes back by itself with what was missed', async () => {
    const page = await open(`#/meeting/${BOT}`);
    await page.locator('.caption').first().waitFor();
    fake.instead.set(`GET /v1/bots/${BOT}/events`, { status: 503, json: { code: 'service_unavailable' } });
    fake.breakFeeds();
    await page.locator('.lost', { hasText: 'The connection to the service is lost.' }).waitFor();
    await page.waitForTimeout(600);
    // A refusal ends an EventSource for good; the console makes a new one.
    fake.snapshot = { ...SNAPSHOT(), people: [...PEOPLE, { id: 'p-new', name: 'Nadia', speaks: ['ru'] }] };
    fake.instead.clear();
    await page.locator('.person', { hasText: 'Nadia' }).waitFor();
    await page.locator('.lost').waitFor({ state: 'detached' });
  });

  test('two windows share one feed, which ends with the last of them', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    const [first, second] = [
      await openIn(await context.newPage(), `#/meeting/${BOT}`),
      await openIn(await context.newPage(), `#/meeting/${BOT}`),
    ];
    await second.locator('.caption').first().waitFor();
    await first.locator('.caption').first().waitFor();
    expect(fake.feedRequests).toBe(1);
    await first.close();
    fake.emit(BOT, 'joined', { person: { id: 'p-new', name: 'Nadia', speaks: ['ru'] } });
    await second.locator('.person', { hasText: 'Nadia' }).waitFor();
    await second.evaluate(() => (location.hash = '#/'));
    await expect.poll(() => fake.feeds).toBe(0);
  });

  test('with the service worker, the console opens while the service is away, and says so', async () => {
    const page = await open('#/');
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.locator('main h1').waitFor();
    await fake.close();
    await page.reload();
    await page.getByText('The service cannot be reached.').waitFor();
    const cached = await page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(cached).toContain('/console.css');
    expect(cached.filter((path) => path.startsWith('/v1/'))).toEqual([]);
  });

  test('the set-up link leads to two names, a workspace, and home', async () => {
    fake.me = undefined;
    fake.methods = undefined;
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(`${fake.origin.replace('localhost', '127.0.0.1')}/setup#right`);
    await page.getByRole('heading', { name: 'Welcome to Parley' }).waitFor();
    expect(new URL(page.url()).hostname).toBe('localhost'); // passkeys hold for a name, not for an address
    await page.getByRole('button', { name: 'Go on' }).click();
    expect(await page.locator('#workspace-name-problem').textContent()).toBe('Give the workspace a name.');
    await page.getByLabel('Name of your workspace').fill('Iberia Robotics');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'Bring an interpreter to your meeting' }).waitFor();
    expect(fake.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/v1/setup', { token: 'right', name: 'Ada' }],
      ['PATCH', '/v1/workspace', { name: 'Iberia Robotics' }],
    ]);
  });

  test('the sign-in link that the service printed signs its owner in, and leads to where a passkey is made', async () => {
    fake.me = undefined;
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(`${fake.origin}/#/sign-in/used`);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('This link is not valid any more.').waitFor();
    // There are other ways in than a link that was used; that a link can be printed is known to whoever has one.
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible()).toBe(true);
    expect(await page.getByText('No way in?').count()).toBe(0);
    await page.goto(`${fake.origin.replace('localhost', '127.0.0.1')}/#/sign-in/owner-1`);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Make a passkey' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/settings/sign-in'); // the secret is in no address any more
  });

  test.each([
    { width: 360, height: 740 },
    { width: 1440, height: 900 },
  ])(
    'the agent at $width px: it is asked, allowed and refused what it wants to do, and its notes come live',
    async (viewport) => {
      fake.bots.set(BOT, botRow({ settings: { languages: ['en', 'es'], agent: 'addressed' } }));
      fake.snapshot = {
        ...SNAPSHOT(),
        approvals: [
          { callId: 'call_1', tool: 'send_mail', arguments: '{"to":"<b>ben</b>"}', askedBy: 'p-ana' },
        ],
      };
      const page = await open(`#/meeting/${BOT}`, { viewport });
      const agent = page.locator('parley-agent');
      // What the model wrote is text.
      await agent.locator('pre', { hasText: '{"to":"<b>ben</b>"}' }).waitFor();
      await look(page, `agent-${viewport.width}`);
      expect(await seriousOf(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        viewport.width,
      );
      await agent.getByRole('button', { name: 'Allow', exact: true }).click();
      await agent.getByText('Allowed.', { exact: true }).waitFor();
      expect(await agent.locator('.approvals').count()).toBe(0);
      await followed();
      const call = { callId: 'call_2', tool: 'send_money', arguments: '{}', askedBy: 'p-ana' };
      fake.emit(BOT, 'tool', { what: 'asking', ...call });
      await agent.getByRole('button', { name: 'Do not allow' }).click();
      await agent.getByText('Not allowed: nothing is done.').waitFor();
      // One that somebody else decides goes by itself.
      fake.emit(BOT, 'tool', { what: 'asking', ...call, callId: 'call_3' });
      await agent.locator('.approvals', { hasText: 'send_money' }).waitFor();
      fake.emit(BOT, 'tool', { what: 'approved', ...call, callId: 'call_3', decidedBy: 'p-ana' });
      await agent.locator('.approvals').waitFor({ state: 'detached' });

      await agent.getByLabel('Ask the agent').fill('When do we start?');
      await agent.getByRole('button', { name: 'Ask', exact: true }).click();
      const ask = { askId: 'ask-1', how: 'api', language: 'en' };
      fake.emit(BOT, 'agent', { what: 'asked', ...ask, text: 'When do we start?' });
      await agent
        .locator('.notes', { hasText: 'Host: When do we start?' })
        .getByText('No answer yet.')
        .waitFor();
      fake.emit(BOT, 'agent', { what: 'answered', ...ask, text: 'At nine.' });
      await agent.locator('.notes', { hasText: 'At nine.' }).waitFor();
      await agent.getByRole('button', { name: 'Be quiet' }).click();
      await agent.getByText('The agent is quiet.').waitFor();
      await agent.getByLabel('When it answers').selectOption('silent');
      await agent.getByText('Changed.', { exact: true }).waitFor();
      const path = `/v1/bots/${BOT}`;
      expect(fake.requests.map(({ method, path: to, body }) => [method, to.replace(path, ''), body])).toEqual(
        [
          ['POST', '/agent/approvals/call_1', { approve: true }],
          ['POST', '/agent/approvals/call_2', { approve: false }],
          ['POST', '/agent/ask', { text: 'When do we start?', waitS: 0 }],
          ['POST', '/agent/hush', {}],
          ['PATCH', '', { agent: 'silent' }],
        ],
      );

      const notes = page.locator('parley-notes');
      const note = { id: 'note_1', kind: 'action', text: 'Book the room.', who: 'Ben', noteAtMs: 1 };
      fake.emit(BOT, 'note', { what: 'taken', ...note });
      await notes.getByText('Book the room.').waitFor();
      fake.emit(BOT, 'note', { what: 'changed', ...note, text: 'Book the hall.' });
      await notes.getByText('Book the hall.').waitFor();
      await look(page, `agent-asked-${viewport.width}`);
      fake.emit(BOT, 'note', { what: 'removed', ...note });
      await notes.getByText('No notes yet.').waitFor();
    },
  );

  test.each([
    { width: 360, height: 740 },
    { width: 1440, height: 900 },
  ])('minutes at $width px stand beside the transcript, in each of their languages', async (viewport) => {
    fill();
    const minutes = (language: string, decision: string) => ({
      ...{ language, madeBy: 'extract', questions: [], notes: [{ text: '<i>Ten people.</i>' }] },
      decisions: [{ text: decision, places: [{ speaker: 'Ana', atMs: 65_000 }] }],
      tasks: [{ text: 'Book the room.', who: 'Ben', due: 'Monday', places: [] }],
    });
    fake.minutes = [minutes('en', 'We ship on Friday.'), minutes('es', 'Entregamos el viernes.')];
    const page = await open(`#/meeting/${PAST_BOT}`, { viewport });
    const part = page.locator('parley-minutes');
    await part.locator('li', { hasText: 'We ship on Friday.' }).getByText('1:05').waitFor();
    await part.locator('li', { hasText: 'Book the room.' }).getByText('Ben · Monday').waitFor();
    await part.getByText('<i>Ten people.</i>').waitFor();
    await look(page, `minutes-${viewport.width}`);
    expect(await seriousOf(page)).toEqual([]);
    await part.getByLabel('Language of the minutes').selectOption('es');
    await part.getByText('Entregamos el viernes.').waitFor();
    expect(await part.getByRole('link').getAttribute('href')).toBe(
      `/v1/bots/${PAST_BOT}/minutes?format=md&language=es`,
    );
  });

  test('past meetings: a search with its hits marked, the transcript in each language, files, notes, erasing', async () => {
    fill();
    const page = await open('#/past');
    await page.getByRole('searchbox').fill('plazo');
    await page.keyboard.press('Enter');
    await page.locator('.hit mark', { hasText: 'plazo' }).waitFor();
    expect(await page.locator('.hit-words').textContent()).toContain('El <b>plazo</b> sigue.');
    await page.locator('.hit').click();
    await page.locator('.speech').first().waitFor();
    expect(await page.locator('.speech').count()).toBe(1); // what was looked for is found here too
    await page.getByLabel('Find in this meeting').fill('');
    expect(await page.locator('.speech').count()).toBe(4);
    await page.getByLabel('Language', { exact: true }).selectOption('en');
    await page.getByText('Perfect. The delivery date is still December fifteenth.').waitFor();
    expect(await page.getByRole('link', { name: 'Subtitles (SRT)' }).getAttribute('href')).toBe(
      `/v1/bots/${PAST_BOT}/transcript?format=srt&language=en`,
    );
    await page.getByLabel('A new note').fill('Ask again.');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.locator('.notes', { hasText: 'Ask again.' }).waitFor();
    await page.getByLabel('Whose words').selectOption({ label: 'Tom' });
    await page.getByRole('button', { name: 'Erase the words…' }).click();
    await page.getByText('Erase everything that Tom said in this meeting, for good?').waitFor();
    await page.getByRole('button', { name: 'Erase for good' }).press('Enter');
    await page.getByText('Their words are erased.').waitFor();
    expect(fake.requests.at(-1)).toMatchObject({
      ...{ method: 'DELETE', path: `/v1/bots/${PAST_BOT}/people/p-tom/words` },
    });
    await expect.poll(() => page.locator('.speech', { hasText: 'Tom' }).count()).toBe(0);
    await page.locator('.speech', { hasText: 'Ana' }).first().waitFor();
    await page.getByRole('button', { name: 'Erase the words…' }).click();
    expect(fake.requests.map(({ path }) => path)).not.toContain(`/v1/bots/${PAST_BOT}/erase`);
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByText('What was said in this meeting was erased.').waitFor();
  });

  test('settings: a key is shown once; a refused webhook says why beside its field; history; signing out', async () => {
    fill();
    fake.deliveries = [
      {
        event: 'evt_1',
        type: 'bot.ended',
        attempt: 2,
        state: 'failed',
        status: 500,
        durationMs: 12,
        response: '<h1>no</h1>',
        at: new Date().toISOString(),
      },
    ];
    const page = await open('#/settings/keys');
    await page.getByLabel('What it is for').fill('Calendar');
    await page.getByRole('button', { name: 'Make a key' }).click();
    expect(await page.getByLabel('Your new key').inputValue()).toMatch(/^pk_abcdefgh2345_/);
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByLabel('Address').fill('http://10.0.0.1/');
    await page.getByRole('button', { name: 'Add' }).click();
    expect(await page.locator('#webhook-url-problem').textContent()).toBe('must be an https address');
    await page.getByRole('button', { name: 'History' }).click();
    await page.locator('.response', { hasText: '<h1>no</h1>' }).waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('It is sent again.').waitFor();
    expect(fake.requests.at(-1)?.path).toBe('/v1/webhooks/wh_1/deliveries/evt_1/redeliver');
    await page.getByRole('link', { name: 'API keys' }).click();
    expect(await page.locator('#secret-once').count()).toBe(0);
    await page.getByRole('link', { name: 'Your sign-in' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('a viewer watches, and changes nothing', async () => {
    fake.me = {
      kind: 'session',
      id: 'usr_2',
      name: 'Grace',
      workspace: 'ws_1',
      role: 'viewer',
      scopes: ['bots:read', 'records:read'],
    };
    const page = await open(`#/meeting/${BOT}`);
    await page.locator('.caption').first().waitFor();
    expect(await page.getByRole('button', { name: /Stop|Change|Apply|Say/ }).count()).toBe(0);
  });

  test('the page speaks the language that is chosen, at once', async () => {
    const page = await open('#/', { locale: 'de-DE' });
    await page.getByRole('heading', { name: 'Holen Sie einen Dolmetscher in Ihr Meeting' }).waitFor();
    await page.getByLabel('Sprache dieser Seite').selectOption('ja');
    await page.getByRole('heading', { name: '会議に通訳を招待' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja');
  });
});
