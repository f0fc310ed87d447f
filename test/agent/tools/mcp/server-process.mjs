/**
 * A real MCP server, in a process of its own: `node server-process.mjs` speaks over stdio, `node server-process.mjs http` over
 * Streamable HTTP, and writes its address as a line.
 */
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { getRequestListener } from '@hono/node-server';
import { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

function makeServer() {
  const server = new McpServer({ name: 'test', version: '1' });
  const text = (value) => ({ content: [{ type: 'text', text: value }] });
  server.registerTool(
    'add',
    {
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      annotations: { readOnlyHint: true },
    },
    ({ a, b }) => text(String(a + b)),
  );
  server.registerTool('fail', { description: 'Fails.' }, () => ({ isError: true, ...text('no such city') }));
  server.registerTool('hang', { description: 'Never answers.' }, () => new Promise(() => undefined));
  server.registerTool('huge', { description: 'Says too much.' }, () => text('x'.repeat(3_000_000)));
  server.registerTool('crash', { description: 'Ends the process.' }, () => process.exit(1));
  server.registerTool('environment', { description: 'What it was given.' }, () =>
    text(JSON.stringify([process.env.GIVEN ?? null, process.env.SECRET_OF_PARLEY ?? null])),
  );
  server.registerTool('learn', { description: 'Adds a tool.' }, () => {
    server.registerTool('learnt', { description: 'A new one.' }, () => text('learnt'));
    return text('done');
  });
  return server;
}

if (process.argv[2] === 'http') {
  const sessions = new Map();
  const listener = getRequestListener(async (request) => {
    if (request.headers.get('authorization') !== 'Bearer right')
      return new globalThis.Response('no', { status: 401 });
    const known = sessions.get(request.headers.get('mcp-session-id') ?? '');
    if (known !== undefined) return known.handleRequest(request);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
    });
    await makeServer().connect(transport);
    return transport.handleRequest(request);
  });
  const http = createServer(listener);
  http.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${http.address().port}/mcp\n`);
  });
} else {
  await makeServer().connect(new StdioServerTransport());
}
