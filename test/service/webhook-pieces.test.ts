import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { guardedPost, type PostGuard, urlProblem } from '../../src/outgoing/guarded-post.js';
import { isPublicAddress } from '../../src/outgoing/public-address.js';
import { pauseMsAfter, verdictOn } from '../../src/service/webhooks/schedule.js';
import { newWebhookSecret, signedHeaders } from '../../src/outgoing/signature.js';

describe('addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '100.128.0.1', '172.32.0.1'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
  it.each([
    ...['127.0.0.1', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254'],
    ...['100.64.0.1', '192.0.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '203.0.113.7'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'ff02::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::',
    ],
    ...['2001:db8::1', '2001::1', 'text', ''],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  it.each([
    ['http://hooks.example.com/', 'must begin with https://'],
    ['ftp://hooks.example.com/', 'must begin with https://'],
    ['https://name:word@hooks.example.com/', 'must not hold a name or a password'],
    ['https://hooks.example.com/#x', 'must not have a fragment'],
    ['https://localhost/', 'must lead to a public address'],
    ['https://service.internal/', 'must lead to a public address'],
    ['https://127.0.0.1/', 'must lead to a public address'],
    ['https://2130706433/', 'must lead to a public address'],
    ['https://0x7f.1/', 'must lead to a public address'],
    ['https://[::1]/', 'must lead to a public address'],
    ['https://[::ffff:127.0.0.1]/', 'must lead to a public address'],
    ['text', 'is no URL'],
  ])('%s %s', (url, problem) => {
    expect(urlProblem(url, { allowsPrivate: false })).toBe(problem);
  });
  it('a public name is fine', () => {
    expect(urlProblem('https://hooks.example.com/parley?a=b', { allowsPrivate: false })).toBeUndefined();
  });
});

describe('a POST', () => {
  const to = (addresses: readonly string[]): PostGuard => ({
    allowsPrivate: false,
    lookup: ((_name: string, _options: object, callback: (error: null, all: object[]) => void) => {
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as never,
  });
  it.each([[['10.0.0.1']], [['127.0.0.1']], [['8.8.8.8', '192.168.0.1']]])(
    'goes nowhere where the name leads to %j',
    async (addresses) => {
      const outcome = await guardedPost('https://hooks.example.com/', {}, Buffer.from('{}'), to(addresses));
      expect(outcome).toMatchObject({
        kind: 'failed',
        problem: 'the name leads to an address that is not public',
      });
    },
  );
  it('is sent as it is; a redirect is an answer, and of the body the first 500 bytes are kept', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' });
      response.end('x'.repeat(2_000));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const outcome = await guardedPost(url, {}, Buffer.from('{}'), { allowsPrivate: true });
    server.close();
    expect(outcome).toMatchObject({ kind: 'answered', status: 302, body: 'x'.repeat(500) });
    expect(seen).toEqual(['/hook']);
  });
});

describe('tries', () => {
  it('come at once, after 5 s, 1 min, 5 min, 30 min, 2 h, 6 h and 12 h, and then no more', () => {
    const pausesMs = [0, 5_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000];
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((attempts) => pauseMsAfter(attempts))).toEqual(pausesMs);
    expect(pauseMsAfter(8)).toBeUndefined();
  });
  it('are over with any 2xx; 410 says that nobody is there', () => {
    expect([200, 204, 301, 400, 410, 500, undefined].map((status) => verdictOn(status))).toEqual([
      'delivered',
      'delivered',
      'failed',
      'failed',
      'gone',
      'failed',
      'failed',
    ]);
  });
});

it('a receiver can check the signature with the new secret and with the old one', () => {
  const [now, before] = [newWebhookSecret(), newWebhookSecret()];
  expect(now).toMatch(/^whsec_[\w+/]{43}=$/);
  const body = Buffer.from('{"type":"bot.joined","data":{"text":"ñ"}}');
  const headers = signedHeaders({ id: 'evt_1', at: new Date(), body }, [now, before]);
  expect(new Webhook(now).verify(body, headers)).toEqual({ type: 'bot.joined', data: { text: 'ñ' } });
  expect(new Webhook(before).verify(body, headers)).toBeDefined();
  expect(() => new Webhook(newWebhookSecret()).verify(body, headers)).toThrow('No matching signature');
  expect(() => new Webhook(now).verify(Buffer.concat([body, Buffer.from(' ')]), headers)).toThrow();
});
