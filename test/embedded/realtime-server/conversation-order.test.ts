import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  at,
  babble,
  detection,
  Harness,
  join,
  silence,
  stringAt,
  type TestClient,
  update,
} from './harness.js';

const RESPONSE_ORDER = [
  'response.created',
  'response.output_item.added',
  'conversation.item.added',
  'response.content_part.added',
  'response.output_audio_transcript.delta',
  'response.output_audio.delta',
];
const RESPONSE_END = [
  'response.output_audio.done',
  'response.output_audio_transcript.done',
  'response.content_part.done',
  'conversation.item.done',
  'response.output_item.done',
  'response.done',
  'rate_limits.updated',
];

/** Folds the interleaved deltas of a response into one of each kind, in the order of first appearance. */
function folded(types: readonly string[]): string[] {
  return types.filter((type, index) => !type.endsWith('.delta') || types.indexOf(type) === index);
}

describe('a spoken turn', () => {
  let harness: Harness;
  let client: TestClient;

  beforeEach(async () => {
    harness = await Harness.start();
    client = await harness.connect();
  });
  afterEach(() => harness.stop());

  it('goes through the documented events in the documented order', async () => {
    await harness.speak(client, join(silence(500), babble(1_000), silence(600)));
    await harness.advance(5_000);
    expect(folded(client.types())).toEqual([
      'session.created',
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      ...RESPONSE_ORDER,
      ...RESPONSE_END,
    ]);
    const itemId = stringAt(client.last('input_audio_buffer.speech_started'), 'item_id');
    expect(client.last('input_audio_buffer.committed')).toMatchObject({
      item_id: itemId,
      previous_item_id: null,
    });
    const done = client.last('response.done');
    expect(at(done, 'response.status')).toBe('completed');
    expect(at(done, 'response.output.0.content.0')).toEqual({
      type: 'output_audio',
      transcript: 'one two three four five',
    });
    expect(harness.server.busy).toBe(false);
  });

  it('tells bounds with the prefix padding and the silence, and commits exactly that audio', async () => {
    await harness.speak(client, join(silence(1_000), babble(1_000), silence(600)));
    expect(client.last('input_audio_buffer.speech_started')).toMatchObject({ audio_start_ms: 700 });
    expect(client.last('input_audio_buffer.speech_stopped')).toMatchObject({ audio_end_ms: 2_200 });
    expect(harness.responder.heard[0]?.pcm24k.length).toBe(1_500 * 24);
  });

  it('starts to speak after the modelled delay and sends audio at four times real time', async () => {
    await harness.speak(client, join(babble(800), silence(400)));
    const from = harness.clock.nowMs();
    await harness.advance(299);
    expect(client.of('response.output_audio.delta')).toHaveLength(0);
    await harness.advance(1);
    expect(client.of('response.output_audio.delta')).toHaveLength(1);
    await harness.advance(9 * 25);
    expect(client.of('response.output_audio.delta')).toHaveLength(10);
    expect(at(client.last('response.done'), 'response.status')).toBe('completed');
    expect(harness.clock.nowMs() - from).toBe(525);
    const bytes = client
      .of('response.output_audio.delta')
      .reduce((sum, event) => sum + Buffer.from(stringAt(event, 'delta'), 'base64').length, 0);
    expect(bytes).toBe(1_000 * 48);
  });

  it('transcribes the input on its own time when that is configured', async () => {
    await harness.ask(client, update({ audio: { input: { transcription: { model: 'gpt-transcribe' } } } }));
    await harness.speak(client, join(babble(800), silence(400)));
    expect(client.of('conversation.item.input_audio_transcription.completed')).toHaveLength(0);
    await harness.advance(200);
    const itemId = stringAt(client.last('input_audio_buffer.committed'), 'item_id');
    expect(client.last('conversation.item.input_audio_transcription.completed')).toMatchObject({
      item_id: itemId,
      content_index: 0,
      transcript: 'uno dos tres',
      usage: { type: 'tokens' },
    });
    const deltas = client.of('conversation.item.input_audio_transcription.delta');
    expect(deltas.map((event) => event['delta']).join('')).toBe('uno dos tres');
    await harness.ask(client, { type: 'conversation.item.retrieve', item_id: itemId });
    expect(at(client.last('conversation.item.retrieved'), 'item.content.0.transcript')).toBe('uno dos tres');
  });

  it.each([
    ['gpt-transcribe', 'es', [{ code: 'es' }]],
    ['gpt-transcribe', undefined, []],
    ['gpt-realtime-whisper', 'es', undefined],
  ])('tells the languages heard where %s transcribes %s: %j', async (model, language, languages) => {
    harness.responder.sourceLanguage = language;
    await harness.ask(client, update({ audio: { input: { transcription: { model } } } }));
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(200);
    const completed = client.last('conversation.item.input_audio_transcription.completed');
    expect(completed['languages']).toEqual(languages);
  });

  it('speaks at the speed of the session', async () => {
    await harness.ask(client, update({ audio: { output: { speed: 1.25 } } }));
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(5_000);
    const bytes = client
      .of('response.output_audio.delta')
      .reduce((sum, event) => sum + Buffer.from(stringAt(event, 'delta'), 'base64').length, 0);
    expect(bytes).toBe(800 * 48);
  });

  it('answers in text when that is the modality', async () => {
    await harness.ask(client, update({ output_modalities: ['text'] }));
    const from = client.events.length;
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(5_000);
    expect(folded(client.types(from)).slice(5)).toEqual([
      'response.created',
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    expect(at(client.last('response.done'), 'response.output.0.content.0')).toEqual({
      type: 'output_text',
      text: 'one two three four five',
    });
  });

  it('completes with an empty output when there is nothing to say', async () => {
    harness.responder.text = '';
    harness.responder.durationMs = 0;
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(5_000);
    expect(client.types().slice(-3)).toEqual(['response.created', 'response.done', 'rate_limits.updated']);
    expect(client.last('response.done')['response']).toMatchObject({ status: 'completed', output: [] });
  });

  it('cancels its response when somebody speaks, and closes what it had opened', async () => {
    harness.responder.durationMs = 20_000;
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(600);
    const from = client.events.length;
    await harness.speak(client, babble(400));
    expect(client.types(from)).toEqual(['input_audio_buffer.speech_started', ...RESPONSE_END]);
    const response = client.last('response.done')['response'];
    expect(response).toMatchObject({
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'turn_detected' },
    });
    expect(at(response, 'output.0.status')).toBe('incomplete');
  });

  it('lets the response go on when it may not be interrupted', async () => {
    await harness.ask(client, detection({ type: 'server_vad', interrupt_response: false }));
    harness.responder.durationMs = 4_000;
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(400);
    await harness.speak(client, join(babble(800), silence(400)));
    expect(client.error).toMatchObject({ code: 'conversation_already_has_active_response', event_id: null });
    await harness.advance(5_000);
    expect(client.of('response.done').map((event) => at(event, 'response.status'))).toEqual(['completed']);
    const from = client.events.length;
    await harness.ask(client, { type: 'response.create' });
    expect(client.types(from)).toEqual(['response.created']);
    await harness.advance(5_000);
    expect(at(client.last('response.done'), 'response.output.0.content.0.transcript')).toBe(
      'one two three four five',
    );
  });

  it('answers only when asked with create_response off, several turns together and in order', async () => {
    await harness.ask(client, detection({ type: 'server_vad', create_response: false }));
    harness.responder.text = 'first';
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(1_000);
    expect(client.of('response.created')).toHaveLength(0);
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(at(client.last('response.done'), 'response.output.0.content.0.transcript')).toBe('first first');
    await harness.ask(client, { type: 'response.create' });
    await harness.advance(5_000);
    expect(at(client.last('response.done'), 'response.output')).toEqual([]);
  });
});
