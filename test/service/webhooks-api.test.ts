import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

let world: ServiceWorld;
let receiver: Server;
let received: { headers: IncomingHttpHeaders; body: string }[];
/** What the receiver answers with, one after the other; then 204. */
let answers: number[];
beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterAll(() => receiver.close());
const receiverUrl = (): string => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
type Made = { id: string; secret: string };
const made = async (events: string[] = []): Promise<Made> =>
  (await world.api('POST', '/v1/webhooks', { url: receiverUrl(), events })).json;
const headersOf = ({ headers }: { headers: IncomingHttpHeaders }): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

describe.each(['embedded', 'postgres'] as const)('webhooks', (kind) =>
  describeDatabase(kind, (test) => {
    beforeEach(async () => {
      received = [];
      answers = [];
      world = await serviceWorld(test.open());
    });
    afterEach(() => world.close());

    it('a change of a bot is told, signed, once for each type', async () => {
      const { secret } = await made(['bot.state_changed', 'bot.ended']);
      const { json } = await world.api('POST', '/v1/bots', { meetingId: 'abcd', metadata: { order: '7' } });
      const { id } = json as { id: string };
      await until(
        () => world.supervisor.status(id),
        (status) => status !== undefined,
      );
      world.supervisor.state(id, 'joining');
      world.supervisor.state(id, 'active');
      world.supervisor.end(id, 'meeting_ended');
      await until(
        () => received.length,
        (count) => count === 6,
      );
      const bodies = received.map(({ body, headers }) => {
        new Webhook(secret).verify(body, headersOf({ headers }));
        return JSON.parse(body) as { type: string; data: { to: string; seq: number; bot: object } };
      });
      expect(bodies.map(({ type, data }) => `${type} ${data.to}`).sort()).toEqual(
        [
          ...[
            'bot.ended ended',
            'bot.state_changed active',
            'bot.state_changed ended',
            'bot.state_changed joining',
          ],
          ...['bot.state_changed queued', 'bot.state_changed starting'],
        ].sort(),
      );
      expect(bodies.at(-1)).toMatchObject({
        data: { bot: { id, meetingId: 'abcd', metadata: { order: '7' } } },
      });
      expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(6);
    });

    it('what failed is tried again under the same id, and its history can be read and sent again', async () => {
      answers = [500];
      const { id } = await made();
      const { json } = await world.api('POST', `/v1/webhooks/${id}/test`, undefined);
      const { event } = json as { event: string };
      await until(
        () => received.length,
        (count) => count === 1,
      );
      const history = async (): Promise<{ attempt: number; state: string; status?: number }[]> =>
        ((await world.api('GET', `/v1/webhooks/${id}/deliveries`)).json as { data: never }).data;
      await until(history, (rows) => rows.length === 2);
      // Five seconds later by itself; at once when it is asked for.
      const again = await world.api('POST', `/v1/webhooks/${id}/deliveries/${event}/redeliver`);
      expect([again.status, again.json]).toEqual([202, { event, attempt: 2 }]);
      await until(
        () => received.length,
        (count) => count === 2,
      );
      expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([event, event]);
      const rows = await until(history, (all) => all.every(({ state }) => state !== 'waiting'));
      expect(rows.map(({ attempt, state, status }) => [attempt, state, status]).sort()).toEqual([
        [1, 'failed', 500],
        [2, 'delivered', 204],
      ]);
    });

    it('for a day after a rotation both secrets sign', async () => {
      const { id, secret } = await made();
      const { json } = await world.api('POST', `/v1/webhooks/${id}/rotate`);
      const { secret: next } = json as Made;
      expect(next).not.toBe(secret);
      await world.api('POST', `/v1/webhooks/${id}/test`);
      await until(
        () => received.length,
        (count) => count === 1,
      );
      const [{ body, headers } = { body: '', headers: {} }] = received;
      for (const each of [secret, next])
        expect(new Webhook(each).verify(body, headersOf({ headers }))).toMatchObject({
          type: 'webhook.test',
        });
    });

    it('a receiver that says that it is gone is switched off', async () => {
      answers = [410];
      const { id } = await made();
      await world.api('POST', `/v1/webhooks/${id}/test`);
      const webhook = await until(
        async () =>
          (await world.api('GET', `/v1/webhooks/${id}`)).json as {
            disabledAt?: string;
            disabledReason?: string;
          },
        ({ disabledAt }) => disabledAt !== undefined,
      );
      expect(webhook.disabledReason).toBe('it answered that it is gone (410)');
      expect((await world.api('PATCH', `/v1/webhooks/${id}`, { disabled: false })).json).not.toHaveProperty(
        'disabledAt',
      );
    });

    it('a bot can have webhooks of its own, with a secret of yours', async () => {
      const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
      await world.api('POST', '/v1/bots', {
        meetingId: 'abcd',
        webhooks: [{ url: receiverUrl(), events: ['bot.state_changed'], secret }],
      });
      await until(
        () => received.length,
        (count) => count >= 1,
      );
      expect(new Webhook(secret).verify(received[0]!.body, headersOf(received[0]!))).toMatchObject({
        type: 'bot.state_changed',
      });
    });

    it('secrets are sealed in the database, and shown once', async () => {
      const { secret } = await made();
      const rows = await world.database.query('select * from webhooks');
      expect(JSON.stringify(rows)).not.toContain(secret.slice('whsec_'.length));
      expect(JSON.stringify((await world.api('GET', '/v1/webhooks')).json)).not.toContain('whsec_');
      const headers = { 'idempotency-key': 'once' };
      const first = await world.api('POST', '/v1/webhooks', { url: receiverUrl() }, headers);
      expect(first.status).toBe(201);
      expect((await world.api('POST', '/v1/webhooks', { url: receiverUrl() }, headers)).json).toMatchObject({
        code: 'shown_once',
      });
    });
  }),
);
