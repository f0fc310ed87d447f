import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { systemClock } from '../../../src/clock.js';
import { createLogger } from '../../../src/log.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../../src/realtime/conversation/conversation-config.js';
import {
  DEFAULT_LIVE_SETTINGS,
  type LiveConfig,
  liveSessionOf,
} from '../../../src/realtime/live/live-config.js';
import { providerBackend } from '../../../src/realtime/providers/provider-backend.js';
import { resolveProvider } from '../../../src/realtime/providers/providers.js';
import { safetyIdentifier } from '../../../src/realtime/providers/safety-identifier.js';
import type { OpenTransport } from '../../../src/realtime/transport.js';

it('what should not happen on a connection is logged where its session is; a tap is given the connection', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.send(Buffer.of(1, 2, 3));
    socket.send('{}');
    socket.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lines: string[] = [];
  const tapped: [OpenTransport, string][] = [];
  const backend = providerBackend({
    providerFor: (model) => resolveProvider({ url: `ws://${host}/`, model, environment: {} }),
    model: 'm',
    prices: undefined,
    tap: (open, { name }) => {
      tapped.push([open, name]);
      return open;
    },
  });
  backend.open({
    engine: 'conversation',
    name: 'ana',
    meetingId: 'weekly',
    speakerId: 'a',
    model: 'm',
    clock: systemClock,
    log: createLogger({ level: 'warn', sink: { write: (line) => lines.push(line) } }),
    config: DEFAULT_CONVERSATION_CONFIG,
    instructions: '',
  });
  const [[open, name]] = tapped as [[OpenTransport, string]];
  expect(name).toBe('ana');
  await new Promise<void>((resolve, reject) => {
    const message = () => {
      throw new Error('a bug of the listener');
    };
    open({ message, closed: () => resolve() }).catch(reject);
  });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 40, kind: 'binary_message', count: 1 },
    { level: 40, kind: 'handler_failed', msg: 'a message handler failed: a bug of the listener' },
  ]);
  await new Promise((resolve) => server.close(resolve));
});

it('OpenAI is told in the start of a live session on whose behalf it is, by a hash; others are not', () => {
  const startsFor = (environment: Record<string, string>, speakerId: string | undefined) => {
    const told: (LiveConfig | undefined)[] = [];
    const backend = providerBackend({
      providerFor: (model) => resolveProvider({ model, environment }),
      model: 'gpt-realtime-2.1',
      prices: undefined,
      safetySecret: 'a secret',
      tap: (open, request) => {
        told.push(request.engine === 'live' ? request.config : undefined);
        return open;
      },
    });
    backend.open({
      ...{ engine: 'live', name: 'ana', meetingId: 'weekly', speakerId, model: 'gpt-realtime-2.1' },
      ...{ clock: systemClock, instructions: '', config: { ...DEFAULT_LIVE_SETTINGS, language: 'en' } },
    });
    return liveSessionOf(told[0]!, 'gpt-live-1.1', 'Translate.').safety_identifier;
  };
  const openAi = { OPENAI_API_KEY: 'sk-test' };
  expect(startsFor(openAi, 'a')).toBe(safetyIdentifier('participant a', 'a secret'));
  expect(startsFor(openAi, undefined)).toBe(safetyIdentifier('meeting weekly', 'a secret'));
  const azure = {
    AZURE_OPENAI_ENDPOINT: 'https://mine.openai.azure.com',
    AZURE_OPENAI_API_KEY: 'k',
    AZURE_OPENAI_DEPLOYMENT: 'd',
    AZURE_OPENAI_LIVE_DEPLOYMENT: 'l',
  };
  expect(startsFor(azure, 'a')).toBeUndefined();
});
