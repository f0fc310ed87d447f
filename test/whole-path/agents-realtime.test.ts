/**
 * An independent client, `@openai/agents-realtime`, holds a conversation with the embedded server: its WebSocket transport
 * with nothing but a `url`, its defaults untouched.
 */
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type RealtimeServer, startRealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { babble, join, silence, stringAt, TestResponder } from '../embedded/realtime-server/harness.js';

type Seen = { type: string } & Record<string, unknown>;

function bytesOf(pcm: Int16Array): ArrayBuffer {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength).slice().buffer;
}

/** Semantic VAD, the client's default, ends a phrase of half a second and more after 0.8 s of silence. */
const PHRASE = join(silence(300), babble(900), silence(1_000));

describe('@openai/agents-realtime', () => {
  let server: RealtimeServer;
  let responder: TestResponder;
  let session: RealtimeSession;
  const seen: Seen[] = [];
  const errors: unknown[] = [];
  const asked: string[] = [];

  /** Resolves with the next event of this type that is not yet passed. */
  let passed = 0;
  const waiters: (() => void)[] = [];
  async function next(type: string): Promise<Seen> {
    for (;;) {
      const index = seen.findIndex((event, at) => at >= passed && event.type === type);
      if (index >= 0) {
        passed = index + 1;
        return seen[index]!;
      }
      await new Promise<void>((resolve) => waiters.push(resolve));
    }
  }

  beforeEach(async () => {
    responder = new TestResponder();
    server = await startRealtimeServer({
      responder,
      firstAudioDelayMs: 20,
      transcriptionDelayMs: 5,
      audioSpeed: 40,
      script: {
        onUserText: (text, tools) => {
          const inCity = (city: string) => ({ name: 'get_weather', arguments: JSON.stringify({ city }) });
          if (!tools.includes('get_weather')) return undefined;
          if (text === 'que tiempo hace') return { calls: [inCity('Madrid')] };
          return text === 'and in both?' ? { calls: [inCity('Lima'), inCity('Oslo')] } : undefined;
        },
      },
    });
    const weather = tool({
      name: 'get_weather',
      description: 'The weather of a city',
      parameters: z.object({ city: z.string() }),
      execute: ({ city }) => {
        asked.push(city);
        return `sunny in ${city}`;
      },
    });
    const agent = new RealtimeAgent({ name: 'Test', instructions: 'Translate.', tools: [weather] });
    session = new RealtimeSession(agent, {
      transport: new OpenAIRealtimeWebSocket({ url: server.url + '?model=parley-embedded' }),
    });
    session.on('error', (error) => errors.push(error));
    session.transport.on('*', (event: Seen) => {
      seen.push(event);
      for (const wake of waiters.splice(0)) wake();
    });
    await session.connect({ apiKey: 'any' });
    // The first update is for tracing alone.
    await next('session.updated');
    await next('session.updated');
  });
  afterEach(async () => {
    session.close();
    await server.close();
  });

  it('configures, speaks, is interrupted, and calls a tool', async () => {
    const configured = seen.findLast((event) => event.type === 'session.updated');
    expect(configured).toMatchObject({
      session: {
        model: 'parley-embedded',
        audio: {
          input: {
            transcription: { model: 'gpt-4o-mini-transcribe' },
            turn_detection: { type: 'semantic_vad', interrupt_response: true },
          },
        },
      },
    });

    // A turn and its answer.
    let heardBytes = 0;
    session.on('audio', (audio) => (heardBytes += audio.data.byteLength));
    session.sendAudio(bytesOf(PHRASE));
    expect(await next('response.done')).toMatchObject({ response: { status: 'completed' } });
    expect(heardBytes).toBe(1_000 * 48);
    expect(session.history.map((item) => item.type === 'message' && item.role)).toEqual([
      'user',
      'assistant',
    ]);

    // An answer that is spoken over: cancelled, then cut to what was heard. (The client counts the second phrase as an
    // interruption as well: by its wall clock the first answer, which came faster than real time, still plays.)
    let interruptions = 0;
    session.on('audio_interrupted', () => interruptions++);
    responder.durationMs = 60_000;
    session.sendAudio(bytesOf(PHRASE));
    const cut = await next('response.output_audio.delta');
    await next('response.output_audio.delta');
    responder.durationMs = 500;
    responder.sourceText = 'que tiempo hace';
    session.sendAudio(bytesOf(PHRASE));
    expect(await next('response.done')).toMatchObject({
      response: { status: 'cancelled', status_details: { reason: 'turn_detected' } },
    });
    expect(interruptions).toBe(2);
    expect(await next('conversation.item.truncated')).toMatchObject({ item_id: cut['item_id'] });

    // That interruption asks for a tool; its output is spoken.
    expect(await next('response.function_call_arguments.done')).toMatchObject({ name: 'get_weather' });
    const spoken = await next('response.output_audio_transcript.done');
    expect(asked).toEqual(['Madrid']);
    expect(spoken['transcript']).toBe('told: sunny in Madrid');
    expect(await next('response.done')).toMatchObject({ response: { status: 'completed' } });

    // And text is answered too.
    session.sendMessage('hello');
    expect(await next('response.output_audio_transcript.done')).toMatchObject({ transcript: 'told: hello' });
    await next('response.done');

    // Two calls in one response: both are made, and both outputs are told.
    session.sendMessage('and in both?');
    expect(await next('response.done')).toMatchObject({
      response: { output: [{ type: 'function_call' }, { type: 'function_call' }] },
    });
    let told = '';
    while (!told.includes('Oslo')) {
      told += stringAt(await next('response.output_audio_transcript.done'), 'transcript');
    }
    expect(told).toContain('told: sunny in Lima');
    expect(asked).toEqual(['Madrid', 'Lima', 'Oslo']);
    expect(errors).toEqual([]);
  });
});
