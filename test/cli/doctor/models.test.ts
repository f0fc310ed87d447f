import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { checkModels } from '../../../src/cli/doctor/network.js';
import { resolveProvider } from '../../../src/realtime/providers/providers.js';

const FALLBACK = ['a line of our own table'];
const NOW = { epochMs: Date.UTC(2026, 10, 30), fallback: FALLBACK };

let server: Server | undefined;
let asked: { url: string | undefined; authorization: string | undefined }[] = [];
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  asked = [];
});

/** OpenAI as it is asked, at an address of ours that answers `GET /v1/models` so. */
async function providerAnswering(status: number, body: string, headers: Record<string, string> = {}) {
  server = createServer(({ url, headers: { authorization } }, response) => {
    asked.push({ url, authorization });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const provider = resolveProvider({ environment: { OPENAI_API_KEY: 'sk-test' }, model: 'gpt-realtime-2.1' });
  const url = `ws://127.0.0.1:${port}/v1/realtime?model=gpt-realtime-2.1`;
  return { ...provider, conversation: { ...provider.conversation, url } };
}

const listOf = (...data: object[]): string => JSON.stringify({ object: 'list', data });

it('the last day of a model is read where the service tells it, as a day or in seconds', async () => {
  const provider = await providerAnswering(
    200,
    listOf(
      { id: 'gpt-realtime-2.1', object: 'model', shutdown_date: '2027-03-01' },
      { id: 'gpt-realtime-translate', shutdown_date: 1_806_451_200 }, // 2027-03-31
      { id: 'another', shutdown_date: '2026-12-01' },
    ),
  );
  const { kind, text } = await checkModels(provider, ['gpt-realtime-2.1', 'gpt-realtime-translate'], NOW);
  expect(kind).toBe('note');
  expect(text).toMatch(
    /gpt-realtime-2\.1.*2027-03-01.*gpt-realtime-translate.*2027-03-31.*, as the service says$/,
  );
  expect(text).not.toContain('another');
  expect(asked).toEqual([{ url: '/v1/models', authorization: 'Bearer sk-test' }]);
});

it.each([
  ['no dates', 200, listOf({ id: 'gpt-realtime-2.1' }, { id: 'x', shutdown_date: null })],
  ['a date that is none', 200, listOf({ id: 'gpt-realtime-2.1', shutdown_date: 'soon' })],
  ['a date of another form', 200, listOf({ id: 'gpt-realtime-2.1', shutdown_date: { day: 1 } })],
  ['no list', 200, '{"data": 3}'],
  ['no JSON', 200, '<html>'],
  ['a refusal', 401, '{"error": {}}'],
])('an answer with %s leaves our own table', async (_, status, body) => {
  const provider = await providerAnswering(status, body);
  expect((await checkModels(provider, ['gpt-realtime-2.1'], NOW)).text).toBe('a line of our own table');
});

it('a redirect is not followed with the key', async () => {
  const provider = await providerAnswering(307, '', { location: '/elsewhere' });
  expect((await checkModels(provider, ['gpt-realtime-2.1'], NOW)).text).toBe('a line of our own table');
  expect(asked.map(({ url }) => url)).toEqual(['/v1/models']);
});

it('others than OpenAI are not asked', async () => {
  const provider = await providerAnswering(
    200,
    listOf({ id: 'gpt-realtime-2.1', shutdown_date: '2027-03-01' }),
  );
  const text = (await checkModels({ ...provider, name: 'compatible' }, ['gpt-realtime-2.1'], NOW)).text;
  expect(text).toBe('a line of our own table');
  expect(asked).toEqual([]);
});
