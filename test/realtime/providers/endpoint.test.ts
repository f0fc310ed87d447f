import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { resolveEndpoint, type EndpointRequest } from '../../../src/realtime/providers/endpoint.js';

const OPENAI_KEY = 'sk-openai-0123456789';
const OTHER_KEY = 'other-key-0123456789';
const BOTH = { OPENAI_API_KEY: OPENAI_KEY, PARLEY_REALTIME_KEY: OTHER_KEY };

const resolve = (request: Partial<EndpointRequest>) =>
  resolveEndpoint({ model: 'gpt-realtime-2.1', environment: BOTH, ...request });

function refusal(request: Partial<EndpointRequest>): ParleyError {
  try {
    resolve(request);
  } catch (error) {
    expect(error).toBeInstanceOf(ParleyError);
    expect((error as ParleyError).message).not.toMatch(/0123456789|hunter2|\n/);
    return error as ParleyError;
  }
  throw new Error('was not refused');
}

describe('OpenAI', () => {
  it('is where a session goes when no address is given', () => {
    expect(resolve({})).toEqual({
      url: 'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1',
      headers: { Authorization: `Bearer ${OPENAI_KEY}` },
      host: 'api.openai.com',
      describe: 'api.openai.com (key from OPENAI_API_KEY)',
      provider: 'openai',
    });
  });

  it.each([
    'wss://api.openai.com/v1/realtime',
    'https://api.openai.com/v1/realtime',
    'WSS://API.OpenAI.COM/v1/realtime',
    'wss://api.openai.com:443/v1/realtime',
    '  wss://api.openai.com/v1/realtime\n',
    'wss://ａｐｉ.openai.com/v1/realtime', // full-width letters: the URL standard maps them to the same host
  ])('gets its key at %j', (url) => {
    expect(resolve({ url })).toMatchObject({
      url: 'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1',
      headers: { Authorization: `Bearer ${OPENAI_KEY}` },
      host: 'api.openai.com',
    });
  });

  it.each([undefined, '', '   '])('refuses to go on without a key (%j), naming the variable', (key) => {
    const error = refusal({ environment: { OPENAI_API_KEY: key, PARLEY_REALTIME_KEY: OTHER_KEY } });
    expect(error.code).toBe('key_refused');
    expect(error.message).toBe('api.openai.com needs a key: set OPENAI_API_KEY in the environment');
  });

  it('takes the newline off a pasted key', () => {
    const { headers } = resolve({ environment: { OPENAI_API_KEY: ` ${OPENAI_KEY}\r\n` } });
    expect(headers).toEqual({ Authorization: `Bearer ${OPENAI_KEY}` });
  });

  it('never gets its key without encryption, --insecure or not', () => {
    expect(refusal({ url: 'ws://api.openai.com/v1/realtime' }).code).toBe('usage');
    const { headers } = resolve({ url: 'ws://api.openai.com/v1/realtime', insecure: true });
    expect(headers).toEqual({ Authorization: `Bearer ${OTHER_KEY}` });
  });
});

describe('addresses that look like OpenAI', () => {
  it.each([
    'wss://api.openai.com.evil.test/v1/realtime',
    'wss://api-openai.com/v1/realtime',
    'wss://xapi.openai.com/v1/realtime',
    'wss://openai.com/v1/realtime',
    'wss://eu.api.openai.com/v1/realtime',
    'wss://api.openai.com./v1/realtime',
    'wss://api.openai.com:8443/v1/realtime',
    'wss://evil.test/api.openai.com/v1/realtime',
    'wss://evil.test/?host=api.openai.com',
    'wss://evil.test\\@api.openai.com/',
    'wss://аpi.openai.com/v1/realtime', // a Cyrillic first letter
    'wss://api.openai.com%2eevil.test/',
  ])('%s gets the other key', (url) => {
    const endpoint = resolve({ url });
    expect(endpoint.headers).toEqual({ Authorization: `Bearer ${OTHER_KEY}` });
    expect(endpoint.host).not.toBe('api.openai.com');
    expect(new URL(endpoint.url).host).toBe(endpoint.host);
    expect(resolve({ url, environment: { OPENAI_API_KEY: OPENAI_KEY } })).toMatchObject({
      headers: {},
      describe: `${endpoint.host} (no key)`,
    });
  });

  it.each([
    'wss://api.openai.com@evil.test/v1/realtime',
    'wss://api.openai.com:hunter2@evil.test/',
    'wss://user@api.openai.com/v1/realtime',
    'wss://:hunter2@api.openai.com/v1/realtime',
    'ws://user:hunter2@localhost/',
  ])('%s is refused for its credentials', (url) => {
    const error = refusal({ url });
    expect(error.code).toBe('usage');
    expect(error.message).toMatch(/^--url holds credentials; put the key into PARLEY_REALTIME_KEY/);
  });

  it('OPENAI_API_KEY goes nowhere but to its hosts, whatever the address', () => {
    const pieces = fc.constantFrom(
      ...[
        'api.openai.com',
        'evil.test',
        '.',
        '@',
        ':',
        '/',
        '\\',
        '#',
        '?',
        '%2e',
        '%40',
        '443',
        '80',
        '//',
        ' ',
        '。',
      ],
      ...[
        'wss://',
        'ws://',
        'https://',
        'http:',
        '[::1]',
        '127.1',
        'localhost',
        '\t',
        '\n',
        '\u00ad',
        '\u200b',
      ],
    );
    const addresses = fc.oneof(
      fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.array(pieces, { maxLength: 6 }).map((parts) => `wss://${parts.join('')}`),
      fc.webUrl({ validSchemes: ['ws', 'wss', 'http', 'https'] }),
      fc.string(),
    );
    fc.assert(
      fc.property(addresses, fc.boolean(), (url, insecure) => {
        let endpoint;
        try {
          endpoint = resolve({ url, insecure });
        } catch (error) {
          expect(error).toBeInstanceOf(ParleyError);
          return;
        }
        const { protocol, host, hostname, username, password } = new URL(endpoint.url);
        expect([username, password]).toEqual(['', '']);
        expect(host).toBe(endpoint.host);
        const toOpenAi = protocol === 'wss:' && host === 'api.openai.com';
        expect(endpoint.headers['Authorization']).toBe(`Bearer ${toOpenAi ? OPENAI_KEY : OTHER_KEY}`);
        if (!insecure && protocol !== 'wss:') expect(hostname).toMatch(/^(localhost|127\.[\d.]+|\[::1\])$/);
      }),
      { seed: 2, numRuns: 5_000 },
    );
  });
});

describe('OPENAI_BASE_URL', () => {
  const withBase = (OPENAI_BASE_URL: string, request: Partial<EndpointRequest> = {}) =>
    resolve({ ...request, environment: { ...BOTH, OPENAI_BASE_URL } });

  it.each([
    ['https://proxy.corp.test/openai/v1', 'wss://proxy.corp.test/openai/v1/realtime?model=gpt-realtime-2.1'],
    ['https://proxy.corp.test/v1///', 'wss://proxy.corp.test/v1/realtime?model=gpt-realtime-2.1'],
    ['https://proxy.corp.test:8443', 'wss://proxy.corp.test:8443/realtime?model=gpt-realtime-2.1'],
    ['http://localhost:4000/v1', 'ws://localhost:4000/v1/realtime?model=gpt-realtime-2.1'],
    ['wss://proxy.corp.test/v1?team=a', 'wss://proxy.corp.test/v1/realtime?team=a&model=gpt-realtime-2.1'],
    ['', 'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1'],
    ['  ', 'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1'],
  ])('%j leads to %s with the OpenAI key', (base, url) => {
    expect(withBase(base)).toMatchObject({ url, headers: { Authorization: `Bearer ${OPENAI_KEY}` } });
  });

  it('lends its key to an explicit address on the same host, scheme and port only', () => {
    const base = 'https://proxy.corp.test/v1';
    const keyAt = (url: string) => withBase(base, { url, insecure: true }).headers['Authorization'];
    expect(keyAt('wss://proxy.corp.test/other/realtime')).toBe(`Bearer ${OPENAI_KEY}`);
    expect(keyAt('wss://api.openai.com/v1/realtime')).toBe(`Bearer ${OPENAI_KEY}`);
    expect(keyAt('ws://proxy.corp.test/other/realtime')).toBe(`Bearer ${OTHER_KEY}`);
    expect(keyAt('wss://proxy.corp.test:444/')).toBe(`Bearer ${OTHER_KEY}`);
    expect(keyAt('wss://proxy.corp.test.evil.test/')).toBe(`Bearer ${OTHER_KEY}`);
  });

  it('is not followed without encryption to another machine', () => {
    const request = { environment: { ...BOTH, OPENAI_BASE_URL: 'http://proxy.corp.test/v1' } };
    expect(refusal(request).message).toMatch(/^proxy\.corp\.test would be reached without encryption/);
    expect(resolve({ ...request, insecure: true }).headers).toEqual({
      Authorization: `Bearer ${OPENAI_KEY}`,
    });
  });

  it.each(['nonsense', 'ftp://proxy.test/', 'https://user:hunter2@proxy.test/v1', 'https://proxy.test/#x'])(
    'is refused by name when it is %j',
    (base) => {
      const error = refusal({ environment: { ...BOTH, OPENAI_BASE_URL: base } });
      expect(error.code).toBe('config');
      expect(error.message).toMatch(/^OPENAI_BASE_URL /);
    },
  );
});

describe('other addresses', () => {
  it('take PARLEY_REALTIME_KEY, or no key at all', () => {
    const url = 'wss://speech.example.test/v1/realtime';
    expect(resolve({ url })).toEqual({
      url: `${url}?model=gpt-realtime-2.1`,
      headers: { Authorization: `Bearer ${OTHER_KEY}` },
      host: 'speech.example.test',
      describe: 'speech.example.test (key from PARLEY_REALTIME_KEY)',
      provider: 'compatible',
    });
    expect(resolve({ url, environment: {} })).toMatchObject({ headers: {} });
  });

  it('keep their query, and their model when they name one', () => {
    expect(resolve({ url: 'wss://a.test/rt?api-version=1&x=%20y' }).url).toBe(
      'wss://a.test/rt?api-version=1&x=+y&model=gpt-realtime-2.1',
    );
    expect(resolve({ url: 'wss://a.test/rt?model=own&x=%20y' }).url).toBe('wss://a.test/rt?model=own&x=%20y');
    expect(resolve({ url: 'wss://a.test/rt', model: 'a&b=c d/é' }).url).toBe(
      'wss://a.test/rt?model=a%26b%3Dc+d%2F%C3%A9',
    );
  });

  it.each([
    ['ws://localhost:8080/v1/realtime', 'localhost:8080'],
    ['ws://LOCALHOST/v1/realtime', 'localhost'],
    ['http://127.0.0.1:8080/', '127.0.0.1:8080'],
    ['ws://127.255.0.9/', '127.255.0.9'],
    ['ws://127.1/', '127.0.0.1'],
    ['ws://2130706433/', '127.0.0.1'],
    ['ws://0x7f000001/', '127.0.0.1'],
    ['ws://0177.0.0.1/', '127.0.0.1'],
    ['ws://[::1]:9000/', '[::1]:9000'],
    ['ws://[0:0:0:0:0:0:0:1]/', '[::1]'],
  ])('%s is this machine and needs no encryption', (url, host) => {
    expect(resolve({ url }).host).toBe(host);
  });

  it.each([
    'ws://speech.example.test/',
    'http://speech.example.test/',
    'ws://localhost.evil.test/',
    'ws://127.0.0.1.evil.test/',
    'ws://evil.localhost/',
    'ws://localhost./',
    'ws://0.0.0.0/',
    'ws://10.0.0.1/',
    'ws://192.168.1.2:8080/',
    'ws://3232235777/', // 192.168.1.1
    'ws://128.0.0.1/',
    'ws://[::]/',
    'ws://[::2]/',
    'ws://[fe80::1]/',
    'ws://[::ffff:10.0.0.1]/',
  ])('%s is not, and goes only with --insecure', (url) => {
    const error = refusal({ url });
    expect(error.code).toBe('usage');
    expect(error.message).toMatch(/without encryption; use wss:\/\/, or add --insecure/);
    expect(resolve({ url, insecure: true }).url).toMatch(/^ws:\/\//);
  });

  it.each([
    '',
    'nonsense',
    '//host/path',
    'localhost:8080',
    'wss://',
    'wss://[::1',
    'wss://a.test:99999/',
    'file:///etc/passwd',
    'ws+unix:/tmp/socket',
    'javascript:alert(1)',
    'data:text/plain,x',
    'wss://a.test/#key',
  ])('%j is refused', (url) => {
    const error = refusal({ url });
    expect(error.code).toBe('usage');
    expect(error.message).toMatch(/^--url /);
  });
});
