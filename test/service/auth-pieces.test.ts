import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { apiKeyIdOf, hashOf, newApiKey } from '../../src/service/auth/secrets.js';
import { allows, scopesOf } from '../../src/service/auth/scopes.js';
import { secretInCookies, signInCookie, signOutCookie } from '../../src/service/auth/session-cookie.js';
import { foreignCookieUse, isOwnHost, siteOf } from '../../src/service/auth/site.js';
import { RateLimiter } from '../../src/service/auth/token-bucket.js';
import { redactText } from '../../src/redaction.js';

describe('API keys', () => {
  it('have an id and 43 characters, and are kept as SHA-256', () => {
    const { id, key, hash } = newApiKey();
    expect(key).toMatch(/^pk_[a-z2-7]{12}_[\w-]{43}$/);
    expect(apiKeyIdOf(key)).toBe(id);
    expect(hash).toBe(hashOf(key));
    expect(hash).toMatch(/^[\da-f]{64}$/);
    expect(newApiKey().key).not.toBe(key);
  });
  it('stand in no log', () => {
    const { key } = newApiKey();
    expect(redactText(`refused ${key}!`)).toBe('refused [redacted]!');
  });
  it.each(['', 'pk_', 'sk_abcdefghijkl_', `pk_abc_${'x'.repeat(43)}`, `pk_abcdefghijkl_${'x'.repeat(44)}`])(
    '%j is none',
    (text) => {
      expect(apiKeyIdOf(text)).toBeUndefined();
    },
  );
  it('hold what their scopes say, and admin everything', () => {
    expect(allows(['bots:read'], 'bots:read')).toBe(true);
    expect(allows(['bots:read'], 'bots:write')).toBe(false);
    expect(allows(['admin'], 'records:erase')).toBe(true);
    expect(scopesOf('viewer')).toEqual(['bots:read', 'records:read']);
  });
});

describe('the cookie', () => {
  const secret = 'a'.repeat(43);
  it('is bound to the host over https, and has an equivalent on loopback', () => {
    expect(signInCookie('https', secret)).toBe(
      `__Host-parley=${secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200`,
    );
    expect(signInCookie('http', secret)).toBe(
      `parley-local=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200`,
    );
    expect(signOutCookie('https')).toBe('__Host-parley=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0');
  });
  it('is found among others, and only in its own form', () => {
    expect(secretInCookies('https', `a=b; __Host-parley=${secret}; c=d`)).toBe(secret);
    expect(secretInCookies('https', `parley-local=${secret}`)).toBeUndefined();
    expect(secretInCookies('https', '__Host-parley=short')).toBeUndefined();
    expect(secretInCookies('http', undefined)).toBeUndefined();
  });
});

describe('the site', () => {
  const local = siteOf({ port: 8710 });
  const shared = siteOf({ port: 8710, publicUrl: 'https://parley.example.com/' });
  it('answers under its own names', () => {
    expect(isOwnHost(local, 'localhost:8710')).toBe(true);
    expect(isOwnHost(local, '127.0.0.1:8710')).toBe(true);
    expect(isOwnHost(local, '[::1]:8710')).toBe(true);
    expect(isOwnHost(local, 'localhost:8711')).toBe(false);
    expect(isOwnHost(local, 'rebound.example.com:8710')).toBe(false);
    expect(isOwnHost(local, undefined)).toBe(false);
    expect(isOwnHost(shared, 'parley.example.com')).toBe(true);
    expect(isOwnHost(shared, 'parley.example.com:443')).toBe(true);
    expect(isOwnHost(shared, 'parley.example.com.evil.example')).toBe(false);
  });
  const change = { method: 'POST', origin: 'http://localhost:8710', fetchSite: 'same-origin' };
  it('takes a cookie from its own pages', () => {
    expect(foreignCookieUse(local, change)).toBeUndefined();
    expect(
      foreignCookieUse(local, { method: 'GET', origin: undefined, fetchSite: undefined }),
    ).toBeUndefined();
  });
  it.each([
    [{ ...change, origin: undefined }, 'no Origin'],
    [{ ...change, origin: 'null' }, 'another site'],
    [{ ...change, origin: 'http://localhost:9999' }, 'another site'],
    [{ ...change, origin: 'https://localhost:8710' }, 'another site'],
    [{ ...change, fetchSite: 'same-site' }, 'Sec-Fetch-Site'],
    [{ ...change, fetchSite: 'cross-site' }, 'Sec-Fetch-Site'],
    [{ ...change, fetchSite: undefined }, 'Sec-Fetch-Site'],
    [{ method: 'GET', origin: 'https://evil.example', fetchSite: undefined }, 'another site'],
  ])('and from no other: %j', (request, why) => {
    expect(foreignCookieUse(local, request)).toContain(why);
  });
});

describe('the rate', () => {
  it('lets a burst through, then as many as come in a second', () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ burst: 3, perSecond: 2 }, clock);
    expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([{}, {}, {}]);
    expect(limiter.take('a')).toEqual({ retryAfterS: 1 });
    expect(limiter.take('b')).toEqual({});
    clock.advanceBy(500);
    expect(limiter.take('a')).toEqual({});
    expect(limiter.take('a')).toEqual({ retryAfterS: 1 });
    clock.advanceBy(60_000);
    expect([1, 2, 3, 4].map(() => limiter.take('a').retryAfterS)).toEqual([
      undefined,
      undefined,
      undefined,
      1,
    ]);
    expect(limiter.refused).toBe(3);
  });
});
