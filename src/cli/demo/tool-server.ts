/**
 * A server of tools for the demo, in a process of its own: what the Model Context Protocol asks of one (revision 2025-06-18), over stdio or
 * Streamable HTTP, and one tool that looks something up.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';

const PROTOCOL_VERSION = '2025-06-18';
const MAX_BODY_BYTES = 64 * 1024;
const METHOD_NOT_FOUND = -32_601;

/** What each of the demo's servers knows. */
const TOOLS = {
  rooms: {
    name: 'find_room',
    description: 'Finds the room in which a meeting is today.',
    answer: 'The meeting is in the blue room.',
  },
  building: {
    name: 'which_floor',
    description: 'Says on which floor a room is.',
    answer: 'The blue room is on the second floor.',
  },
} as const;

/** The name of one of the demo's servers. */
export type ToolServerName = keyof typeof TOOLS;

type Message = { readonly id?: unknown; readonly method?: unknown; readonly params?: unknown };

/** Answers one message; undefined for one that wants no answer. */
function answerTo(message: Message, name: ToolServerName): Readonly<Record<string, unknown>> | undefined {
  const { id, method } = message;
  if (id === undefined) return undefined;
  const result = resultOf(method, name);
  if (result !== undefined) return { jsonrpc: '2.0', id, result };
  return { jsonrpc: '2.0', id, error: { code: METHOD_NOT_FOUND, message: `no method ${String(method)}` } };
}

function resultOf(method: unknown, name: ToolServerName): unknown {
  const { answer, ...tool } = TOOLS[name];
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: PROTOCOL_VERSION,
        capabilities: { tools: {} },
        serverInfo: { name: `parley-demo-${name}`, version: '1' },
      };
    case 'ping':
      return {};
    case 'tools/list':
      return { tools: [{ ...tool, inputSchema: { type: 'object', properties: {} } }] };
    case 'tools/call':
      return { content: [{ type: 'text', text: answer }] };
    default:
      return undefined;
  }
}

/** Speaks over stdio until its input ends. */
export async function serveToolsOverStdio(name: ToolServerName): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = answerTo(JSON.parse(line) as Message, name);
    if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

/** Serves over HTTP on loopback until its input ends, and writes its address as a line. */
export async function serveToolsOverHttp(name: ToolServerName): Promise<void> {
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(405, { Allow: 'POST' }).end(); // no events of its own, and no sessions to end
      return;
    }
    bodyOf(request).then(
      (body) => {
        const answer = answerTo(JSON.parse(body) as Message, name);
        if (answer === undefined) response.writeHead(202).end();
        else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
      },
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    process.stdout.write(`http://127.0.0.1:${address.port}/mcp\n`);
  await new Promise((resolve) => process.stdin.resume().once('end', resolve).once('close', resolve));
  server.close();
  server.closeAllConnections();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAX_BODY_BYTES) throw new Error('too long');
  }
  return body;
}
