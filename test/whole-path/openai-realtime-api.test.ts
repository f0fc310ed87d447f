/**
 * An independent client, `openai-realtime-api`, which speaks the protocol's beta form, holds a conversation with the embedded
 * server: its defaults untouched but for the address.
 */
import { RealtimeClient } from 'openai-realtime-api';
import { expect, it } from 'vitest';
import { startRealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { babble, TestResponder } from '../embedded/realtime-server/harness.js';

it('openai-realtime-api speaks, and hears an answer', async () => {
  const responder = new TestResponder();
  const server = await startRealtimeServer({
    responder,
    ...{ firstAudioDelayMs: 20, transcriptionDelayMs: 5, audioSpeed: 40 },
    form: { sessionShape: 'flat' },
  });
  const client = new RealtimeClient({
    apiKey: 'any',
    url: server.url,
    sessionConfig: { instructions: 'Translate.', turn_detection: null },
  });
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  const answer = new Promise<{ transcript: string | undefined; samples: number | undefined }>((resolve) => {
    client.on('conversation.item.completed', ({ item }) => {
      const { transcript, audio } = item.formatted;
      if (item.role === 'assistant') resolve({ transcript, samples: audio.length });
    });
  });
  try {
    await client.connect();
    await client.waitForSessionCreated();
    client.appendInputAudio(babble(900));
    client.createResponse();
    const { transcript, samples } = await answer;
    expect(transcript).toBe('one two three four five');
    expect(samples).toBe(24_000); // a second
    expect(responder.heard.map(({ pcm24k }) => pcm24k.length)).toEqual([21_600]);
    expect(errors).toEqual([]);
  } finally {
    client.disconnect();
    await server.close();
  }
});
