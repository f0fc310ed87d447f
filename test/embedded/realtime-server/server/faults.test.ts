import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { at, babble, Harness, join, silence, type TestClient, update } from '../harness.js';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.stop());

const TURN = join(babble(700), silence(300));

async function refusedWith(): Promise<{ status: number; retryAfter: string | undefined }> {
  const socket = new WebSocket(`${harness.server.url}?model=x`, { headers: { Authorization: 'Bearer any' } });
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.on('unexpected-response', (sent, response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      sent.destroy();
    });
    socket.on('open', () => {
      socket.terminate();
      resolve({ status: 101, retryAfter: undefined });
    });
  });
}

describe('faults on request', () => {
  it('refuse the next connections with a status', async () => {
    harness.server.faults.set({ refuseConnections: { status: 429, count: 2, retryAfterSeconds: 7 } });
    expect(await refusedWith()).toEqual({ status: 429, retryAfter: '7' });
    expect(await refusedWith()).toEqual({ status: 429, retryAfter: '7' });
    expect((await refusedWith()).status).toBe(101);
    expect(harness.server.faults.counts.refuseConnections).toBe(2);
  });

  it('drop the line after a while, without a close frame', async () => {
    harness.server.faults.set({ dropConnections: { afterMs: 1_000, count: 1 } });
    const first = await harness.connect();
    const second = await harness.connect();
    harness.clock.advanceBy(999);
    await harness.settle();
    expect(first.closed).toBeUndefined();
    harness.clock.advanceBy(1);
    await once(first.socket, 'close');
    expect(first.closed?.code).toBe(1006);
    expect(second.closed).toBeUndefined();
    harness.server.faults.dropAll();
    await once(second.socket, 'close');
    expect(second.closed?.code).toBe(1006);
  });

  it('delay every message, in order', async () => {
    const client = await harness.connect();
    harness.server.faults.set({ delayMs: 250 });
    client.send(update({ instructions: 'a' }));
    await harness.settle();
    expect(client.events).toHaveLength(1);
    expect(harness.server.busy).toBe(true);
    harness.server.faults.set({});
    client.send(update({ instructions: 'b' }));
    await harness.advance(249);
    expect(client.events).toHaveLength(1);
    await harness.advance(1);
    expect(client.of('session.updated').map((event) => at(event, 'session.instructions'))).toEqual([
      'a',
      'b',
    ]);
    expect(harness.server.busy).toBe(false);
  });

  it('stall: nothing is answered until it is over', async () => {
    const client = await harness.connect();
    harness.server.faults.set({ stall: true });
    client.send(update({ instructions: 'a' }));
    await harness.speak(client, TURN);
    await harness.advance(3_000);
    expect(client.events).toHaveLength(1);
    expect(client.closed).toBeUndefined();
    harness.server.faults.set({});
    expect(at(await harness.ask(client, update({})), 'session.instructions')).toBe('a');
  });

  it('fail the next responses, which can be asked for again', async () => {
    const client = await harness.connect();
    const error = { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: 'Slow down.' };
    harness.server.faults.set({ failResponses: { count: 1, error } });
    await harness.speak(client, TURN);
    await harness.advance(3_000);
    expect(client.types().slice(-3)).toEqual(['response.created', 'response.done', 'rate_limits.updated']);
    expect(client.last('response.done')['response']).toMatchObject({
      status: 'failed',
      status_details: { type: 'failed', error },
      output: [],
      usage: { total_tokens: 0 },
    });
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(3_000);
    expect(at(client.last('response.done'), 'response.output.0.content.0.transcript')).toBe(
      'one two three four five',
    );
  });

  it('fail the next transcriptions', async () => {
    const client = await harness.connect();
    await harness.ask(client, update({ audio: { input: { transcription: { model: 'whisper-1' } } } }));
    harness.server.faults.set({ failTranscriptions: { count: 1, message: 'No ears.' } });
    await harness.speak(client, TURN);
    await harness.advance(3_000);
    await harness.speak(client, TURN);
    await harness.advance(3_000);
    const type = 'conversation.item.input_audio_transcription';
    expect(client.of(`${type}.failed`)).toMatchObject([{ error: { message: 'No ears.' } }]);
    expect(client.of(`${type}.completed`)).toHaveLength(1);
  });

  it('duplicate, replace and precede exactly as many events as asked for', async () => {
    const client = await harness.connect();
    harness.server.faults.set({
      duplicateEvents: { count: 2, types: ['response.output_audio.delta'] },
      unknownEvents: { count: 3 },
      malformedEvents: { count: 1, kind: 'missing_fields', types: ['response.created'] },
    });
    await harness.speak(client, TURN);
    await harness.advance(3_000);
    expect(client.of('response.output_audio.delta')).toHaveLength(12);
    const ids = client.of('response.output_audio.delta').map((event) => event.event_id);
    expect(new Set(ids).size).toBe(10);
    expect(client.of('parley.unknown')).toHaveLength(3);
    expect(client.last('response.created')).toEqual({ type: 'response.created' });
    expect(harness.server.faults.counts).toMatchObject({
      duplicateEvents: 2,
      unknownEvents: 3,
      malformedEvents: 1,
    });
    harness.server.faults.set({ malformedEvents: { count: 1, kind: 'broken_json' } });
    await harness.ask(client, update({}));
    expect(() => JSON.parse(client.texts.at(-1)!) as unknown).toThrow();
    expect((await harness.ask(client, update({}))).type).toBe('session.updated');
  });

  it('split what travels into small packets, without a byte lost', async () => {
    const sizes: number[] = [];
    harness.server.faults.set({ splitPackets: { bytes: 100 } });
    const client = await harness.connect();
    const stream = (client.socket as unknown as { _socket: NodeJS.ReadableStream })._socket;
    stream.on('data', (chunk: Buffer) => sizes.push(chunk.length));
    await harness.speak(client, TURN);
    await harness.advance(3_000);
    expect(at(client.last('response.done'), 'response.status')).toBe('completed');
    expect(sizes.length).toBeGreaterThan(client.events.length);
    expect(harness.server.faults.counts.splitPackets).toBeGreaterThan(100);
    await checkSame(client);
  });

  /** The audio that came is the reply, bit by bit. */
  async function checkSame(client: TestClient): Promise<void> {
    const spoken = client
      .of('response.output_audio.delta')
      .map((event) => Buffer.from(String(event['delta']), 'base64'));
    const { pcm24k } = harness.responder.respondToAudio({ pcm24k: silence(1), instructions: '' });
    expect(Buffer.concat(spoken).equals(Buffer.from(pcm24k.buffer))).toBe(true);
    await harness.settle();
  }
});
