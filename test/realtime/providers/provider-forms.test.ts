/** Every form of provider over the wire: the embedded server speaks it, a session translates over it. */
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import {
  type RealtimeServer,
  type RealtimeServerOptions,
  type Responder,
  startRealtimeServer,
} from '../../../src/embedded/realtime-server/index.js';
import {
  type ConversationConfig,
  DEFAULT_CONVERSATION_CONFIG,
} from '../../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../../src/realtime/conversation/conversation-session.js';
import type { Endpoint } from '../../../src/realtime/providers/endpoint.js';
import { openEndpoint } from '../../../src/realtime/providers/open-endpoint.js';
import { resolveProvider, type ProviderRequest } from '../../../src/realtime/providers/providers.js';
import type { OpenTransport } from '../../../src/realtime/transport.js';
import { babble, tone } from '../../embedded/realtime-server/harness.js';
import { append } from '../chunks.js';
import { Settling } from '../settling.js';

const MODELS = ['my-realtime', 'my-transcriber'];

/** Hears how many milliseconds were said; says one second. */
class Counting implements Responder {
  readonly name = 'counting';
  readonly heardMs: number[] = [];

  respondToAudio({ pcm24k }: { pcm24k: Int16Array }) {
    this.heardMs.push(pcm24k.length / 24);
    return { sourceText: 'uno dos', text: 'one two', pcm24k: tone(1_000, 300, 6_000) };
  }

  respondToText({ text }: { text: string }) {
    return { sourceText: text, text, pcm24k: tone(400, 250, 6_000) };
  }
}

let server: RealtimeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<RealtimeServerOptions> = {}) {
  const clock = new VirtualClock();
  const responder = new Counting();
  server = await startRealtimeServer({ clock, responder, ...options });
  return { clock, responder, server };
}

type Interpreted = {
  outcome: string;
  source: string;
  translation: string;
  voiceMs: number;
  types: Set<string>;
};

/** Says two seconds on one session over `endpoint` and tells what came back. */
async function interpret(
  { clock, server: at }: Awaited<ReturnType<typeof start>>,
  endpoint: Endpoint,
  config: Partial<ConversationConfig> = {},
): Promise<Interpreted> {
  const emitted: Interpreted = { outcome: '', source: '', translation: '', voiceMs: 0, types: new Set() };
  const settling = new Settling(at);
  const connectionClock = new VirtualClock();
  const open = settling.watch(openEndpoint(endpoint, { clock: connectionClock }));
  const connection = { open: false, configured: false };
  const watched: OpenTransport = async (handlers) => {
    const opened = await open({
      closed: (close) => handlers.closed(close),
      message: (text) => {
        emitted.types.add((JSON.parse(text) as { type: string }).type);
        handlers.message(text);
      },
    });
    connection.open = true;
    return opened;
  };
  const session = new ConversationSession({
    open: watched,
    clock,
    name: 'maria',
    config: { ...DEFAULT_CONVERSATION_CONFIG, ...config },
    instructions: 'translate to English',
  });
  session.events.on('sourceTranscript', ({ text }) => (emitted.source = text));
  session.events.on('translationTranscript', ({ text }) => (emitted.translation = text));
  session.events.on('audio', ({ pcm }) => (emitted.voiceMs += pcm.length / 24));
  session.events.on('turnDone', ({ outcome }) => (emitted.outcome = outcome));
  const connecting = session.connect().finally(() => (connection.configured = true));
  connecting.catch(() => undefined);
  while (!connection.configured) {
    await new Promise((resolve) => setImmediate(resolve));
    if (connection.open) connectionClock.advanceBy(100); // as long as a silent server is waited for
  }
  await connecting;
  const speech = babble(2_000);
  for (let atMs = 0; atMs < 6_000; atMs += 10) {
    const frame = speech.subarray(atMs * 24, (atMs + 10) * 24);
    append(session, frame.length === 0 ? new Int16Array(240) : frame, clock.nowMs());
    clock.advanceBy(10);
    await settling.settle();
  }
  await session.close(0);
  return emitted;
}

const provider = (request: Partial<ProviderRequest>) =>
  resolveProvider({ model: 'gpt-realtime-2.1', environment: { PARLEY_REALTIME_KEY: 'any' }, ...request });

const azureAt = (port: number, more: Record<string, string> = {}) => ({
  AZURE_OPENAI_ENDPOINT: `http://127.0.0.1:${port}`,
  AZURE_OPENAI_API_KEY: 'azure-key',
  AZURE_OPENAI_DEPLOYMENT: 'my-realtime',
  ...more,
});

function expectInterpreted(emitted: Interpreted, responder: Counting): void {
  expect(emitted).toMatchObject({ outcome: 'completed', source: 'uno dos', translation: 'one two' });
  expect(emitted.voiceMs).toBe(1_000);
  expect(responder.heardMs.length).toBeGreaterThan(0);
  // 300 ms before, 500 ms after, and the detector's own onset.
  expect(responder.heardMs[0]).toBeGreaterThan(2_500);
  expect(responder.heardMs[0]).toBeLessThan(3_000);
}

describe('Azure OpenAI', () => {
  it('is interpreted over, with deployments for both models', async () => {
    const world = await start({ key: 'azure-key', deployments: MODELS });
    const { conversation } = provider({ environment: azureAt(world.server.port) });
    const transcription = { model: 'my-transcriber' };
    expectInterpreted(await interpret(world, conversation, { transcription }), world.responder);
  });

  it('refuses a deployment that it has not, and a key that is not its own', async () => {
    const world = await start({ key: 'azure-key', deployments: MODELS });
    const connect = async (more: Record<string, string>) => {
      const { conversation } = provider({ environment: azureAt(world.server.port, more) });
      const error: unknown = await interpret(world, conversation).catch((thrown: unknown) => thrown);
      return error instanceof ParleyError ? [error.code, error.message] : undefined;
    };
    expect(await connect({ AZURE_OPENAI_DEPLOYMENT: 'other' })).toMatchObject([
      'service_unavailable',
      expect.stringContaining('The API deployment for this resource does not exist.'),
    ]);
    expect(await connect({ AZURE_OPENAI_API_KEY: 'wrong' })).toMatchObject([
      'key_refused',
      expect.anything(),
    ]);
    // A model's name is no deployment's.
    expect(await connect({})).toMatchObject([
      'protocol',
      expect.stringContaining('session.audio.input.transcription.model'),
    ]);
  });
});

describe('compatible servers', () => {
  const forms = (['nested', 'flat'] as const).flatMap((sessionShape) =>
    ([8_000, 16_000, 24_000, 48_000] as const).map((inputRateHz) => ({ sessionShape, inputRateHz })),
  );

  it.each(forms)('$sessionShape sessions at $inputRateHz Hz', async (wireForm) => {
    const world = await start({ form: wireForm });
    const { conversation } = provider({ url: world.server.url, wireForm });
    expectInterpreted(await interpret(world, conversation), world.responder);
  });

  it.each(['client', 'server'] as const)(
    'flat sessions where the %s asks for responses, with voice and speed changed',
    async (responses) => {
      const wireForm = { sessionShape: 'flat', inputRateHz: 16_000 } as const;
      const world = await start({ form: wireForm });
      const { conversation } = provider({ url: world.server.url, wireForm });
      const emitted = await interpret(world, conversation, { responses, voice: 'cedar', speed: 1.2 });
      expect(emitted).toMatchObject({ outcome: 'completed', translation: 'one two' });
    },
  );

  it.each([
    { server: 'nested', client: 'flat' },
    { server: 'flat', client: 'nested' },
  ] as const)('one that is $server refuses $client sessions in one line', async (shape) => {
    const world = await start({ form: { sessionShape: shape.server } });
    const wireForm = { sessionShape: shape.client, inputRateHz: 24_000 } as const;
    const { conversation } = provider({ url: world.server.url, wireForm });
    await expect(interpret(world, conversation)).rejects.toThrow(/refused the configuration/);
  });

  it('one that wants another rate refuses ours in one line', async () => {
    const world = await start({ form: { inputRateHz: 16_000 } });
    const { conversation } = provider({ url: world.server.url });
    await expect(interpret(world, conversation)).rejects.toThrow(/session\.audio\.input\.format\.rate/);
  });

  it.each([
    ['input_audio_buffer.committed'],
    ['response.created'],
    ['response.output_item.added', 'response.output_item.done', 'response.content_part.added'],
    ['conversation.item.added', 'conversation.item.done', 'response.output_audio.done'],
    ['session.created'],
    ['session.updated'],
  ])('is interpreted over without %s', async (...omits) => {
    const world = await start({ form: { omits } });
    const { conversation } = provider({ url: world.server.url });
    const emitted = await interpret(world, conversation, { responses: 'server' });
    expect(emitted).toMatchObject({ outcome: 'completed', translation: 'one two' });
  });
});
