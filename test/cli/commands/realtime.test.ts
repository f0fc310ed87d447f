import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cli } from '../run-cli.js';

type Seen = { type: string; session?: unknown };

/** Runs `parley realtime` until `use` is done with the address that it prints for clients. */
async function withPrintedUrl(use: (url: string) => Promise<void>) {
  const abort = new AbortController();
  let used: Promise<void> | undefined;
  const run = await cli(['realtime', '--port', '0'], {
    signal: abort.signal,
    onOut: (text) => {
      const url = /Point a client of the OpenAI Realtime API at (\S+), with any key/.exec(text)?.[1];
      if (url === undefined) return;
      used = use(url).finally(() => abort.abort());
      used.catch(() => undefined); // awaited below, when the server is gone
    },
  });
  await used;
  return { ...run, used };
}

describe('parley realtime', () => {
  it('prints an address at which @openai/agents-realtime configures its session whole', async () => {
    const answers: Seen[] = [];
    const { used, exitCode, out } = await withPrintedUrl(async (url) => {
      const weather = tool({
        name: 'get_weather',
        description: 'The weather of a city',
        parameters: z.object({ city: z.string() }),
        execute: ({ city }) => `sunny in ${city}`,
      });
      const agent = new RealtimeAgent({
        name: 'Test',
        instructions: 'Translate into French.',
        tools: [weather],
      });
      const session = new RealtimeSession(agent, { transport: new OpenAIRealtimeWebSocket({ url }) });
      session.on('error', () => undefined); // among the answers below
      // The client updates twice, tracing and everything else. Each is answered by session.updated or by an error.
      const answered = new Promise<void>((resolve) => {
        session.transport.on('*', (event: Seen) => {
          if (event.type === 'session.updated' || event.type === 'error') answers.push(event);
          if (answers.length === 2) resolve();
        });
      });
      try {
        await session.connect({ apiKey: 'any' });
        await answered;
      } finally {
        session.close();
      }
    });
    expect(used).toBeDefined();
    expect(answers.map(({ type }) => type)).toEqual(['session.updated', 'session.updated']);
    expect(answers.at(-1)?.session).toMatchObject({
      model: 'parley-embedded',
      instructions: 'Translate into French.',
      tools: [{ type: 'function', name: 'get_weather' }],
      audio: { input: { turn_detection: { type: 'semantic_vad' } } },
    });
    expect(out).toMatch(/a stand-in: parley-embedded/);
    expect(exitCode).toBe(130);
  });
});
