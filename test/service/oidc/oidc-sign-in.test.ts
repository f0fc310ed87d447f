/** Signing in by an OpenID provider, over HTTP, with every redirect followed by hand. */
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { signIn as newSession } from '../../../src/service/auth/setup.js';
import { oidcSettingsOf } from '../../../src/service/auth/oidc/oidc-settings.js';
import { describeDatabase } from '../../database/test-databases.js';
import { type ServiceWorld, serviceWorld } from '../service-world.js';
import { type Account, standInProvider, type StandInProvider } from './stand-in-provider.js';

const CLIENT_SECRET = 'the+secret of/the client';
const ANA: Account = { sub: 'ana-1', email: 'Ana@Example.com', email_verified: true, name: 'Ana' };

let world: ServiceWorld;
let provider: StandInProvider;
let redirectUri = '';

type Page = { status: number; location: string; cookies: Record<string, string>; body: string };

/** A GET as a browser makes it, without following: `host` is the name in its address bar. */
function open(
  address: string,
  cookies: Readonly<Record<string, string>> = {},
  more: { method?: string; headers?: Record<string, string> } = {},
): Promise<Page> {
  const url = new URL(address);
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  return new Promise((resolve, reject) => {
    httpRequest(
      {
        ...{ host: '127.0.0.1', port: url.port, path: `${url.pathname}${url.search}` },
        ...(more.method === undefined ? {} : { method: more.method }),
        headers: {
          ...{ host: url.host, ...(cookie === '' ? {} : { cookie }) },
          ...Object.fromEntries(Object.entries(more.headers ?? {}).filter(([, value]) => value !== '')),
        },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          const set = (response.headers['set-cookie'] ?? []).map(
            (each) => /^([^=]+)=([^;]*)/.exec(each)!.slice(1) as [string, string],
          );
          const { location = '' } = response.headers;
          resolve({ status: response.statusCode!, location, cookies: Object.fromEntries(set), body });
        });
      },
    )
      .once('error', reject)
      .end();
  });
}

const origin = (): string => world.url.replace('127.0.0.1', 'localhost');
const begin = (): Promise<Page> => open(`${origin()}/v1/sign-in/oidc`);

/** From the button to where the console is. `meddle` may change where the browser goes. */
async function signIn(
  account: Account,
  meddle: { toProvider?: (url: URL) => void; back?: (url: URL) => void } = {},
): Promise<Page & { backAt: string; attempt: Record<string, string> }> {
  provider.account = account;
  const { location, cookies: attempt } = await begin();
  const toProvider = new URL(location);
  meddle.toProvider?.(toProvider);
  const there = await open(toProvider.href);
  const back = new URL(there.location);
  meddle.back?.(back);
  return { ...(await open(back.href, attempt)), backAt: back.href, attempt };
}

const people = async (): Promise<{ id: string; email?: string; role: string; name: string }[]> =>
  ((await world.api('GET', '/v1/users')).json as { data: never[] }).data;
const me = async (cookies: Record<string, string>): Promise<{ name: string; role: string }> =>
  JSON.parse((await open(`${origin()}/v1/me`, { 'parley-local': cookies['parley-local']! })).body) as never;

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    provider = await standInProvider({
      id: 'parley',
      secret: CLIENT_SECRET,
      redirectUris: () => [redirectUri],
    });
    const oidc = oidcSettingsOf({
      ...{ issuer: provider.issuer, clientId: 'parley', clientSecret: CLIENT_SECRET, name: 'Example ID' },
      allow: ['example.com', 'boss@example.com=admin', 'guests.example=viewer'],
    });
    world = await serviceWorld(test.open(), { oidc, signInRate: { burst: 1e9, perSecond: 1e9 } });
    ({ redirectUri } = world.service);
  });
  beforeEach(() => {
    Object.assign(provider, {
      ...{ lies: {}, refusesWith: undefined, isForged: false, putsClaimsIntoToken: false },
    });
  });
  afterEach(async () => {
    for (const { id, role } of await people())
      if (role !== 'owner') await world.api('DELETE', `/v1/users/${id}`);
  });
  afterAll(async () => {
    await world.close();
    await provider.close();
  });

  it('the console is told of it, and the provider was not asked before somebody came', async () => {
    expect((await world.api('GET', '/v1/sign-in')).json).toEqual({
      passkeys: true,
      oidc: { name: 'Example ID', start: '/v1/sign-in/oidc' },
    });
    expect(redirectUri).toBe(`${origin()}/v1/sign-in/oidc/callback`);
    expect(provider.asked.size).toBe(0);
  });

  it('asks with PKCE, state and nonce, each time others, and keeps them from scripts', async () => {
    const [first, second] = await Promise.all([begin(), begin()]);
    // The first two come at the same time: what the provider says of itself is asked for once.
    expect(provider.asked.get('/.well-known/openid-configuration')).toBe(1);
    const [one, two] = [new URL(first.location), new URL(second.location)];
    expect(one.origin).toBe(provider.issuer);
    expect(Object.fromEntries(one.searchParams)).toMatchObject({
      ...{ client_id: 'parley', response_type: 'code', scope: 'openid email profile' },
      ...{ redirect_uri: redirectUri, code_challenge_method: 'S256' },
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one.searchParams.get(name)).not.toBe(two.searchParams.get(name));
      expect(first.cookies['parley-oidc']).not.toContain(one.searchParams.get(name)!);
    }
    expect(provider.asked.get('/.well-known/openid-configuration')).toBe(1);
  });

  it('begins under the name that the provider knows', async () => {
    const { status, location, cookies } = await open(`${world.url}/v1/sign-in/oidc`);
    expect([status, location, cookies]).toEqual([303, `${origin()}/v1/sign-in/oidc`, {}]);
  });

  it('lets somebody of an allowed domain in, once as somebody new, then as themselves', async () => {
    const first = await signIn(ANA);
    expect([first.status, first.location]).toEqual([303, '/']);
    expect(first.cookies['parley-oidc']).toBe('');
    expect(await me(first.cookies)).toMatchObject({ kind: 'session', name: 'Ana', role: 'host' });
    const second = await signIn({ ...ANA, email: 'ana.new@elsewhere.example', email_verified: false });
    expect(await me(second.cookies)).toMatchObject({ name: 'Ana' });
    expect(second.cookies['parley-local']).not.toBe(first.cookies['parley-local']);
    expect((await people()).filter(({ role }) => role !== 'owner')).toMatchObject([
      { name: 'Ana', email: 'ana@example.com', role: 'host' },
    ]);
    const { json } = await world.api('GET', '/v1/audit');
    expect(JSON.stringify(json)).toContain('"action":"user.create"');
  });

  it.each([
    [{ sub: 'b', email: 'boss@example.com', email_verified: true, name: 'Bo' }, 'admin', 'Bo'],
    [{ sub: 'g', email: 'gil@guests.example', email_verified: 'true' }, 'viewer', 'gil@guests.example'],
  ])('gives %j the role %s', async (account, role, name) => {
    provider.putsClaimsIntoToken = true;
    const { cookies } = await signIn(account);
    expect(await me(cookies)).toMatchObject({ role, name });
    expect(provider.asked.get('/userinfo') ?? 0).toBeLessThan(4);
  });

  it('ties whoever was added to the account with their address, and to no other one later', async () => {
    await world.api('POST', '/v1/users', { name: 'Kim', email: 'Kim@Partner.example', role: 'viewer' });
    const kim: Account = { sub: 'kim-1', email: 'kim@partner.example', email_verified: true, name: 'K.' };
    const { cookies } = await signIn(kim);
    expect(await me(cookies)).toMatchObject({ name: 'Kim', role: 'viewer' });
    const other = await signIn({ ...kim, sub: 'kim-2' });
    expect(other.location).toBe('/#/sign-in?problem=other_account');
    expect(await me((await signIn({ sub: 'kim-1' })).cookies)).toMatchObject({ name: 'Kim' });
  });

  it.each<[string, Account, string]>([
    ['an address that is not verified', { ...ANA, email_verified: false }, 'unverified'],
    ['an address of which nothing is said', { sub: 'a', email: 'ana@example.com' }, 'unverified'],
    ['no address', { sub: 'a', email_verified: true }, 'unverified'],
    ['an address that is none', { sub: 'a', email: 'example.com', email_verified: true }, 'unverified'],
    ['an address of another domain', { ...ANA, email: 'eve@evil.example' }, 'not_allowed'],
    ['a domain that only ends alike', { ...ANA, email: 'eve@notexample.com' }, 'not_allowed'],
  ])('does not let somebody in with %s', async (_what, account, problem) => {
    const page = await signIn(account);
    expect([page.status, page.location]).toEqual([303, `/#/sign-in?problem=${problem}`]);
    expect(page.cookies['parley-local']).toBeUndefined();
    expect((await people()).map(({ role }) => role)).toEqual(['owner']);
  });

  it('an address that is not verified does not tie somebody to an account', async () => {
    await world.api('POST', '/v1/users', { name: 'Kim', email: 'kim@partner.example', role: 'admin' });
    const page = await signIn({ sub: 'evil', email: 'kim@partner.example', email_verified: false });
    expect(page.location).toBe('/#/sign-in?problem=unverified');
  });

  it('keeps out whoever was disabled', async () => {
    const { cookies } = await signIn(ANA);
    const ana = (await people()).find(({ role }) => role === 'host')!;
    await world.api('PATCH', `/v1/users/${ana.id}`, { disabled: true });
    expect((await open(`${origin()}/v1/me`, cookies)).status).toBe(401);
    expect((await signIn(ANA)).location).toBe('/#/sign-in?problem=disabled');
  });

  it.each<[string, Parameters<typeof signIn>[1], string]>([
    ['another state', { back: (url) => url.searchParams.set('state', 'x'.repeat(43)) }, 'expired'],
    ['no state', { back: (url) => url.searchParams.delete('state') }, 'expired'],
    ['another nonce', { toProvider: (url) => url.searchParams.set('nonce', 'x'.repeat(43)) }, 'untrusted'],
    [
      'the challenge of another sign-in',
      { toProvider: (url) => url.searchParams.set('code_challenge', 'x'.repeat(43)) },
      'expired',
    ],
    ['another code', { back: (url) => url.searchParams.set('code', 'x'.repeat(32)) }, 'expired'],
    ['two codes', { back: (url) => url.searchParams.append('code', 'x') }, 'untrusted'],
    [
      'the answer of another provider',
      { back: (url) => url.searchParams.set('iss', 'https://evil.example') },
      'untrusted',
    ],
  ])('refuses %s', async (_what, meddle, problem) => {
    const page = await signIn(ANA, meddle);
    expect([page.status, page.location]).toEqual([303, `/#/sign-in?problem=${problem}`]);
    expect(page.cookies['parley-local']).toBeUndefined();
  });

  it('refuses a code that was used, and a browser that began nothing', async () => {
    const { backAt, attempt, location } = await signIn(ANA);
    expect(location).toBe('/');
    expect((await open(backAt, attempt)).location).toBe('/#/sign-in?problem=expired');
    expect((await open(backAt)).location).toBe('/#/sign-in?problem=expired');
    const { cookies: others } = await begin();
    expect((await open(backAt, others)).location).toBe('/#/sign-in?problem=expired');
  });

  it.each<[string, Partial<StandInProvider>]>([
    ['signed by another key', { isForged: true }],
    ['for another client', { lies: { aud: 'another' } }],
    ['of another provider', { lies: { iss: 'https://evil.example' } }],
    ['that is over', { lies: { exp: 1_000_000_000 } }],
  ])('refuses a token %s', async (_what, lie) => {
    Object.assign(provider, lie);
    expect((await signIn(ANA)).location).toBe('/#/sign-in?problem=untrusted');
  });

  it.each([
    ['access_denied', 'cancelled'],
    ['temporarily_unavailable', 'unavailable'],
    ['unauthorized_client', 'misconfigured'],
  ])('says that the provider answered %s', async (error, problem) => {
    provider.refusesWith = error;
    expect((await signIn(ANA)).location).toBe(`/#/sign-in?problem=${problem}`);
  });

  it('the owner, who came by the link, ties themselves to their account, and comes back by it', async () => {
    const owner = (await people()).find(({ role }) => role === 'owner')!;
    const session = `parley-local=${await newSession(world.database.orm, owner.id, 'test')}`;
    const own = { cookie: session, origin: origin(), 'sec-fetch-site': 'same-origin' };
    const link = async (headers: Record<string, string>): Promise<Page> =>
      open(`${origin()}/v1/sign-in/oidc/link`, {}, { method: 'POST', headers });
    provider.account = { sub: 'owner-1', email: 'ana@elsewhere.example', email_verified: false };
    const { body, cookies } = await link(own);
    const { location: back } = await open((JSON.parse(body) as { url: string }).url);
    // The browser sends no strict cookie on its way back from another site.
    expect((await open(back, cookies)).location).toBe('/#/settings/sign-in');
    const { cookies: signedIn } = await signIn(provider.account);
    expect(await me(signedIn)).toMatchObject({ id: owner.id, role: 'owner', oidc: true });
    for (const [headers, status] of [
      [{ ...own, origin: 'https://evil.example' }, 403],
      [{ ...own, origin: '' }, 403],
      [{ authorization: `Bearer ${world.key}` }, 403],
      [{}, 401],
    ] as const)
      expect((await link({ ...headers })).status).toBe(status);
    // What is somebody else's stays theirs.
    await signIn(ANA);
    provider.account = ANA;
    const again = await link(own);
    const { location: backAsAna } = await open((JSON.parse(again.body) as { url: string }).url);
    expect((await open(backAsAna, again.cookies)).location).toBe('/#/settings/sign-in?problem=in_use');
  });

  it('two windows of somebody new make one person', async () => {
    provider.account = ANA;
    const [one, two] = [await begin(), await begin()];
    const backs = await Promise.all([one, two].map(({ location }) => open(location)));
    const pages = await Promise.all(
      backs.map(({ location }, index) => open(location, [one, two][index]!.cookies)),
    );
    expect(pages.map(({ location }) => location)).toEqual(['/', '/']);
    expect((await people()).filter(({ role }) => role === 'host')).toHaveLength(1);
  });

  it('codes, tokens and the secret are neither in the database nor in the log', async () => {
    await signIn(ANA);
    Object.assign(provider, { lies: { nonce: 'another' } });
    await signIn(ANA);
    Object.assign(provider, { lies: {}, isForged: true });
    await signIn({ ...ANA, email: 'secret.address@example.com' });
    const tables = await world.database.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    const kept = await Promise.all(tables.map(({ name }) => world.database.query(`select * from "${name}"`)));
    const everything = JSON.stringify(kept) + world.logged.join('');
    expect(tables.length).toBeGreaterThan(10);
    expect(everything).toContain('ana@example.com');
    expect(provider.givenOut.length).toBeGreaterThan(6);
    for (const secret of [...provider.givenOut, CLIENT_SECRET, 'secret.address@example.com'])
      expect(everything).not.toContain(secret);
    expect(world.logged.join('')).not.toContain('ana@example.com');
  });
});

describeDatabase('embedded', (test) => {
  const settings = (issuer: string, clientSecret = CLIENT_SECRET) =>
    oidcSettingsOf({ issuer, clientId: 'parley', clientSecret, allow: ['example.com'] });

  it('a provider that is down costs the sign-in by it, and nothing else', async () => {
    const first = await standInProvider({ id: 'parley', secret: CLIENT_SECRET, redirectUris: () => [] });
    await first.close(); // nobody listens at its address any more
    world = await serviceWorld(test.open(), { oidc: settings(first.issuer) });
    try {
      expect((await begin()).location).toBe('/#/sign-in?problem=unavailable');
      expect((await world.api('GET', '/v1/bots')).status).toBe(200);
      expect((await world.api('GET', '/readyz')).status).toBe(200);
      expect(world.logged.join('')).toContain('ECONNREFUSED');
      for (let tries = 1; tries < 20; tries++) await begin();
      expect((await begin()).location).toBe('/#/sign-in?problem=too_many');
    } finally {
      await world.close();
    }
  });

  it('a provider that is back is asked again, in the middle of a sign-in, too', async () => {
    let own = '';
    provider = await standInProvider({
      ...{ id: 'parley', secret: CLIENT_SECRET, redirectUris: () => [own] },
    });
    world = await serviceWorld(test.open(), { oidc: settings(provider.issuer) });
    own = world.service.redirectUri;
    try {
      provider.isDown = true;
      expect((await begin()).location).toBe('/#/sign-in?problem=unavailable');
      provider.isDown = false;
      provider.account = ANA;
      const { location, cookies } = await begin();
      const { location: back } = await open(location);
      provider.isDown = true;
      expect((await open(back, cookies)).location).toBe('/#/sign-in?problem=unavailable');
      provider.isDown = false;
      expect((await open(back, cookies)).location).toBe('/');
    } finally {
      await world.close();
      await provider.close();
    }
  });

  it('a secret that the provider does not take, or an address that is no provider, is said to whoever runs the service', async () => {
    let own = '';
    provider = await standInProvider({
      ...{ id: 'parley', secret: 'another', redirectUris: () => [own] },
    });
    world = await serviceWorld(test.open(), { oidc: settings(provider.issuer) });
    own = world.service.redirectUri;
    try {
      expect((await signIn(ANA)).location).toBe('/#/sign-in?problem=misconfigured');
      expect(world.logged.join('')).not.toContain(CLIENT_SECRET);
    } finally {
      await world.close();
    }
    world = await serviceWorld(test.open(), { oidc: settings(`${provider.issuer}/nothing`) });
    try {
      expect((await begin()).location).toBe('/#/sign-in?problem=unavailable');
      expect(world.logged.join('')).toContain('HTTP 404');
    } finally {
      await world.close();
      await provider.close();
    }
  });

  it('a provider that takes secrets in the body gets it there', async () => {
    let own = '';
    provider = await standInProvider({
      ...{ id: 'parley', secret: CLIENT_SECRET, redirectUris: () => [own], postsSecret: true },
    });
    world = await serviceWorld(test.open(), { oidc: settings(provider.issuer) });
    own = world.service.redirectUri;
    try {
      expect((await signIn(ANA)).location).toBe('/');
    } finally {
      await world.close();
      await provider.close();
    }
  });

  it('without a provider there is nothing to begin', async () => {
    world = await serviceWorld(test.open());
    try {
      expect((await world.api('GET', '/v1/sign-in')).json).toEqual({ passkeys: true });
      expect((await world.api('GET', '/v1/sign-in/oidc')).json).toMatchObject({ code: 'not_found' });
    } finally {
      await world.close();
    }
  });
});
