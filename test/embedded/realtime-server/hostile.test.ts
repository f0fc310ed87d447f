import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/seeded-random.js';
import { keptMemory } from '../../kept-memory.js';
import { at, babble, base64, detection, Harness, join, noise, type TestClient, update } from './harness.js';

let harness: Harness;
const warnings: unknown[] = [];
beforeAll(async () => {
  const log = { info: () => undefined, warn: (fields: unknown) => warnings.push(fields) };
  harness = await Harness.start({ log });
});
afterAll(() => harness.stop());

const random = seededRandom(42);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

const TYPES = [
  'session.update',
  'input_audio_buffer.append',
  'input_audio_buffer.commit',
  'input_audio_buffer.clear',
  'conversation.item.create',
  'conversation.item.retrieve',
  'conversation.item.delete',
  'conversation.item.truncate',
  'response.create',
  'response.cancel',
  'output_audio_buffer.clear',
  'toString',
  '',
];
const NAMES = [
  'session',
  'item',
  'response',
  'audio',
  'type',
  'id',
  'item_id',
  'content',
  'input',
  'role',
  'tools',
];
const NUMBERS = [0, -1, 1e308, -0.5, 2 ** 53, 24_000];
const STRINGS = [
  '',
  'root',
  'realtime',
  'message',
  'user',
  'item_1',
  'AAAA',
  '\u0000',
  '💥'.repeat(20),
  '__proto__',
];

function anyValue(depth: number): unknown {
  const kind = Math.floor(random() * (depth > 0 ? 7 : 5));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return pick(NUMBERS);
  if (kind === 3) return pick(STRINGS);
  if (kind === 4) return pick(TYPES);
  const size = Math.floor(random() * 4);
  if (kind === 5) return Array.from({ length: size }, () => anyValue(depth - 1));
  return Object.fromEntries(Array.from({ length: size }, () => [pick(NAMES), anyValue(depth - 1)]));
}

function plausibleEvent(): unknown {
  const item_id = pick(['item_1', 'item_2', 'nope']);
  const item = {
    type: 'message',
    role: pick(['user', 'assistant', 'system']),
    id: pick(['item_1', 'item_2', 'item_3']),
    content: [{ type: pick(['input_text', 'output_text', 'input_audio']), text: 'x', audio: 'AAAA' }],
  };
  return pick([
    { type: 'conversation.item.create', item, previous_item_id: pick(['root', 'item_1', 'nope']) },
    { type: 'conversation.item.delete', item_id },
    { type: 'conversation.item.retrieve', item_id },
    { type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: pick([0, 5, 1e6]) },
    { type: 'response.create', response: { conversation: pick(['auto', 'none', 'x']) } },
    { type: 'response.cancel' },
    { type: 'input_audio_buffer.append', audio: base64(noise(20, 'white', -20, Math.floor(random() * 1e6))) },
    { type: 'input_audio_buffer.commit' },
    { type: 'input_audio_buffer.clear' },
    detection(pick([null, { type: 'server_vad' }, { type: 'semantic_vad' }, {}])),
  ]);
}

/** Errors that mean a bug of the server, not of the client. */
function countServerErrors(client: TestClient): number {
  return client.of('error').filter((event) => at(event, 'error.type') === 'server_error').length;
}

describe('hostile input', () => {
  it('10,000 random, malformed and plausible events: an answer or silence, never a crash, and no growth', async () => {
    const client = await harness.connect();
    const before = keptMemory();
    let serverErrors = 0;
    for (let count = 0; count < 10_000; count++) {
      const kind = random();
      if (kind < 0.4) client.send({ type: pick(TYPES), [pick(NAMES)]: anyValue(4), event_id: anyValue(0) });
      else if (kind < 0.8) client.send(plausibleEvent());
      else if (kind < 0.9) client.raw(JSON.stringify(plausibleEvent()).slice(0, Math.floor(random() * 60)));
      else
        client.raw(
          Buffer.from(
            Array.from({ length: 1 + Math.floor(random() * 64) }, () => Math.floor(random() * 256)),
          ),
        );
      if (count % 500 === 0) {
        await harness.advance(200);
        serverErrors += countServerErrors(client);
        client.events.length = client.texts.length = 0;
      }
    }
    await harness.advance(10_000);
    expect(client.closed).toBeUndefined();
    expect(harness.server.receivedCount).toBe(client.sent);
    expect(serverErrors + countServerErrors(client)).toBe(0);
    client.events.length = client.texts.length = 0;
    expect((await harness.ask(client, update({}))).type).toBe('session.updated');
    const after = keptMemory();
    expect(after.heapBytes + after.bufferBytes - before.heapBytes - before.bufferBytes).toBeLessThan(100e6);
  });

  it('a quarter of an hour of silence, and of speech without a pause, stays within bounds', async () => {
    const client = await harness.connect();
    for (const minute of [new Int16Array(24_000 * 60), babble(60_000)]) {
      const audio = base64(minute);
      const before = keptMemory().bufferBytes;
      for (let count = 0; count < 15; count++) {
        client.send({ type: 'input_audio_buffer.append', audio });
        await harness.settle();
      }
      expect(keptMemory().bufferBytes - before).toBeLessThan(100e6);
    }
    expect(client.of('input_audio_buffer.speech_started')).toHaveLength(1);
    await harness.speak(client, new Int16Array(24_000));
    expect(client.of('input_audio_buffer.speech_stopped')).toHaveLength(1);
    warnings.length = 0;
    client.socket.terminate();
    await expect.poll(() => warnings).toEqual([{ droppedMs: expect.closeTo(5 * 60_000, -4) as number }]);
  });

  it('a conversation that is full takes no more from the client, and still listens and answers', async () => {
    const client = await harness.connect();
    const content = [{ type: 'input_text', text: 'x' }];
    for (let count = 0; count < 10_001; count++) {
      client.send({ type: 'conversation.item.create', item: { type: 'message', role: 'system', content } });
    }
    await harness.settle();
    expect(client.of('error').map((event) => at(event, 'error.code'))).toEqual(['conversation_too_large']);
    client.events.length = 0;
    await harness.speak(client, join(babble(700), new Int16Array(12_000)));
    await harness.advance(3_000);
    expect(at(client.last('response.done'), 'response.status')).toBe('completed');
  });
});
