import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { httpToolHandler } from '../../../src/agent/tools/http-tool.js';
import { newWebhookSecret } from '../../../src/outgoing/signature.js';

const secret = newWebhookSecret();
const context = {
  callId: 'call_1',
  meetingId: 'meeting',
  askedBy: 'ana',
  signal: new AbortController().signal,
};
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Answer = { status: number; body: string; headers?: Record<string, string> };

async function service(
  answer: (body: string, request: IncomingMessage) => Answer | undefined,
): Promise<string> {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answered = answer(Buffer.concat(chunks).toString(), request);
      if (answered === undefined) return;
      response.writeHead(answered.status, answered.headers ?? {});
      response.end(answered.body);
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/call`;
}

const handlerOf = (url: string, allowsPrivate = true) =>
  httpToolHandler({ name: 'weather', url, secrets: [secret] }, { allowsPrivate });

describe('a tool by HTTP', () => {
  it('is posted each call, signed, and its answer is the result', async () => {
    let seen: unknown;
    const url = await service((body, { headers }) => {
      seen = new Webhook(secret).verify(body, headers as Record<string, string>);
      return { status: 200, body: '{"sky":"blue"}' };
    });
    expect(await handlerOf(url)({ city: 'Oslo' }, context)).toEqual({ sky: 'blue' });
    expect(seen).toEqual({
      type: 'tool.call',
      tool: 'weather',
      call_id: 'call_1',
      meeting_id: 'meeting',
      asked_by: 'ana',
      arguments: { city: 'Oslo' },
    });
  });

  it('answers in text, with nothing, and with too much', async () => {
    let body = 'plain';
    const handler = handlerOf(await service(() => ({ status: 200, body })));
    expect(await handler({}, context)).toBe('plain');
    body = '';
    expect(await handler({}, context)).toBe('');
    body = 'x'.repeat(1_000_000);
    expect(await handler({}, context)).toHaveLength(65_536);
  });

  it.each([
    [{ status: 500, body: 'broken\nhere' }, 'The service answered HTTP 500: broken here'],
    [
      { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
      'The service answered HTTP 302: ',
    ],
  ])('that answers %j has failed', async (answer, message) => {
    await expect(handlerOf(await service(() => answer))({}, context)).rejects.toThrow(message);
  });

  it('that is not public is not asked', async () => {
    let asked = false;
    const url = await service(() => {
      asked = true;
      return { status: 200, body: '' };
    });
    await expect(handlerOf(url.replace('http:', 'https:'), false)({}, context)).rejects.toThrow(
      'The service cannot be reached: the address must lead to a public address',
    );
    expect(asked).toBe(false);
  });

  it('is not waited for when nobody waits for the call', async () => {
    const stop = new AbortController();
    const url = await service(() => {
      stop.abort();
      return undefined;
    });
    await expect(handlerOf(url)({}, { ...context, signal: stop.signal })).rejects.toThrow(
      /cannot be reached/,
    );
  });
});
