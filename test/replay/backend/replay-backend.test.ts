import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createLogger } from '../../../src/log.js';
import { resolveProvider } from '../../../src/realtime/providers/providers.js';
import { serverBackend } from '../../../src/replay/backend/replay-backend.js';

it('what should not happen on the line to a server is logged', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.send(Buffer.of(1, 2, 3));
    socket.send('{}');
    socket.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', sink: { write: (line) => lines.push(line) } });
  const provider = resolveProvider({ url: `ws://${host}/`, model: 'm', environment: {} });
  const backend = serverBackend(provider, undefined, log);
  await new Promise<void>((resolve, reject) => {
    const message = () => {
      throw new Error('a bug of the listener');
    };
    backend
      .connectionsFor({ sessions: 'conversation', speakerId: 'a' })({ message, closed: () => resolve() })
      .catch(reject);
  });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 40, kind: 'binary_message', count: 1 },
    { level: 40, kind: 'handler_failed', msg: 'a message handler failed: a bug of the listener' },
  ]);
  await new Promise((resolve) => server.close(resolve));
});
