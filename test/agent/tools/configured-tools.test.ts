/** Tools that settings name: where they may be, what they are sent, and what of that comes back. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { toolsOfSettings } from '../../../src/agent/tools/configured/configured-tools.js';
import { configuredServers, httpTools } from '../../../src/agent/tools/configured/tool-settings.js';

const context = { callId: 'c', meetingId: 'm', askedBy: 'ana', signal: new AbortController().signal };
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function service(
  answer: (headers: IncomingHttpHeaders) => [status: number, body: string],
): Promise<string> {
  server = createServer(({ headers }, response) => {
    const [status, body] = answer(headers);
    response.writeHead(status);
    response.end(body);
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/call`;
}

function toolAt(
  url: string,
  more: object = {},
  options: { allowsPrivate?: boolean; secrets?: Readonly<Record<string, string>> } = {},
): () => Promise<unknown> {
  const { allowsPrivate = true, secrets = {} } = options;
  const agentTools = httpTools.parse([{ name: 'find', description: 'Finds.', url, ...more }]);
  const access = { secretOf: (name: string) => secrets[name], guard: { allowsPrivate } };
  const { tools } = toolsOfSettings({ agentTools }, access, () => Promise.reject(new Error('none')));
  return async () => await tools[0]!.handler({}, context);
}

it('sends the headers that its secrets make, and nothing of them comes back, in results or errors', async () => {
  let status = 200;
  const url = await service(({ authorization }) => [
    status,
    JSON.stringify({ [authorization!]: [authorization] }),
  ]);
  const call = toolAt(
    url,
    { headers: { Authorization: { secret: 'key', prefix: 'Bearer ' } } },
    { secrets: { key: 'very-secret' } },
  );
  expect(await call()).toEqual({ 'Bearer [redacted]': ['Bearer [redacted]'] });
  status = 500;
  await expect(call()).rejects.toThrow('HTTP 500: {"Bearer [redacted]":["Bearer [redacted]"]}');
});

it('is not called without its secret, nor at an address that is not public', async () => {
  let calls = 0;
  const url = await service(() => [200, String(calls++)]);
  await expect(toolAt(url, { headers: { 'X-Key': { secret: 'key' } } })()).rejects.toThrow(
    'the secret key, which it is called with, is not there',
  );
  await expect(toolAt(url, {}, { allowsPrivate: false })()).rejects.toThrow(
    'the address must begin with https://',
  );
  await expect(toolAt('https://10.0.0.1/a', {}, { allowsPrivate: false })()).rejects.toThrow(
    'the address must lead to a public address',
  );
  expect(calls).toBe(0);
});

it('a server of the settings is connected to within the guard, with its own level for each listed tool', async () => {
  const agentServers = configuredServers.parse([
    { name: 'crm', url: 'https://10.0.0.1/mcp', levels: { search: 'read' } },
  ]);
  const access = { secretOf: () => undefined, guard: { allowsPrivate: false } };
  const others: string[] = [];
  const { mcpServers, openMcp } = toolsOfSettings({ agentServers }, access, ({ name }) => {
    others.push(name);
    return Promise.reject(new Error('of the operator'));
  });
  expect(mcpServers).toMatchObject([{ name: 'crm', levels: { search: 'read' } }]);
  const events = { changed: () => undefined, closed: () => undefined };
  await expect(openMcp(mcpServers[0]!, events)).rejects.toThrow('the address must lead to a public address');
  // One that looks the same is the operator's, and is not held back.
  await expect(openMcp({ ...mcpServers[0]! }, events)).rejects.toThrow('of the operator');
  expect(others).toEqual(['crm']);
});
