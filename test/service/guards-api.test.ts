/** Who may do what, and inputs that mean no good: against our own guard. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertBot } from '../../src/records/store/bots.js';
import { insertWorkspace } from '../../src/records/store/workspaces.js';
import { newSignInToken, signIn } from '../../src/service/auth/setup.js';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld } from './service-world.js';

let world: ServiceWorld;
let cookie: string;

type Raw = { status: number; headers: Record<string, string | string[] | undefined>; body: string };
/** A request with any header, `Host` included, which fetch does not let through. */
function raw(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Raw> {
  const { port } = new URL(world.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}
const codeOf = ({ body }: Raw): unknown => (JSON.parse(body) as { code: unknown }).code;

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open(), {
      webhooksToPrivate: false,
      allowedOrigins: ['https://app.example.com'],
    });
    // A browser that signed in.
    const { json } = await world.api('GET', '/v1/users');
    const [owner] = (json as { data: { id: string }[] }).data;
    cookie = `parley-local=${await signIn(world.database.orm, owner!.id, 'test')}`;
  });
  afterAll(() => world.close());

  describe('without a key', () => {
    it.each([
      ['GET', '/v1/bots'],
      ['POST', '/v1/bots'],
      ['GET', '/v1/bots/bot_1/events'],
      ['GET', '/v1/keys'],
      ['GET', '/v1/search?q=a'],
      ['GET', '/v1/workspace'],
    ])('%s %s needs one', async (method, path) => {
      const answer = await raw(method, path);
      expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthenticated']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    });
    it.each(['/healthz', '/readyz', '/metrics', '/v1/openapi.json', '/docs', '/setup'])(
      '%s can be read',
      async (path) => {
        expect((await raw('GET', path)).status).toBe(200);
      },
    );
    it('pages load nothing from elsewhere, and nothing inline', async () => {
      for (const path of ['/docs', '/setup']) {
        const { headers, body } = await raw('GET', path);
        expect(headers['content-security-policy']).toContain(
          "default-src 'none'; script-src 'self'; style-src 'self'",
        );
        expect(body).not.toMatch(/https?:\/\/|<script>|style=|onclick=/);
      }
    });
  });

  describe('a key', () => {
    it('does no more than its scopes say', async () => {
      const { json } = await world.api('POST', '/v1/keys', { name: 'reader', scopes: ['bots:read'] });
      const { key, id } = json as { key: string; id: string };
      const headers = { authorization: `Bearer ${key}` };
      expect((await world.api('GET', '/v1/bots', undefined, headers)).status).toBe(200);
      expect((await world.api('POST', '/v1/bots', { meetingId: 'a' }, headers)).json).toMatchObject({
        code: 'forbidden',
      });
      expect((await world.api('POST', '/v1/keys', { name: 'x', scopes: ['admin'] }, headers)).status).toBe(
        403,
      );
      expect((await world.api('DELETE', `/v1/keys/${id}`)).status).toBe(204);
      expect((await world.api('GET', '/v1/bots', undefined, headers)).status).toBe(401);
    });
    it('is called otherwise, may do other things, and ends at another time, while the key itself stays', async () => {
      const made = await world.api('POST', '/v1/keys', {
        ...{ name: 'reader', scopes: ['bots:read'], expiresAt: '2099-01-01T00:00:00Z' },
      });
      const { key, id } = made.json as { key: string; id: string };
      const headers = { authorization: `Bearer ${key}` };
      const status = async (path: string): Promise<number> =>
        (await world.api('GET', path, undefined, headers)).status;
      expect([await status('/v1/bots'), await status('/v1/search?q=a')]).toEqual([200, 403]);
      const change = { name: 'searcher', scopes: ['records:read', 'records:read'], expiresAt: null };
      const changed = await world.api('PATCH', `/v1/keys/${id}`, change);
      expect(changed).toMatchObject({
        status: 200,
        json: { id, name: 'searcher', scopes: ['records:read'] },
      });
      expect(changed.json).not.toHaveProperty('expiresAt');
      expect(changed.json).not.toHaveProperty('key');
      expect((await world.api('GET', `/v1/keys/${id}`)).json).toMatchObject({ name: 'searcher' });
      expect([await status('/v1/bots'), await status('/v1/search?q=a')]).toEqual([403, 200]);
      const wrong = { name: ' ', scopes: [], expiresAt: 'soon', key: 'mine' };
      const { json } = await world.api('PATCH', `/v1/keys/${id}`, wrong);
      expect((json as { errors: { path: string }[] }).errors.map(({ path }) => path).sort()).toEqual([
        'expiresAt',
        'key',
        'name',
        'scopes',
      ]);
      expect(await world.api('PATCH', `/v1/keys/${id}`, { expiresAt: '2020-01-01T00:00:00Z' })).toMatchObject(
        {
          status: 422,
          json: { errors: [{ path: 'expiresAt', code: 'in_the_past' }] },
        },
      );
      expect((await world.api('PATCH', `/v1/keys/${id}`, {})).status).toBe(422);
      expect((await world.api('PATCH', `/v1/keys/${id}`, { name: 'a' }, headers)).status).toBe(403);
      await world.api('DELETE', `/v1/keys/${id}`);
      expect((await world.api('PATCH', `/v1/keys/${id}`, { name: 'again' })).json).toMatchObject({
        code: 'conflict',
      });
      expect((await world.api('PATCH', '/v1/keys/none', { name: 'a' })).status).toBe(404);
      expect((await world.api('GET', '/v1/keys/none')).status).toBe(404);
      const audit = (await world.api('GET', '/v1/audit')).json as { data: object[] };
      expect(audit.data.find((entry) => (entry as { action: string }).action === 'key.change')).toMatchObject(
        {
          target: id,
          detail: { changed: ['name', 'scopes', 'expiresAt'] },
        },
      );
    });
    it('is kept nowhere: neither in the database nor in the log', async () => {
      // A secret may have underscores of its own: in base64url they are letters.
      const secret = /^pk_[^_]+_(.{43})$/.exec(world.key)![1]!;
      for (const table of ['api_keys', 'audit', 'idempotency', 'sessions', 'one_time_tokens', 'outbox'])
        expect(JSON.stringify(await world.database.query(`select * from ${table}`)), table).not.toContain(
          secret,
        );
      await world.api('GET', `/v1/bots/${secret}?key=${world.key}`);
      expect(world.logged.join('')).not.toContain(secret);
      const value = cookie.split('=')[1]!;
      expect(JSON.stringify(await world.database.query('select * from sessions'))).not.toContain(value);
    });
    it('of another form is refused without a look into the database', async () => {
      expect((await raw('GET', '/v1/bots', { authorization: "Bearer ' or 1=1 --" })).status).toBe(401);
    });
  });

  describe('a cookie', () => {
    const own = (): Record<string, string> => ({
      cookie,
      origin: world.url,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
    });
    it('reads and changes from our own page', async () => {
      expect((await raw('GET', '/v1/me', { cookie })).body).toContain('"kind":"session"');
      expect((await raw('POST', '/v1/rooms', own(), '{}')).status).toBe(201);
    });
    it.each([
      ['no Origin', { origin: '' }],
      ['a foreign Origin', { origin: 'https://evil.example' }],
      ['an Origin that begins alike', { origin: 'http://127.0.0.1.evil.example' }],
      ['another port', { origin: 'http://127.0.0.1:1' }],
      ['an opaque Origin', { origin: 'null' }],
      ['another site', { 'sec-fetch-site': 'cross-site' }],
      ['a site that is only near', { 'sec-fetch-site': 'same-site' }],
      ['an Origin that may use keys', { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' }],
    ])('changes nothing with %s', async (_what, changed: Record<string, string>) => {
      const headers = Object.fromEntries(
        Object.entries({ ...own(), ...changed }).filter(([, value]) => value !== ''),
      );
      const answer = await raw('POST', '/v1/rooms', headers, '{}');
      expect([answer.status, codeOf(answer)]).toEqual([403, 'foreign_origin']);
    });
    it('is over after signing out', async () => {
      const { json } = await world.api('GET', '/v1/users');
      const [owner] = (json as { data: { id: string }[] }).data;
      const other = `parley-local=${await signIn(world.database.orm, owner!.id, '')}`;
      const out = await raw('POST', '/v1/sign-out', { ...own(), cookie: other });
      expect(String(out.headers['set-cookie'])).toContain('Max-Age=0');
      expect((await raw('GET', '/v1/me', { cookie: other })).status).toBe(401);
    });
  });

  describe('other sites', () => {
    it('a page that rebinds its own name gets nothing', async () => {
      for (const host of ['evil.example', `evil.example:${new URL(world.url).port}`]) {
        const answer = await raw('GET', '/v1/openapi.json', { host });
        expect([answer.status, codeOf(answer)]).toEqual([421, 'foreign_host']);
      }
      expect((await raw('GET', '/healthz', { host: '10.0.0.7:8710' })).status).toBe(200);
    });
    it('may call with a key where they are listed', async () => {
      const preflight = await raw('OPTIONS', '/v1/bots', {
        origin: 'https://app.example.com',
        'access-control-request-method': 'GET',
      });
      expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([
        204,
        'https://app.example.com',
      ]);
      expect((await raw('OPTIONS', '/v1/bots', { origin: 'https://evil.example' })).status).toBe(403);
      const headers = { authorization: `Bearer ${world.key}`, origin: 'https://app.example.com' };
      const answer = await raw('GET', '/v1/bots', headers);
      expect(answer.headers['access-control-allow-origin']).toBe('https://app.example.com');
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
      expect(
        (await raw('GET', '/v1/bots', { ...headers, origin: 'https://evil.example' })).headers[
          'access-control-allow-origin'
        ],
      ).toBeUndefined();
    });
    it('cannot set the service up', async () => {
      const answer = await raw(
        'POST',
        '/v1/setup',
        { origin: 'https://evil.example', 'content-type': 'application/json' },
        '{"token":"x","name":"x"}',
      );
      expect(codeOf(answer)).toBe('foreign_origin');
    });
  });

  describe('the set-up link', () => {
    it('is valid once', async () => {
      const token = world.service.setupLink!.split('#')[1];
      const { status, json } = await world.api('POST', '/v1/setup', { token, name: 'Eve' });
      expect([status, (json as { code: string }).code]).toEqual([401, 'setup_refused']);
      expect((await world.api('POST', '/v1/setup', { token: 'x'.repeat(43), name: 'Eve' })).status).toBe(401);
    });
  });

  describe('the sign-in link', () => {
    it('signs the owner in once, and holds no other way', async () => {
      const token = (await newSignInToken(world.database))!;
      expect((await world.api('POST', '/v1/setup', { token, name: 'Eve' })).status).toBe(401);
      const answer = await raw(
        'POST',
        '/v1/sign-in/link',
        { origin: world.url, 'content-type': 'application/json' },
        JSON.stringify({ token }),
      );
      expect(answer.status).toBe(200);
      const [fresh] = String(answer.headers['set-cookie']).split(';');
      const me = await raw('GET', '/v1/me', { cookie: fresh! });
      expect(JSON.parse(me.body)).toMatchObject({ role: 'owner' });
      const again = await world.api('POST', '/v1/sign-in/link', { token });
      expect([again.status, (again.json as { code: string }).code]).toEqual([401, 'setup_refused']);
      const rows = await world.database.query('select * from one_time_tokens');
      expect(JSON.stringify(rows)).not.toContain(token);
    });
    it('is of no use to somebody whose access was switched off meanwhile, or where nobody is', async () => {
      const token = (await newSignInToken(world.database))!;
      await world.database.query('update users set disabled_at = now()');
      try {
        expect((await world.api('POST', '/v1/sign-in/link', { token })).status).toBe(401);
        expect(await newSignInToken(world.database)).toBeUndefined();
      } finally {
        await world.database.query('update users set disabled_at = null');
      }
      expect(world.service.signInLink).toBeUndefined(); // nobody asked for one
    });
  });

  describe('signing in with a passkey', () => {
    const own = (): Record<string, string> => ({
      ...{ origin: world.url.replace('127.0.0.1', 'localhost'), 'content-type': 'application/json' },
      host: new URL(world.url).host.replace('127.0.0.1', 'localhost'),
    });
    it('asks for one of this host, each time with another challenge', async () => {
      const [first, second] = [1, 2].map(() => raw('POST', '/v1/sign-in/options', own(), '{}'));
      const options = JSON.parse((await first!).body) as { challenge: string; rpId: string };
      expect(options.rpId).toBe('localhost');
      expect((JSON.parse((await second!).body) as { challenge: string }).challenge).not.toBe(
        options.challenge,
      );
      const rows = await world.database.query('select * from one_time_tokens');
      expect(JSON.stringify(rows)).not.toContain(options.challenge);
    });
    it('refuses other pages, and programs', async () => {
      const foreign = await raw(
        'POST',
        '/v1/sign-in/options',
        { ...own(), origin: 'https://evil.example' },
        '{}',
      );
      expect(codeOf(foreign)).toBe('foreign_origin');
      const program = await raw('POST', '/v1/sign-in/options', { 'content-type': 'application/json' }, '{}');
      expect(codeOf(program)).toBe('conflict');
      expect((await world.api('POST', '/v1/passkeys/options', {})).status).toBe(403);
    });
  });

  describe('inputs that mean no good', () => {
    it.each([
      'https://127.0.0.1/',
      'https://localhost/',
      'https://169.254.169.254/latest',
      'http://example.com/',
      'https://[::1]/',
      'file:///etc/passwd',
    ])('a webhook does not go to %s', async (url) => {
      expect((await world.api('POST', '/v1/webhooks', { url })).json).toMatchObject({
        code: 'invalid_request',
        errors: [{ path: 'url' }],
      });
      const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
      expect(
        (await world.api('POST', '/v1/bots', { meetingId: 'a', webhooks: [{ url, secret }] })).json,
      ).toMatchObject({
        errors: [{ path: 'webhooks[0].url' }],
      });
    });
    it.each([
      '/docs/../../package.json',
      '/docs/..%2f..%2fpackage.json',
      '/docs/%2e%2e/%2e%2e/package.json',
      '//etc/passwd',
      '/v1/bots/..%2fkeys',
      '/v1/bots/%00',
      '/v1/bots/%ff',
      '/setup/setup.js%00.html',
    ])('%s leads nowhere', async (path) => {
      const { status, body } = await raw('GET', path, { authorization: `Bearer ${world.key}` });
      expect([404, 422]).toContain(status);
      expect(body).not.toContain('"dependencies"');
    });
    it.each(["' or '1'='1", '%25', '_', "'; drop table bots; --", '\\', '🙂', 'a'.repeat(128)])(
      'text that looks like SQL is text: %j',
      async (text) => {
        const answer = await world.api('GET', `/v1/bots?q=${encodeURIComponent(text)}`);
        expect([answer.status, answer.json]).toEqual([200, { data: [] }]);
        expect((await world.api('GET', `/v1/search?q=${encodeURIComponent(text)}`)).status).toBe(200);
      },
    );
    it.each([
      '{',
      '[]',
      'null',
      '"a"',
      '{"__proto__": {"isAdmin": true}, "meetingId": "a"}',
      '{"meetingId": {"$gt": ""}}',
      '\u0000',
    ])('a body such as %j is refused', async (body) => {
      const headers = { authorization: `Bearer ${world.key}`, 'content-type': 'application/json' };
      const { status } = await raw('POST', '/v1/bots', headers, body);
      expect([400, 422]).toContain(status);
    });
    it('a body that is too large, or no JSON by its type, is refused', async () => {
      const headers = { authorization: `Bearer ${world.key}`, 'content-type': 'application/json' };
      expect((await raw('POST', '/v1/bots', headers, `"${'x'.repeat(1_100_000)}"`)).status).toBe(413);
      expect((await raw('POST', '/v1/bots', { ...headers, 'content-type': 'text/plain' }, '{}')).status).toBe(
        415,
      );
    });
    it('another method says which ones there are', async () => {
      const answer = await raw('PUT', '/v1/bots', { authorization: `Bearer ${world.key}` });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST, GET']);
    });
    it('what another workspace has is not there', async () => {
      const other = await insertWorkspace(world.database.orm, { name: 'Other' });
      const added = await world.database.transaction((tx) =>
        insertBot(tx, {
          workspaceId: other.id,
          place: 'embedded',
          meetingId: 'theirs',
          settings: {},
          participantId: 'parley-x',
          joinAt: new Date('2099-01-01'),
        }),
      );
      const { id } = (added as { bot: { id: string } }).bot;
      for (const path of ['', '/people', '/captions', '/transcript', '/events', '/log', '/notes'])
        expect((await world.api('GET', `/v1/bots/${id}${path}`)).status).toBe(404);
      expect((await world.api('POST', `/v1/bots/${id}/leave`, {})).status).toBe(404);
      expect((await world.api('GET', '/v1/bots')).json).toMatchObject({ data: [] });
    });
  });
});
