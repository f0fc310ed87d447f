import { describe, expect, it } from 'vitest';
import { newAttempt, attemptCookie, attemptIn } from '../../../src/service/auth/oidc/oidc-attempt.js';
import { type OidcGiven, oidcSettingsOf, roleOf } from '../../../src/service/auth/oidc/oidc-settings.js';
import { SecretBox } from '../../../src/service/auth/secret-box.js';
import { signInOriginOf, siteOf } from '../../../src/service/auth/site.js';

const given: OidcGiven = { issuer: 'https://id.example.com', clientId: 'parley', clientSecret: 'secret' };

describe('a provider', () => {
  it('is none where nothing names one', () => {
    expect(oidcSettingsOf({})).toBeUndefined();
    expect(oidcSettingsOf({ allow: [] })).toBeUndefined();
  });
  it('has a name, that of its host where nobody gave another', () => {
    expect(oidcSettingsOf(given)).toEqual({
      issuer: 'https://id.example.com',
      clientId: 'parley',
      clientSecret: 'secret',
      name: 'id.example.com',
      allowed: [],
    });
    expect(oidcSettingsOf({ ...given, name: 'Example ID' })?.name).toBe('Example ID');
  });
  it.each<[string, OidcGiven, RegExp]>([
    ['half of it', { clientId: 'parley' }, /half set up: name the provider by PARLEY_OIDC_ISSUER/],
    ['no client', { issuer: 'https://id.example.com' }, /set PARLEY_OIDC_CLIENT_ID/],
    ['no secret', { ...given, clientSecret: undefined }, /PARLEY_OIDC_CLIENT_SECRET.*environment only/],
    ['plain http to another machine', { ...given, issuer: 'http://id.example.com' }, /is an https address/],
    ['a password', { ...given, issuer: 'https://a:b@id.example.com' }, /without user/],
    [
      'the address of its metadata',
      { ...given, issuer: 'https://id.example.com/.well-known/openid-configuration' },
      /leave \/\.well-known/,
    ],
    ['an owner', { ...given, allow: ['ana@example.com=owner'] }, /the owner is made by the set-up link/],
    ['another role', { ...given, allow: ['example.com=boss'] }, /stands admin, host or viewer/],
    ['everybody', { ...given, allow: ['*'] }, /no domain and no address/],
    ['a domain with a star', { ...given, allow: ['*.example.com'] }, /no domain and no address/],
    ['a name that is too long', { ...given, name: 'x'.repeat(61) }, /at most 60 characters/],
  ])('with %s is refused, and why', (_what, wrong, message) => {
    expect(() => oidcSettingsOf(wrong)).toThrow(message);
  });
  it('on this machine may be reached by http', () => {
    expect(oidcSettingsOf({ ...given, issuer: 'http://127.0.0.1:9000' })?.name).toBe('127.0.0.1:9000');
  });
});

describe('who may sign in', () => {
  const settings = oidcSettingsOf({
    ...given,
    allow: ['Example.com, guests.example.com=viewer', '@partner.example = host', 'Ana@Example.com=admin'],
  })!;
  it.each([
    ['ben@example.com', 'host'],
    ['BEN@EXAMPLE.COM', 'host'],
    ['ana@example.com', 'admin'],
    ['gil@guests.example.com', 'viewer'],
    ['kim@partner.example', 'host'],
    ['eve@notexample.com', undefined],
    ['eve@example.com.evil.example', undefined],
    ['eve@sub.example.com', undefined],
    ['eve@evil.example', undefined],
    ['"example.com"@evil.example', undefined],
  ])('%s: %s', (address, role) => {
    expect(roleOf(settings, address)).toBe(role);
  });
});

describe('what the browser keeps meanwhile', () => {
  const secrets = new SecretBox('a secret of the service');
  const about = { state: 's', nonce: 'n', codeVerifier: 'v', redirectUri: 'http://localhost:1/back' };
  const cookie = attemptCookie('https', secrets, newAttempt(about, 1_000));
  const [pair] = cookie.split(';') as [string];
  it('is bound to the host, seen by no script, and sent when another site leads back', () => {
    expect(cookie).toMatch(
      /^__Host-parley-oidc=[\w:-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
    expect(cookie).not.toContain('localhost');
  });
  it('holds for ten minutes', () => {
    expect(attemptIn('https', secrets, pair, 600_999)).toMatchObject(about);
    expect(attemptIn('https', secrets, pair, 601_000)).toBeUndefined();
  });
  it('of another service, changed, or sealed for something else is none', () => {
    expect(attemptIn('https', new SecretBox('another'), pair, 2_000)).toBeUndefined();
    expect(attemptIn('https', secrets, `${pair.slice(0, -2)}AA`, 2_000)).toBeUndefined();
    const webhook = `__Host-parley-oidc=${secrets.seal('whsec_abc')}`;
    expect(attemptIn('https', secrets, webhook, 2_000)).toBeUndefined();
    expect(attemptIn('https', secrets, undefined, 2_000)).toBeUndefined();
  });
});

it('browsers come back to the public address, or to this machine by its name', () => {
  expect(signInOriginOf(siteOf({ port: 8710 }))).toBe('http://localhost:8710');
  expect(signInOriginOf(siteOf({ port: 8710, publicUrl: 'https://parley.example.com/' }))).toBe(
    'https://parley.example.com',
  );
});
